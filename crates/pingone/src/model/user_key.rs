use uuid::Uuid;

use super::User;
use crate::{AttributePath, Filter};

/// What a user is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UserKey {
    /// PingOne's own id.
    Id(Uuid),
    /// The username, letter case ignored. PingOne lets no two users have the same.
    Username(String),
    /// The e-mail address, letter case ignored. Several users may have the same.
    Email(String),
    /// The external id, letter case counted. Several users may have the same.
    ExternalId(String),
}

impl UserKey {
    /// Whether `user` is one that the key names.
    pub fn names(&self, user: &User) -> bool {
        match self {
            Self::Id(id) => user.id == *id,
            Self::Username(name) => same(&user.username, name),
            Self::Email(address) => user.email().is_some_and(|email| same(email, address)),
            Self::ExternalId(id) => user.attribute("externalId").is_some_and(|value| value == id.as_str()),
        }
    }

    /// The filter that finds the user; `None` for an id, which has a path of its own.
    pub(crate) fn filter(&self) -> Option<Filter> {
        match self {
            Self::Id(_) => None,
            Self::Username(name) => Some(Filter::username(name)),
            Self::Email(address) => Some(Filter::eq(AttributePath::EMAIL, address.as_str())),
            Self::ExternalId(id) => Some(Filter::eq(AttributePath::EXTERNAL_ID, id.as_str())),
        }
    }

    /// The id, or the nil one, which nobody has.
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::Id(id) => *id,
            Self::Username(_) | Self::Email(_) | Self::ExternalId(_) => Uuid::nil(),
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}
