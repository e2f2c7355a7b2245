//! Workbooks and JSON as delimited text, so that everything behind it knows one kind of file.
//!
//! The converted file has a column that says on which line of the original each row stands.

mod json;
mod shared_texts;
mod table;
mod workbook;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::FileError;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text, or something that is refused as such.
    Text,
    /// JSON: an array of objects, or objects one after the other.
    Json,
    /// An Excel workbook.
    Workbook,
}

impl Format {
    /// The word for it in a preview.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "csv",
            Self::Json => "json",
            Self::Workbook => "xlsx",
        }
    }

    /// What the file at `path` is, by its first bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut start = Vec::with_capacity(SAMPLE);
        File::open(path)?.take(SAMPLE as u64).read_to_end(&mut start)?;
        if start.starts_with(b"PK\x03\x04") {
            return Ok(Self::Workbook);
        }
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start).trim_ascii_start();
        let inner = text.strip_prefix(b"[").map_or(text, <[u8]>::trim_ascii_start);
        let is_json = inner.starts_with(b"{") || (inner.len() < text.len() && inner.starts_with(b"]"));
        Ok(if is_json { Self::Json } else { Self::Text })
    }
}

/// Writes the file at `from`, which is no text, to `to` as delimited text: UTF-8, with commas.
///
/// # Errors
/// When the file is not what it seems to be.
pub fn convert(from: &Path, to: &Path, format: Format) -> Result<(), FileError> {
    let written = match format {
        Format::Text => std::fs::copy(from, to).map(drop).map_err(failed),
        Format::Json => json::convert(|| Ok(BufReader::new(File::open(from)?)), to),
        Format::Workbook => workbook::convert(from, to),
    };
    if written.is_err() {
        // What is half written is of no use; that it cannot be deleted changes nothing.
        let _ = std::fs::remove_file(to);
    }
    written
}

fn failed(source: io::Error) -> FileError {
    FileError::Interrupted { line: 0, source }
}

fn unwritable(source: io::Error) -> FileError {
    FileError::Unwritable { source }
}

/// PingOne has at most 400 attributes.
const MOST_COLUMNS: usize = 1024;

const SAMPLE: usize = 4096;
