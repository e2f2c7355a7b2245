//! The user schema: which attributes exist, what they accept, and how the API shows them.

mod body;
mod custom;
mod definitions;
mod rules;

pub use custom::{CustomAttribute, CustomType};

pub(crate) use body::{attribute, attributes, schema, schemas};
pub(crate) use rules::username;

use definitions::{Definition, STANDARD};
use uuid::Uuid;

use crate::ids::Ids;

/// The attributes of one environment.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) id: Uuid,
    /// One id per standard attribute, sub-attributes behind their parent, then one per custom attribute.
    attribute_ids: Vec<Uuid>,
    pub(crate) custom: Vec<custom::Compiled>,
}

impl Schema {
    pub(crate) fn new(custom: &[CustomAttribute], ids: &Ids) -> Self {
        let standard: usize = STANDARD.iter().map(|definition| 1 + definition.children.len()).sum();
        Self {
            id: ids.uuid(),
            attribute_ids: (0..standard + custom.len()).map(|_| ids.uuid()).collect(),
            custom: custom.iter().map(custom::Compiled::new).collect(),
        }
    }

    fn standard(name: &str) -> Option<&'static Definition> {
        STANDARD.iter().find(|definition| definition.name == name)
    }

    fn custom(&self, name: &str) -> Option<&custom::Compiled> {
        self.custom.iter().find(|custom| custom.attribute.name == name)
    }

    /// Whether users can be searched by the attribute at `path`, which is written as PingOne writes it.
    pub(crate) fn is_filterable(&self, path: &str) -> bool {
        FILTERABLE.contains(&path)
            || self.custom(path).is_some_and(|custom| custom.attribute.kind == CustomType::String)
    }
}

/// Attributes that the documentation of the SCIM filter language lists for users.
pub(crate) const FILTERABLE: [&str; 26] = [
    "accountId",
    "address.countryCode",
    "address.locality",
    "address.postalCode",
    "address.region",
    "address.streetAddress",
    "email",
    "enabled",
    "externalId",
    "locale",
    "mobilePhone",
    "name.family",
    "name.formatted",
    "name.given",
    "name.honorificPrefix",
    "name.honorificSuffix",
    "name.middle",
    "nickname",
    "photo.href",
    "population.id",
    "preferredLanguage",
    "primaryPhone",
    "timezone",
    "title",
    "type",
    "username",
];
