//! A file that is opened, understood, and planned row by row.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;
use pingone::Schema;
use uuid::Uuid;

use super::dialect::{DELIMITERS, Dialect};
use super::directory::Directory;
use super::encoding;
use super::header::{Header, Target};
use super::purpose::{MatchBy, Purpose};
use super::reader::RecordReader;
use super::record::Record;
use super::rows::{Planner, Row, Rows};
use super::rules::Rules;
use super::utf8_reader::Utf8Reader;
use super::widths::{Suspicion, Widths};
use super::{FileError, Preview, UnknownColumns, attributes};
use crate::seen::Seen;

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
    /// Columns without which the file is refused. Default: none.
    pub required: Vec<String>,
    /// Whether a file is let pass whose columns name no users: to be looked at, as nothing can be done with its rows.
    /// Default: no.
    pub may_name_nobody: bool,
}

impl Reading {
    /// What the column called `name` sets.
    pub(super) fn target(&self, name: &str, schema: &Schema) -> Target {
        match self.mapped(name) {
            Some(path) if path.trim().is_empty() => Target::Ignored,
            Some(path) => match attributes::target(path, schema) {
                // Matched by it, users have an id, which is not set.
                Target::Ignored if self.key == MatchBy::Id && attributes::normal(path) == "id" => {
                    Target::Ignored
                }
                // Whoever maps a column means to have it set.
                Target::Ignored | Target::Line => Target::Unknown,
                target => target,
            },
            None => attributes::target(name, schema),
        }
    }

    /// What the mapping says that the column called `name` sets.
    pub(super) fn mapped(&self, name: &str) -> Option<&str> {
        let normal = attributes::normal(name);
        let mapped = self.mapping.iter().find(|(known, _)| attributes::normal(known) == normal);
        mapped.map(|(_, path)| path.as_str())
    }
}

/// A file that is opened and whose header is understood.
///
/// Memory does not grow with the file: what tells repeated usernames goes to the file's directory when it is much.
#[derive(Debug)]
pub struct UserFile {
    records: RecordReader<Utf8Reader<File>>,
    dialect: Dialect,
    planner: Planner,
    seen: Seen,
    /// The row that was read last, when rows are read one by one.
    row: Row,
    rows: u64,
    widths: Widths,
}

impl UserFile {
    /// Opens the file at `path` and reads its header.
    ///
    /// # Errors
    /// When the file cannot be imported as a whole.
    pub fn open(path: &Path, reading: &Reading, directory: Arc<Directory>) -> Result<Self, FileError> {
        let file = Self::open_leniently(path, reading, directory)?;
        let schema = &file.planner.rules.directory.schema;
        // Where rows only name users, no other column is ever sent; without a schema no attribute is known.
        if reading.purpose != Purpose::Find && !schema.attributes.is_empty() {
            file.header().refuse_unknown_targets(schema, |_| true)?;
        }
        if reading.purpose != Purpose::Find && !reading.ignore_unknown_columns {
            file.header().refuse_unknown(schema)?;
        }
        Ok(file)
    }

    /// The columns that are left out because they name no attribute.
    pub fn unknown_columns(&self) -> UnknownColumns {
        let rules = &self.planner.rules;
        match rules.reading.purpose {
            Purpose::Find => UnknownColumns::default(),
            _ => rules.header.unknown(&rules.directory.schema),
        }
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
            Some(label) => Some(
                Encoding::for_label(label.as_bytes())
                    .ok_or_else(|| FileError::UnknownEncoding { label: label.clone() })?,
            ),
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
        let mut header = Header::read(&record, dialect.delimiter, reading, &directory.schema)?;
        header.is_padded = dialect.pads(records.peek()?);
        let planner = Planner { rules: Arc::new(Rules::new(header, reading.clone(), directory)) };
        // The parent of a name alone is the current directory, and has no name itself.
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let seen = Seen::new(dir.unwrap_or_else(|| Path::new(".")));
        let (row, widths) = (Row::default(), Widths::default());
        Ok(Self { records, dialect, planner, seen, row, rows: 0, widths })
    }

    /// Makes room for telling repeated usernames among so many rows, so that memory need not grow step by step.
    pub fn expect_rows(&mut self, rows: u64) {
        self.seen.reserve(rows);
    }

    /// Whether the file has the column called `name`.
    pub fn has_column(&self, name: &str) -> bool {
        self.header().names.iter().any(|known| attributes::same_column(known, name))
    }

    /// What plans the rows of this file.
    pub fn planner(&self) -> Planner {
        self.planner.clone()
    }

