//! A file that is opened, understood, and planned row by row.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;
use pingone::Schema;
use uuid::Uuid;

use super::dialect::{DELIMITERS, Dialect};
use super::directory::Directory;
use super::duplicates::Duplicates;
use super::encoding::{self, Utf8Reader};
use super::header::{Header, Target};
use super::purpose::{MatchBy, Purpose};
use super::reader::RecordReader;
use super::record::Record;
use super::row::{Action, PlannedRow, Rules};
use super::{FileError, Preview, attributes};

/// How a file is to be understood, as far as that is not found out from the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The delimiter. Default: detected.
    pub delimiter: Option<char>,
    /// The encoding's label. Default: detected.
    pub encoding: Option<String>,
    /// Whether columns that name no attribute are left out. Default: they are refused.
    pub ignore_unknown_columns: bool,
    /// The population of rows that name none.
    pub population: Option<Uuid>,
    /// What the rows are for. Default: each is a user to create.
    pub purpose: Purpose,
    /// By what rows name their users. Default: the username.
    pub key: MatchBy,
    /// What a cell holds that is to clear its attribute. Default: nothing clears.
    pub clear_marker: Option<String>,
    /// Whether users are disabled whose row does not say. Default: no.
    pub default_disabled: bool,
    /// Whether passwords must be changed at the next sign-on where the row does not say. Default: no.
    pub force_change: bool,
    /// What columns mean whose names do not say it: names and paths of attributes; a blank path leaves one out.
    pub mapping: BTreeMap<String, String>,
}

impl Reading {
    /// What the column called `name` sets.
    pub(super) fn target(&self, name: &str, schema: &Schema) -> Target {
        let normal = attributes::normal(name);
        let mapped = self.mapping.iter().find(|(known, _)| attributes::normal(known) == normal);
        match mapped {
            Some((_, path)) if path.trim().is_empty() => Target::Ignored,
            Some((_, path)) => attributes::target(path, schema),
            None => attributes::target(name, schema),
        }
    }
}

/// A file that is opened and whose header is understood.
///
/// Memory does not grow with the file, but for 16 bytes a row to tell repeated usernames.
#[derive(Debug)]
pub struct UserFile {
    pub(super) records: RecordReader<Utf8Reader<File>>,
    pub(super) record: Record,
    pub(super) header: Header,
    pub(super) encoding: &'static Encoding,
    pub(super) dialect: Dialect,
    directory: Arc<Directory>,
    reading: Reading,
    duplicates: Duplicates,
    rows: u64,
}

impl UserFile {
    /// Opens the file at `path` and reads its header.
    ///
    /// # Errors
    /// When the file cannot be imported as a whole.
    pub fn open(path: &Path, reading: &Reading, directory: Arc<Directory>) -> Result<Self, FileError> {
        let file = Self::open_leniently(path, reading, directory)?;
        // Where rows only name users, no other column is ever sent.
        if !reading.ignore_unknown_columns && reading.purpose != Purpose::Find {
            file.header.refuse_unknown(&file.directory.schema)?;
        }
        Ok(file)
    }

    /// As [`Self::open`], but columns that name no attribute are let pass.
    pub(super) fn open_leniently(
        path: &Path,
        reading: &Reading,
        directory: Arc<Directory>,
    ) -> Result<Self, FileError> {
        let mut source = open(path)?;
        let delimiter = reading.delimiter.map(supported).transpose()?;
        let encoding = match &reading.encoding {
            Some(label) => Encoding::for_label(label.as_bytes())
                .ok_or_else(|| FileError::UnknownEncoding { label: label.clone() })?,
            None => encoding::detect(&mut source)?,
        };
        let utf8 =
            Utf8Reader::new(source, encoding).map_err(|source| FileError::Interrupted { line: 0, source })?;
        let mut records = RecordReader::new(utf8);
        let dialect = Dialect::guess(records.peek()?, delimiter);
        records.set_dialect(dialect.delimiter, dialect.terminator);
        let mut record = Record::default();
        if dialect.hint_line {
            records.read(&mut record)?;
        }
        if !records.read(&mut record)? {
            return Err(FileError::Empty);
        }
        let header = Header::read(&record, dialect.delimiter, reading, &directory.schema)?;
        let (reading, duplicates) = (reading.clone(), Duplicates::new());
        Ok(Self { records, record, header, encoding, dialect, directory, reading, duplicates, rows: 0 })
    }

    /// Makes room for telling repeated usernames among so many rows, so that memory need not grow step by step.
    pub fn expect_rows(&mut self, rows: u64) {
        self.duplicates.reserve(rows);
    }

    /// Plans the next row; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_row(&mut self) -> Result<Option<PlannedRow>, FileError> {
        if !self.advance()? {
            return Ok(None);
        }
        let rules = Rules { header: &self.header, directory: &self.directory, reading: &self.reading };
        let key = if self.record.fault.is_some() { "" } else { rules.key(&self.record) };
        let earlier = if key.is_empty() { None } else { self.duplicates.note(key, self.rows) };
        let action = match earlier {
            Some(first) => Action::Repeat { first },
            None => rules.plan(&self.record),
        };
        let (line, key) = (rules.line(&self.record), key.to_owned());
        Ok(Some(PlannedRow { row: self.rows, line, key, action }))
    }

    /// Counts the rows that are left.
    ///
    /// # Errors
    /// When the file cannot be read, or has no row at all.
    pub fn count(mut self) -> Result<u64, FileError> {
        while self.advance()? {}
        if self.rows == 0 { Err(FileError::NoRows { line: self.header.line }) } else { Ok(self.rows) }
    }

    /// Calls `each` with what every row that is left names its user by, if it does.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn each_key(mut self, mut each: impl FnMut(&str)) -> Result<(), FileError> {
        while self.advance()? {
            let rules = Rules { header: &self.header, directory: &self.directory, reading: &self.reading };
            let key = if self.record.fault.is_some() { "" } else { rules.key(&self.record) };
            if !key.is_empty() {
                each(key);
            }
        }
        Ok(())
    }

    /// What a preview says of the file before its rows are read.
    pub(super) fn blank_preview(&self, ignore_unknown: bool) -> Preview {
        Preview {
            format: "csv".to_owned(),
            encoding: self.encoding.name().to_owned(),
            delimiter: char::from(self.dialect.delimiter).to_string(),
            total: 0,
            valid: 0,
            invalid: 0,
            duplicates: 0,
            population: None,
            columns: self.header.columns(&self.directory.schema, ignore_unknown),
            problems: Vec::new(),
            sample_rows: Vec::new(),
        }
    }

    /// Reads the next record into `self.record`.
    pub(super) fn advance(&mut self) -> Result<bool, FileError> {
        let more = self.records.read(&mut self.record)?;
        self.rows += u64::from(more);
        Ok(more)
    }

    /// The number of the row that was read last.
    pub(super) fn row(&self) -> u64 {
        self.rows
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.display().to_string(), source };
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(FileError::Missing { path: path.display().to_string() })
        }
        Err(error) => Err(unreadable(error)),
        Ok(file) if file.metadata().map_err(unreadable)?.is_dir() => {
            Err(unreadable(io::Error::from(ErrorKind::IsADirectory)))
        }
        Ok(file) => Ok(file),
    }
}

fn supported(delimiter: char) -> Result<u8, FileError> {
    let found = DELIMITERS.into_iter().find(|known| char::from(*known) == delimiter);
    found.ok_or(FileError::UnknownDelimiter { delimiter })
}
