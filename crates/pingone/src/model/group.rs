use serde::Deserialize;
use uuid::Uuid;

use super::Reference;

/// A set of users; a user can be in many.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Identifies the group in its environment.
    pub id: Uuid,
    /// Unique among the groups of its population, or among those of none.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    population: Option<Reference>,
}

impl Group {
    /// The population whose users may be in the group; `None` for all.
    pub fn population(&self) -> Option<Uuid> {
        self.population.as_ref().map(|population| population.id)
    }
}
