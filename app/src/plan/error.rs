//! What can be wrong with a file as a whole, so that no job can be made of it.

use std::io;

use thiserror::Error;

use super::unknown::UnknownColumns;
use crate::disk::{DISK_FULL, is_full};

/// A file that cannot be imported at all.
///
/// The message says what is wrong, where, and what to do about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is no such file.
    #[error("the file {path:?} does not exist; check the name and the folder")]
    Missing {
        /// The path as it was given.
        path: String,
    },
    /// The file exists and cannot be read.
    #[error(
        "the file {path:?} cannot be read: {source}; check that you may read it and that it is not a folder"
    )]
    Unreadable {
        /// The path as it was given.
        path: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is nothing in the file.
    #[error("the file is empty; it needs a header line such as username,email,given name,family name")]
    Empty,
    /// There is a header and nothing else.
    #[error("the file has a header and no rows; add one line for each user below line {line}")]
    NoRows {
        /// The line of the header.
        line: u64,
    },
    /// The file is something else than text.
    #[error("the file is {what}, not text; save it as CSV (UTF-8) and import that")]
    NotText {
        /// What the first bytes look like.
        what: &'static str,
    },
    /// The file begins as JSON and does not go on so.
    #[error("line {line}, column {column} of the file is not valid JSON: {reason}; mend it and try again")]
    Json {
        /// The physical line.
        line: u64,
        /// The character within the line, from 1.
        column: u64,
        /// What is wrong.
        reason: String,
    },
    /// The file looks like an Excel workbook and cannot be read as one.
    #[error("the workbook cannot be read: {reason}; save it anew, or save it as CSV (UTF-8) and import that")]
    Workbook {
        /// What is wrong.
        reason: String,
    },
    /// The header line itself cannot be read.
    #[error(
        "the header on line {line}, column {column} cannot be read: {reason}; mend the first line of the file"
    )]
    Header {
        /// The physical line.
        line: u64,
        /// The character within the line, from 1.
        column: u64,
        /// What is wrong.
        reason: String,
    },
    /// No column holds usernames.
    #[error(
        "the header on line {line} has no username column (it has: {found}); {}name the column username, say which \
         one it is (--map \"{}=username\", or the option mapping of the API), or check the delimiter (taken to be \
         {delimiter})",
        similar.as_ref().map(|column| format!("did you mean {column:?}? ")).unwrap_or_default(),
        similar.as_deref().unwrap_or("COLUMN")
    )]
    NoUsername {
        /// The line of the header.
        line: u64,
        /// The columns that are there.
        found: String,
        /// The column that may have been meant.
        similar: Option<String>,
        /// The delimiter in words.
        delimiter: &'static str,
    },
    /// No column holds what users are matched by.
    #[error(
        "the header on line {line} has no column for {attribute}, by which users are matched (it has: {found}); \
         {}name the column {attribute}, say which one it is (--map \"{}={attribute}\", or the option mapping of the \
         API), match by another attribute (--match-by), or check the delimiter (taken to be {delimiter})",
        similar.as_ref().map(|column| format!("did you mean {column:?}? ")).unwrap_or_default(),
        similar.as_deref().unwrap_or("COLUMN")
    )]
    NoKey {
        /// The line of the header.
        line: u64,
        /// The columns that are there.
        found: String,
        /// The attribute that users are matched by.
        attribute: &'static str,
        /// The column that may have been meant.
        similar: Option<String>,
        /// The delimiter in words.
        delimiter: &'static str,
    },
    /// Columns name no attribute.
    #[error(
        "line {line} has columns that name no attribute of a PingOne user: {columns}; rename them, say what one means \
         (--map {}, or the option mapping of the API), or leave such columns out (--ignore-unknown-columns, or \
         ignore_unknown_columns)", columns.example()
    )]
    UnknownColumn {
        /// The line of the header.
        line: u64,
        /// The columns; at least one.
        columns: UnknownColumns,
    },
    /// A mapping says that a column means what is no attribute.
    #[error(
        "column {header:?} is mapped to {path:?}, which is no attribute of a PingOne user{}; correct the mapping, \
         or leave the column out with a blank attribute (--map \"{header}=\")",
        suggestion.as_ref().map(|attribute| format!("; did you mean {attribute}?")).unwrap_or_default()
    )]
    UnknownTarget {
        /// The line of the header.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// Its name.
        header: String,
        /// What it is mapped to.
        path: String,
        /// The attribute that may have been meant.
        suggestion: Option<String>,
    },
    /// A mapping says that a column means what nobody can set.
    #[error(
        "column {header:?} is mapped to {path:?}, which PingOne sets by itself and nobody else can{}; correct the \
         mapping, or leave the column out with a blank attribute (--map \"{header}=\")",
        suggestion.as_ref().map(|attribute| format!("; did you mean {attribute}?")).unwrap_or_default()
    )]
    ReadOnlyTarget {
        /// The line of the header.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// Its name.
        header: String,
        /// What it is mapped to.
        path: String,
        /// The attribute that may have been meant.
        suggestion: Option<String>,
    },
    /// A mapping names a column that is not there.
    #[error(
        "the mapping names the column {header:?}, which the header on line {line} does not have{}; it has: {found}; \
         correct the mapping (--map), or leave that column out of it",
        suggestion.as_ref().map(|column| format!("; did you mean {column:?}?")).unwrap_or_default()
    )]
    MappedColumnMissing {
        /// The line of the header.
        line: u64,
        /// The column that is missing.
        header: String,
        /// The columns that are there.
        found: String,
        /// The column that may have been meant.
        suggestion: Option<String>,
    },
    /// Two columns name one attribute.
    #[error(
        "columns {first} ({first_header:?}) and {second} ({second_header:?}) of line {line} \
         both mean {attribute}; remove or rename one of them"
    )]
    RepeatedColumn {
        /// The line of the header.
        line: u64,
        /// The first of the two columns, from 1.
        first: u64,
        /// Its name.
        first_header: String,
        /// The second of the two columns, from 1.
        second: u64,
        /// Its name.
        second_header: String,
        /// The attribute that both mean.
        attribute: String,
    },
    /// The encoding asked for does not exist.
    #[error("the encoding {label:?} is not known; use utf-8, utf-16le, utf-16be or windows-1252")]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// The delimiter asked for is not one we take.
    #[error("the delimiter {delimiter:?} is not supported; use a comma, a semicolon, a tab or |")]
    UnknownDelimiter {
        /// What was asked for.
        delimiter: char,
    },
    /// What has to be kept on the disk to work with the file cannot be.
    #[error("there is no place on the disk to work with the file: {source}; make room for it and try again")]
    Unwritable {
        /// What the operating system says.
        source: io::Error,
    },
    /// The file changed or went away while it was read.
    #[error("reading the file failed after line {line}: {source}")]
    Interrupted {
        /// The last line that was read.
        line: u64,
        /// What the operating system says.
        source: io::Error,
    },
}

