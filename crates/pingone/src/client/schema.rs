use reqwest::Method;
use serde::Deserialize;
use uuid::Uuid;

use super::Client;
use crate::{Attribute, Error, Schema};

impl Client {
    /// The attributes that users of this environment may have.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn schema(&self) -> Result<Schema, Error> {
        let schemas = self.call(Method::GET, &["schemas"]);
        let schemas: Vec<SchemaHead> = self.shared.collect(schemas, |list: Schemas| list.schemas).await?;
        let user =
            schemas.iter().find(|schema| schema.name.as_deref() == Some("User")).or_else(|| schemas.first());
        let Some(SchemaHead { id, .. }) = user else {
            return Ok(Schema::default());
        };
        let attributes = self.call(Method::GET, &["schemas", &id.to_string(), "attributes"]);
        let attributes = self.shared.collect(attributes, |list: Attributes| list.attributes).await?;
        Ok(Schema { id: Some(*id), attributes })
    }
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
