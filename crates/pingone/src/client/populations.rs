use reqwest::Method;
use serde::Deserialize;
use uuid::Uuid;

use super::{Client, call::JSON, create::Found};
use crate::{Attribute, Error, NewPopulation, Population, Schema};

impl Client {
    /// Every population, in PingOne's order.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn populations(&self) -> Result<Vec<Population>, Error> {
        let first = self.shared.call(Method::GET, &["populations"]);
        self.shared.collect(first, |list: Populations| list.populations).await
    }

    /// Creates a population; a name that is taken is a uniqueness violation.
    ///
    /// A population of this name that is there after an answer was lost counts as the one that was created.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn create_population(&self, name: &str) -> Result<Population, Error> {
        let body = NewPopulation { name: name.to_owned(), description: None };
        let call = self.shared.call(Method::POST, &["populations"]).with_body(JSON, &body);
        let find = || async {
            let found = self.populations().await?.into_iter().find(|population| population.name == name);
            Ok(found.map_or(Found::Nothing, Found::Ours))
        };
        self.shared.create(&call, find).await
    }

    /// The attributes that users of this environment may have.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn schema(&self) -> Result<Schema, Error> {
        let schemas = self.shared.call(Method::GET, &["schemas"]);
        let schemas: Vec<SchemaHead> = self.shared.collect(schemas, |list: Schemas| list.schemas).await?;
        let user =
            schemas.iter().find(|schema| schema.name.as_deref() == Some("User")).or_else(|| schemas.first());
        let Some(SchemaHead { id, .. }) = user else {
            return Ok(Schema::default());
        };
        let attributes = self.shared.call(Method::GET, &["schemas", &id.to_string(), "attributes"]);
        let attributes = self.shared.collect(attributes, |list: Attributes| list.attributes).await?;
        Ok(Schema { id: Some(*id), attributes })
    }
}

#[derive(Deserialize)]
struct Populations {
    #[serde(default)]
    populations: Vec<Population>,
}

#[derive(Deserialize)]
struct Schemas {
    #[serde(default)]
    schemas: Vec<SchemaHead>,
}

#[derive(Deserialize)]
struct SchemaHead {
    id: Uuid,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(default)]
    attributes: Vec<Attribute>,
}
