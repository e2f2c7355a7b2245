//! The failed rows of a file as a file that can be mended and imported again.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use super::FileError;
use super::attributes::REASONS;
use super::csv_line::{csv_line, joined};
use super::directory::Directory;
use super::file::{Reading, UserFile};
use super::header::{Header, Target};
use super::issue::Issue;
use super::record::Record;
use super::value::{NULL, guarded, unguarded};

/// Reads a file once more and writes out rows of it, each with the reason why it failed.
///
/// The result has the original columns and then `error_code`, `error_message` and `error_input`, is comma-separated
/// and UTF-8. A cell that a spreadsheet would take for a formula is guarded with an apostrophe, which the importer
/// takes off again because it knows the file by those columns, and it reads nothing else from them.
/// A row with more values than columns, or one that could not be cut into cells, stands in `error_input` as it was:
/// it fails again until its columns are mended.
#[derive(Debug)]
pub struct Rejects {
    file: UserFile,
    repeated: Vec<usize>,
}

impl Rejects {
    /// Opens the file at `path`, which was imported with this `reading`.
    ///
    /// # Errors
    /// When the file is no longer what it was.
    pub fn open(path: &Path, reading: &Reading) -> Result<Self, FileError> {
        let file = UserFile::open_leniently(path, reading, Arc::new(Directory::default()))?;
        let repeated = file.header().repeated().collect();
        Ok(Self { file, repeated })
    }

    /// The header, as a line.
    pub fn header(&self) -> String {
        let names = self.repeated.iter().map(|index| self.file.header().names[*index].as_str());
        csv_line(names.chain(REASONS))
    }

    /// The row with this number, as a line; numbers must be given in ascending order.
    ///
    /// # Errors
    /// When the file cannot be read, or has no such row any more.
    pub fn row(&mut self, number: u64, code: &str, message: &str) -> Result<String, FileError> {
        while self.file.last().number() < number {
            if !self.file.advance()? {
                return Err(FileError::Empty);
            }
        }
        let (header, record) = (self.file.header(), &self.file.last().record);
        if record.fault.is_some() {
            let blank = self.repeated.iter().map(|_| "");
            // The mark of bytes that are no text would make the new file one with an encoding that is wrong.
            let input = record.text.replace(char::REPLACEMENT_CHARACTER, "?");
            return Ok(csv_line(blank.chain([code, message, &input])));
        }
        let input = input(header, record);
        let cells = self.repeated.iter().map(|index| repeated(header, record.cell(*index)));
        let reasons = [code, message, &input].map(guard);
        Ok(joined(cells.chain(reasons).collect::<Vec<_>>().iter().map(AsRef::as_ref)) + "\r\n")
    }
}

/// A cell of the file that was imported as one of the file of rejects.
fn repeated<'r>(header: &Header, cell: &'r str) -> Cow<'r, str> {
    match cell {
        NULL if header.has_nulls() => Cow::Borrowed(NULL),
        cell => guard(unguarded(cell, header.is_guarded)),
    }
}

fn guard(cell: &str) -> Cow<'_, str> {
    guarded(cell).map_or(Cow::Borrowed(cell), Cow::Owned)
}

/// A row that has more values than columns, whole, or what an earlier file of rejects has of it.
fn input(header: &Header, record: &Record) -> String {
    let text = |index: usize| unguarded(record.cell(index), header.is_guarded);
    let nameless = (0..header.targets.len()).filter(|index| header.targets[*index] == Target::Nameless);
    let surplus: Vec<usize> = nameless.chain(header.targets.len()..record.len()).collect();
    let is_told = surplus.iter().any(|index| !text(*index).trim().is_empty());
    match is_told || header.shifted(record).is_some() {
        true => joined(header.repeated().chain(surplus).map(text)),
        false => header.input_column.map(text).unwrap_or_default().to_owned(),
    }
}

/// What is wrong with a row of a file of rejects that is still as it was when it failed.
pub(super) fn unmended(header: &Header, record: &Record) -> Option<Issue> {
    let column = header.input_column?;
    let text = |index: usize| unguarded(record.cell(index), header.is_guarded);
    let input = text(column);
    if input.trim().is_empty() {
        return None;
    }
    let issue = |code, message: &str| {
        Some(Issue::new(header.names.get(column).cloned(), code, message.to_owned()).at(header, column))
    };
    if header.repeated().all(|index| text(index).trim().is_empty()) {
        let message = "the row was not mended: its columns are blank; fill them from error_input";
        return issue("NOT_MENDED", message);
    }
    let as_it_was = format!("{},", joined(header.repeated().map(text)));
    if input.starts_with(&as_it_was) {
        let message = "the row was not mended: error_input shows that it has more values than columns; \
                       correct its columns, or empty error_input to do without the surplus";
        return issue("EXTRA_VALUE", message);
    }
    None
}