    /// Reads the next rows in place of those that `rows` has, `most` of them, or fewer if they are long; `false` at the
    /// end, when there are none.
    ///
    /// # Errors
    /// When the file cannot be read, or its directory not be written to.
    pub fn read_rows(&mut self, rows: &mut Rows, most: usize) -> Result<bool, FileError> {
        rows.clear();
        while !rows.is_full(most) && rows.add(|row| read(&mut self.records, &mut self.rows, row))? {}
        note(&self.planner, &mut self.seen, rows).map_err(|source| FileError::Unwritable { source })?;
        let rules = &self.planner.rules;
        for row in rows.iter() {
            self.widths.note(&rules.header, &row.record, || rules.line(&row.record));
        }
        Ok(rows.len() > 0)
    }

    /// What to say of the rows that were read, if some of them look as if their values were in wrong columns.
    pub fn suspicions(&self) -> Vec<Suspicion> {
        self.widths.suspicions()
    }

    /// Counts the rows that are left.
    ///
    /// # Errors
    /// When the file cannot be read, or has no row at all.
    pub fn count(mut self) -> Result<u64, FileError> {
        self.rows += self.records.skip_all(&mut self.row.record)?;
        if self.rows == 0 { Err(FileError::NoRows { line: self.header().line }) } else { Ok(self.rows) }
    }

    /// Calls `each` with what every row that is left names its user by, if it does.
    ///
    /// # Errors
    /// When the file cannot be read, or `each` fails.
    pub fn each_key(mut self, mut each: impl FnMut(&str) -> io::Result<()>) -> Result<(), FileError> {
        while self.advance()? {
            let key = self.planner.rules.key(&self.row.record);
            if !key.is_empty() {
                each(key).map_err(|source| FileError::Unwritable { source })?;
            }
        }
        Ok(())
    }

    /// What a preview says of the file before its rows are read.
    pub(super) fn blank_preview(&self, ignore_unknown: bool) -> Preview {
        Preview {
            format: "csv".to_owned(),
            encoding: self.encoding().name().to_owned(),
            delimiter: char::from(self.dialect.delimiter).to_string(),
            total: 0,
            valid: 0,
            invalid: 0,
            duplicates: 0,
            population: None,
            columns: self.header().columns(&self.planner.rules.directory.schema, ignore_unknown),
            problems: Vec::new(),
            warnings: Vec::new(),
            sample_rows: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// Reads the next row, which is then the one that was read last.
    pub(super) fn advance(&mut self) -> Result<bool, FileError> {
        read(&mut self.records, &mut self.rows, &mut self.row)
    }

    /// The encoding, as far as it is known; that of the whole file once all of it was read.
    pub(super) fn encoding(&self) -> &'static Encoding {
        self.records.source().encoding()
    }

    pub(super) fn header(&self) -> &Header {
        &self.planner.rules.header
    }

    /// The text of a cell of the row that was read last.
    pub(super) fn text(&self, index: usize) -> &str {
        self.planner.rules.text(&self.row.record, index)
    }

    /// The row that was read last.
    pub(super) fn last(&self) -> &Row {
        &self.row
    }
}

fn read(
    records: &mut RecordReader<Utf8Reader<File>>,
    rows: &mut u64,
    row: &mut Row,
) -> Result<bool, FileError> {
    let more = records.read(&mut row.record)?;
    if more {
        *rows += 1;
        (row.number, row.earlier) = (*rows, None);
    }
    Ok(more)
}

/// Finds out of each row whether an earlier one names the same user.
fn note(planner: &Planner, seen: &mut Seen, rows: &mut Rows) -> io::Result<()> {
    for row in rows.iter_mut() {
        let key = planner.rules.key(&row.record);
        // What says that there is no name is no name, so that each such row is refused for itself.
        let is_name = !key.is_empty() && !planner.rules.clears(key);
        row.hash = is_name.then(|| seen.name(key));
    }
    seen.fetch(rows.iter().filter_map(|row| row.hash));
    for row in rows.iter_mut() {
        if let Some(hash) = row.hash {
            row.earlier = seen.note(hash, row.number)?;
        }
    }
    Ok(())
}

/// The text of the file at `path`, in whichever encoding that is; bytes that make no sense are replaced.
///
/// # Errors
/// When the file cannot be read, is empty, or is no text.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let mut source = open(path)?;
    let encoding = encoding::detect(&mut source)?;
    let mut bytes = Vec::new();
    let read = Utf8Reader::new(source, encoding).and_then(|mut utf8| utf8.read_to_end(&mut bytes));
    read.map_err(|source| FileError::Interrupted { line: 0, source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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
