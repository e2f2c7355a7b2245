use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A set of users in an environment; every user is in exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Population {
    /// Identifies the population in its environment.
    pub id: Uuid,
    /// Unique in the environment.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// Whether users that name no population go here. At most one population is the default.
    #[serde(default)]
    pub default: bool,
    /// Number of users, as PingOne counts them; may lag behind.
    pub user_count: Option<u64>,
}

/// A population to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewPopulation {
    /// Unique in the environment.
    pub name: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it becomes the default population instead of the present one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
}

impl NewPopulation {
    /// A population with nothing but a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), description: None, default: false }
    }
}

/// What to change in a population; `None` keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PopulationChange {
    /// Name, unique in the environment.
    pub name: Option<String>,
    /// Free text; the empty one clears.
    pub description: Option<String>,
    /// Whether users that name no population go here.
    pub default: Option<bool>,
}

impl PopulationChange {
    /// Writes the change over a population as PingOne shows it.
    pub(crate) fn apply(&self, population: &mut Map<String, Value>) {
        if let Some(name) = &self.name {
            population.insert("name".to_owned(), name.as_str().into());
        }
        match self.description.as_deref() {
            None => {}
            // The order of the other members does not matter to PingOne, but it does to whoever reads a log.
            Some("") => drop(population.shift_remove("description")),
            Some(text) => drop(population.insert("description".to_owned(), text.into())),
        }
        if let Some(default) = self.default {
            population.insert("default".to_owned(), default.into());
        }
    }
}
