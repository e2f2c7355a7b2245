//! The failed rows of a file as a file that can be mended and imported again.

use std::path::Path;
use std::sync::Arc;

use super::csv_line::csv_line;
use super::directory::Directory;
use super::file::{Reading, UserFile};
use super::value::unguarded;
use super::{FileError, attributes};

/// Reads a file once more and writes out rows of it, each with the reason why it failed.
///
/// The result has the original columns and then `error_code` and `error_message`, is comma-separated and UTF-8.
/// A cell that a spreadsheet would take for a formula is guarded with an apostrophe, which the importer takes off
/// again because it knows the file by those two columns.
/// A row that could not be cut into cells stands, as it was, behind the reason: it fails again until it is mended.
#[derive(Debug)]
pub struct Rejects {
    file: UserFile,
    /// The columns that are repeated: all but the reasons of an earlier file of rejects and the lines of a converted one.
    kept: Vec<usize>,
}

impl Rejects {
    /// Opens the file at `path`, which was imported with this `reading`.
    ///
    /// # Errors
    /// When the file is no longer what it was.
    pub fn open(path: &Path, reading: &Reading) -> Result<Self, FileError> {
        let file = UserFile::open_leniently(path, reading, Arc::new(Directory::default()))?;
        let is_ours = |name: &str| {
            let is_reason = matches!(attributes::normal(name).as_str(), "errorcode" | "errormessage");
            is_reason || name == attributes::LINE_COLUMN
        };
        let names = file.header.names.iter().enumerate();
        let kept = names.filter(|(_, name)| !is_ours(name)).map(|(index, _)| index).collect();
        Ok(Self { file, kept })
    }

    /// The header, as a line.
    pub fn header(&self) -> String {
        let names = self.kept.iter().map(|index| self.file.header.names[*index].as_str());
        csv_line(names.chain(["error_code", "error_message"]))
    }

    /// The row with this number, as a line; numbers must be given in ascending order.
    ///
    /// # Errors
    /// When the file cannot be read, or has no such row any more.
    pub fn row(&mut self, number: u64, code: &str, message: &str) -> Result<String, FileError> {
        while self.file.row() < number {
            if !self.file.advance()? {
                return Err(FileError::Empty);
            }
        }
        let record = &self.file.record;
        if record.fault.is_some() {
            let blank = self.kept.iter().map(|_| "");
            return Ok(csv_line(blank.chain([code, message, record.text.as_str()])));
        }
        let is_guarded = self.file.header.is_guarded;
        let columns = self.file.header.targets.len();
        let cells = self.kept.iter().map(|index| record.cell(*index));
        let extra = (columns..record.len()).map(|index| record.cell(index));
        let cells = cells.chain([code, message]).chain(extra);
        Ok(csv_line(cells.map(|cell| unguarded(cell, is_guarded))))
    }
}
