//! One thing that is wrong with a row.

use super::header::Header;

/// One thing that is wrong with a row, found before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The header of the column at fault.
    pub column: Option<String>,
    /// Its place in the file, from 1.
    pub number: Option<u64>,
    /// The attribute at fault.
    pub target: Option<String>,
    /// A stable word for programs, PingOne's own where it has one.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl Issue {
    /// The same, at the column with this index.
    pub(super) fn at(self, header: &Header, index: usize) -> Self {
        Self { number: Some(header.number(index)), ..self }
    }

    pub(super) fn new(column: Option<String>, code: &'static str, message: String) -> Self {
        Self { column, number: None, target: None, code, message }
    }
}
