//! What one row of a file would do.

use pingone::NewUser;

use super::change::Change;
use super::issue::Issue;

/// What one row of a file would do.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRow {
    /// The row's number, from 1, the header not counted.
    pub row: u64,
    /// The physical line on which it begins, from 1.
    pub line: u64,
    /// What the row names its user by, as it stands in the file; empty when it does not.
    pub key: String,
    /// What it would do.
    pub action: Action,
}

/// What one row of a file would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Create a user.
    Create(Box<Creation>),
    /// Change a user, or create it where there is none and the change says so.
    Change(Box<Change>),
    /// Nothing but name a user.
    Find,
    /// Nothing, because the row cannot be right; at least one reason.
    Refuse(Vec<Issue>),
    /// Nothing, because an earlier row names the same user.
    Repeat {
        /// The earlier row's number.
        first: u64,
    },
}

/// A user to create.
#[derive(Clone, Debug, PartialEq)]
pub struct Creation {
    /// The user as it is sent.
    pub user: NewUser,
    /// Whether the user is disabled with a second request, because a create ignores `enabled`.
    pub disabled: bool,
    /// Attributes that every user must have and the row has no value for. A row that might change a user instead is
    /// right without them, and PingOne would refuse to create the user.
    pub missing: Vec<String>,
}
