use serde::{Deserialize, Serialize};

/// How a rate limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateWindow {
    /// A bucket of permits that fills evenly.
    Bucket,
    /// A number of permits for each second by the clock.
    Second,
}

/// Form of a `Retry-After` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfterForm {
    /// A number of seconds.
    Seconds,
    /// A date.
    HttpDate,
    /// No header.
    Absent,
}

/// What a cursor stands for while users are created and deleted between two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CursorKind {
    /// A place in the list: nobody is left out, and who is created in the meantime comes at the end.
    Place,
    /// A number of users to pass over: who is deleted before that place moves the others up, so that as many are
    /// left out.
    Offset,
    /// The list as it was at the first page: who is created in the meantime is not on a later one.
    Snapshot,
}

/// Which clear-text passwords must satisfy the password policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordPolicy {
    /// Those of imports and those that are set.
    Always,
    /// Those that are set, but not those of imports.
    NotInImports,
    /// None.
    Never,
}
