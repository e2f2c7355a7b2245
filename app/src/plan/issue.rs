//! One thing that is wrong with a row.

/// One thing that is wrong with a row, found before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The header of the column at fault.
    pub column: Option<String>,
    /// The attribute at fault.
    pub target: Option<String>,
    /// A stable word for programs, PingOne's own where it has one.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl Issue {
    pub(super) fn new(column: Option<String>, code: &'static str, message: String) -> Self {
        Self { column, target: None, code, message }
    }
}
