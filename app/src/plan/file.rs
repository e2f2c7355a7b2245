//! A file that is opened, understood, and planned row by row.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;
use uuid::Uuid;

use super::dialect::{DELIMITERS, Dialect};
use super::directory::Directory;
use super::duplicates::Duplicates;
use super::encoding::{self, Utf8Reader};
use super::header::Header;
use super::reader::RecordReader;
use super::record::Record;
use super::row::{Action, PlannedRow, Rules};
use super::{FileError, Preview};

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
    population: Option<Uuid>,
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
        if !reading.ignore_unknown_columns {
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
        let header = Header::read(&record, dialect.delimiter, &directory.schema)?;
        let (population, duplicates) = (reading.population, Duplicates::new());
        Ok(Self { records, record, header, encoding, dialect, directory, population, duplicates, rows: 0 })
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
        let rules = Rules { header: &self.header, directory: &self.directory, population: self.population };
        let username = if self.record.fault.is_some() { "" } else { rules.username(&self.record) };
        let earlier = if username.is_empty() { None } else { self.duplicates.note(username, self.rows) };
        let action = match earlier {
            Some(first) => Action::Repeat { first },
            None => rules.plan(&self.record),
        };
        let username = username.to_owned();
        Ok(Some(PlannedRow { row: self.rows, line: self.record.line, username, action }))
    }

    /// Counts the rows that are left.
    ///
    /// # Errors
    /// When the file cannot be read, or has no row at all.
    pub fn count(mut self) -> Result<u64, FileError> {
        while self.advance()? {}
        if self.rows == 0 { Err(FileError::NoRows { line: self.header.line }) } else { Ok(self.rows) }
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
