//! The PingOne environment that jobs run against.

use std::sync::Arc;

use pingone::{Client, Config, ConfigError, Filter, NewPopulation, Population, PopulationChange, Schema};
use url::Position;
use uuid::Uuid;

use super::Error;
use crate::metrics;
use crate::plan::Directory;

/// A connection to one PingOne environment. Cloning gives another handle to the same.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The client that jobs send their requests through.
    pub client: Client,
    /// The environment's id.
    pub environment: String,
    /// The region's code, when the hosts are a region's.
    pub region: Option<String>,
    /// The API's host name.
    pub api_host: String,
    /// Whether it is the embedded simulator.
    pub simulator: bool,
    /// Goes first and gives up sooner, because somebody is waiting for the answer.
    hasty: Client,
}

impl Connection {
    /// A connection by `config`; nothing is sent yet.
    ///
    /// # Errors
    /// When the configuration cannot work.
    pub fn new(mut config: Config, simulator: bool) -> Result<Self, ConfigError> {
        config.observer = Some(metrics::pingone_observer());
        let client = Client::new(config)?;
        let config = client.config();
        Ok(Self {
            environment: config.environment.to_string(),
            region: config.region().map(|region| region.code().to_owned()),
            api_host: config.api_url[Position::BeforeHost..Position::AfterPort].to_owned(),
            simulator,
            hasty: client.hasty(),
            client,
        })
    }

    /// The environment's attributes and populations, asked for now.
    ///
    /// # Errors
    /// When PingOne cannot be reached or does not let us.
    pub async fn directory(&self) -> Result<Arc<Directory>, Error> {
        let (schema, populations) = tokio::try_join!(self.schema(), self.populations())?;
        Ok(Arc::new(Directory::new(schema, populations)))
    }

    /// The environment's attributes, asked for now.
    ///
    /// # Errors
    /// When PingOne cannot be reached or does not let us.
    pub async fn schema(&self) -> Result<Schema, Error> {
        self.hasty.schema().await.map_err(|error| Error::pingone(&error))
    }

    /// The environment's populations, asked for now.
    ///
    /// # Errors
    /// When PingOne cannot be reached or does not let us.
    pub async fn populations(&self) -> Result<Vec<Population>, Error> {
        self.hasty.populations().await.map_err(|error| Error::pingone(&error))
    }

    /// Creates a population.
    ///
    /// # Errors
    /// When PingOne refuses it or cannot be asked.
    pub async fn add_population(&self, population: &NewPopulation) -> Result<Population, Error> {
        self.hasty.add_population(population).await.map_err(|error| Error::refused(&error))
    }

    /// Changes a population.
    ///
    /// # Errors
    /// When PingOne refuses it or cannot be asked.
    pub async fn change_population(&self, id: Uuid, change: &PopulationChange) -> Result<Population, Error> {
        self.hasty.update_population(id, change).await.map_err(|error| Error::refused(&error))
    }

    /// Deletes a population, which must be empty.
    ///
    /// # Errors
    /// When it is not, or PingOne cannot be asked.
    pub async fn delete_population(&self, id: Uuid) -> Result<(), Error> {
        self.hasty.delete_population(id).await.map_err(|error| Error::refused(&error))
    }

    /// Checks that a population could be called `name`: one of the others, or the one with the id `own`.
    ///
    /// # Errors
    /// When it could not, or PingOne cannot be asked.
    pub async fn check_population_name(&self, name: &str, own: Option<Uuid>) -> Result<(), Error> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Error::WouldBeRefused("a population needs a name, and this one is blank".to_owned()));
        }
        let others = self.populations().await?.into_iter().filter(|it| Some(it.id) != own);
        match others.into_iter().find(|it| it.name == name) {
            Some(taken) => {
                let message = format!("{name:?} is the name of population {} already", taken.id);
                Err(Error::WouldBeRefused(message))
            }
            None => Ok(()),
        }
    }

    /// Checks that a population could be deleted: that it is empty, not the default and not the last.
    ///
    /// # Errors
    /// When it could not, or PingOne cannot be asked.
    pub async fn check_population_goes(&self, population: &Population) -> Result<(), Error> {
        let refuse =
            |reason: &str| Err(Error::WouldBeRefused(format!("population {:?} {reason}", population.name)));
        if population.default {
            return refuse("is the default; make another one the default before");
        }
        if self.populations().await?.len() <= 1 {
            return refuse("is the last one");
        }
        match has_users(&self.hasty, population.id).await.map_err(|error| Error::pingone(&error))? {
            true => refuse("has users; to delete them, too: delete --population NAME --delete-population"),
            false => Ok(()),
        }
    }

    /// Creates a population with nothing but a name.
    pub(super) async fn create_population(&self, name: &str) -> Result<Population, Error> {
        self.hasty.create_population(name).await.map_err(|error| Error::pingone(&error))
    }
}

/// Whether a population has users, whatever PingOne counts: its count may lag behind.
pub(super) async fn has_users(client: &Client, population: Uuid) -> Result<bool, pingone::Error> {
    let filter = Filter::population(population);
    // A page may be empty before the last.
    let mut pages = client.users(Some(&filter));
    while let Some(page) = pages.next().await? {
        if !page.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
