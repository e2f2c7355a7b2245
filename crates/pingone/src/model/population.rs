use serde::{Deserialize, Serialize};
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
}
