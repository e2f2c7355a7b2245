use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Client,
    call::JSON,
    create::{Earlier, Found},
};
use crate::{Error, NewPopulation, Population, PopulationChange};

impl Client {
    /// Every population, in PingOne's order.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn populations(&self) -> Result<Vec<Population>, Error> {
        let first = self.call(Method::GET, &["populations"]);
        self.shared.collect(first, |list: Populations| list.populations).await
    }

    /// Reads a population; a missing one is an error for which [`Error::is_not_found`] holds.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn population(&self, id: Uuid) -> Result<Population, Error> {
        let call = self.call(Method::GET, &["populations", &id.to_string()]);
        self.shared.send(&call).await?.json()
    }

    /// The population with exactly this name.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn population_by_name(&self, name: &str) -> Result<Option<Population>, Error> {
        Ok(self.populations().await?.into_iter().find(|population| population.name == name))
    }

    /// Creates a population with nothing but a name: see [`add_population`](Self::add_population).
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn create_population(&self, name: &str) -> Result<Population, Error> {
        self.add_population(&NewPopulation::new(name)).await
    }

    /// Creates a population; a name that is taken is a uniqueness violation.
    ///
    /// A population of this name that is there after an answer was lost counts as the one that was created.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn add_population(&self, population: &NewPopulation) -> Result<Population, Error> {
        let call = self.call(Method::POST, &["populations"]).with_body(JSON, population);
        let find = || async {
            let found = self.population_by_name(&population.name).await?;
            Ok(found.map_or(Found::Nothing, Found::Ours))
        };
        self.shared.create(&call, find, Earlier::None).await
    }

    /// Renames a population.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn rename_population(&self, id: Uuid, name: &str) -> Result<Population, Error> {
        self.update_population(id, &PopulationChange { name: Some(name.to_owned()), ..Default::default() })
            .await
    }

    /// Makes a population the one for users that name none. The one that was it before is so no more.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_default_population(&self, id: Uuid) -> Result<Population, Error> {
        self.update_population(id, &PopulationChange { default: Some(true), ..Default::default() }).await
    }

    /// Changes what `change` names and keeps the rest.
    ///
    /// PingOne can only replace a population as a whole, so it is read first; what somebody else changes between
    /// the two requests is overwritten.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn update_population(&self, id: Uuid, change: &PopulationChange) -> Result<Population, Error> {
        let path = ["populations", &id.to_string()];
        let mut body: Map<String, Value> = self.shared.send(&self.call(Method::GET, &path)).await?.json()?;
        body.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
        change.apply(&mut body);
        self.shared.send(&self.call(Method::PUT, &path).with_body(JSON, &body)).await?.json()
    }

    /// Deletes a population, which must be empty and not the last; one that does not exist any more counts as
    /// deleted.
    ///
    /// # Errors
    /// [`Error::is_constraint_violation`] holds when it has users or is the last one; otherwise as every call.
    pub async fn delete_population(&self, id: Uuid) -> Result<(), Error> {
        let call = self.call(Method::DELETE, &["populations", &id.to_string()]);
        match self.shared.send(&call).await {
            Err(error) if error.is_not_found() => Ok(()),
            result => result.map(|_| ()),
        }
    }
}

#[derive(Deserialize)]
struct Populations {
    #[serde(default)]
    populations: Vec<Population>,
}

/// What PingOne puts into a population and nobody may put back.
const READ_ONLY: [&str; 7] =
    ["_links", "_embedded", "id", "environment", "userCount", "createdAt", "updatedAt"];
