//! How a file is understood, before anything is done with it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::jobs::PopulationRef;

/// How a file is understood: the body of `POST /api/preview`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// The format: `csv`, `json` or `xlsx`.
    pub format: String,
    /// The encoding's name, for example `UTF-8`.
    pub encoding: String,
    /// The delimiter, as it stands in the file.
    pub delimiter: String,
    /// Rows, the header not counted.
    pub total: u64,
    /// Rows that would be sent.
    pub valid: u64,
    /// Rows that would fail.
    pub invalid: u64,
    /// Rows that would be skipped because an earlier row has the same username.
    pub duplicates: u64,
    /// The population of rows that name none.
    pub population: Option<PopulationRef>,
    /// The columns in the order of the file.
    pub columns: Vec<Column>,
    /// What is wrong with the first rows that have something wrong, at most 100. Where no column names the users
    /// and one without a meaning may be meant to, that is the one problem, with the line of the header and the row 0, and
    /// every row is invalid.
    pub problems: Vec<Problem>,
    /// What looks wrong with the file and keeps nothing from being sent.
    #[serde(default)]
    pub warnings: Vec<PreviewWarning>,
    /// The first rows as they stand in the file, at most 5.
    pub sample_rows: Vec<Vec<String>>,
    /// The same rows as they would be sent.
    pub requests: Vec<RowRequest>,
}

/// What one row would have sent to PingOne. Passwords are never shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowRequest {
    /// The row's number, from 1, the header not counted.
    pub row: u64,
    /// The user as PingOne would get it, or what is to be changed of it; nothing for a row that is not sent.
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
}

/// One column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// Its place, from 0.
    pub index: usize,
    /// Its name in the file.
    pub header: String,
    /// The attribute it sets.
    pub attribute: Option<String>,
    /// What is done with it.
    pub status: ColumnStatus,
    /// For an unknown column, the attribute it may have meant.
    pub suggestion: Option<String>,
    /// The first values in it, at most 3. Passwords are never shown.
    pub samples: Vec<String>,
}

/// What is done with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnStatus {
    /// It sets an attribute.
    Mapped,
    /// It names no attribute, which is an error unless unknown columns are to be ignored.
    Unknown,
    /// It is left out: read-only in PingOne, a reason in a file of rejects, or unknown and told to ignore.
    Ignored,
}

/// What looks wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviewWarning {
    /// A stable word for programs: `surplus_cells` or `missing_cells`, as in a job.
    pub code: String,
    /// What it is, where, and what it means.
    pub message: String,
}

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The row's number, from 1, the header not counted.
    pub row: u64,
    /// The physical line on which the row begins, from 1.
    pub line: u64,
    /// The header of the column at fault.
    pub column: Option<String>,
    /// The place of that column, from 1.
    pub number: Option<u64>,
    /// A stable word for programs.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
}
