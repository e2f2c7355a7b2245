//! What the rows of a file are for, and how a row names its user.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the rows of a file are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Each row is a user to create.
    #[default]
    Create,
    /// Each row is a user to change, or to create where there is none.
    CreateOrChange,
    /// Each row is a user to change.
    Change,
    /// Each row only names a user.
    Find,
}

/// By which attribute a row and a user of PingOne are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// The username; letter case does not count.
    #[default]
    Username,
    /// The e-mail address; letter case does not count.
    Email,
    /// The customer's own id, `externalId`.
    ExternalId,
    /// PingOne's id, in a column named `id` or `userId`.
    Id,
}

impl MatchBy {
    /// The attribute's name in PingOne.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::ExternalId => "externalId",
            Self::Id => "id",
        }
    }
}

impl Purpose {
    /// Whether a row that names nobody by this purpose can be right.
    pub(super) fn needs_username(self) -> bool {
        self == Self::Create
    }
}