impl FileError {
    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "file_missing",
            Self::Unreadable { .. } => "file_unreadable",
            Self::Empty => "file_empty",
            Self::NoRows { .. } => "file_without_rows",
            Self::NotText { .. } => "file_not_text",
            Self::Json { .. } => "json_unreadable",
            Self::Workbook { .. } => "workbook_unreadable",
            Self::Header { .. } => "header_unreadable",
            Self::NoUsername { .. } => "username_column_missing",
            Self::NoKey { .. } => "key_column_missing",
            Self::UnknownColumn { .. } => "unknown_column",
            Self::UnknownTarget { .. } => "unknown_attribute",
            Self::ReadOnlyTarget { .. } => "read_only_attribute",
            Self::MappedColumnMissing { .. } => "mapped_column_missing",
            Self::RepeatedColumn { .. } => "repeated_column",
            Self::UnknownEncoding { .. } => "unknown_encoding",
            Self::UnknownDelimiter { .. } => "unknown_delimiter",
            Self::Unwritable { source } if is_full(source) => DISK_FULL,
            Self::Unwritable { .. } => "disk_failed",
            Self::Interrupted { .. } => "file_interrupted",
        }
    }

    /// The physical line at fault, from 1.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::NoRows { line }
            | Self::Header { line, .. }
            | Self::Json { line, .. }
            | Self::NoUsername { line, .. }
            | Self::NoKey { line, .. }
            | Self::UnknownColumn { line, .. }
            | Self::UnknownTarget { line, .. }
            | Self::ReadOnlyTarget { line, .. }
            | Self::MappedColumnMissing { line, .. }
            | Self::RepeatedColumn { line, .. }
            | Self::Interrupted { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// The column at fault, from 1: a column of the table, or for [`FileError::Header`] a character of the line.
    pub fn column(&self) -> Option<u64> {
        match self {
            Self::Header { column, .. }
            | Self::Json { column, .. }
            | Self::UnknownTarget { column, .. }
            | Self::ReadOnlyTarget { column, .. } => Some(*column),
            Self::UnknownColumn { columns, .. } => columns.iter().next().map(|column| column.number),
            Self::RepeatedColumn { second, .. } => Some(*second),
            _ => None,
        }
    }
}
