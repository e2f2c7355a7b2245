//! What a row wants of a user that exists, and how far the user is from it.

use pingone::{NewPassword, User};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::row::Creation;

/// What a row wants of a user that exists. What it does not mention stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Attributes as PingOne names them, complex ones nested, and the values that they are to have; `null` clears.
    pub attributes: Map<String, Value>,
    /// The population that the row names.
    pub population: Option<Uuid>,
    /// Whether the user may sign on.
    pub enabled: Option<bool>,
    /// A password to set. It cannot be compared, so it is always a change.
    pub password: Option<NewPassword>,
    /// The user to create where there is none, if that is wanted.
    pub creation: Option<Creation>,
}

/// The part of a [`Change`] that a user does not have yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// The body of a PATCH; empty when no attribute differs.
    pub attributes: Map<String, Value>,
    /// Where the user has to be moved.
    pub population: Option<Uuid>,
    /// Whether the user is to be enabled or disabled.
    pub enabled: Option<bool>,
    /// The password to set.
    pub password: Option<NewPassword>,
}

impl Change {
    /// What has to be changed of `user`.
    pub fn against(&self, user: &User) -> Difference {
        Difference {
            attributes: user.changes_to(&self.attributes),
            population: self.population.filter(|population| *population != user.population),
            enabled: self.enabled.filter(|enabled| *enabled != user.enabled),
            password: self.password.clone(),
        }
    }
}

impl Difference {
    /// Whether the user already is as the row wants it.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
            && self.population.is_none()
            && self.enabled.is_none()
            && self.password.is_none()
    }
}
