//! Users that are never deleted.

use std::collections::HashSet;

use uuid::Uuid;

/// The users that are never deleted, by username or id; letter case does not count.
#[derive(Clone, Debug, Default)]
pub(super) struct Protected(HashSet<String>);

impl Protected {
    pub(super) fn new(names: &[String]) -> Self {
        let names = names.iter().map(|name| name.trim().to_lowercase());
        Self(names.filter(|name| !name.is_empty()).collect())
    }

    pub(super) fn holds(&self, username: &str, id: Uuid) -> bool {
        !self.0.is_empty() && (self.0.contains(&username.to_lowercase()) || self.0.contains(&id.to_string()))
    }
}
