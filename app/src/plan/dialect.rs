//! How a delimited file is written: its delimiter and its line ends.

use super::attributes;

/// What ends a cell and what ends a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) terminator: u8,
    /// Whether the first line only names the delimiter (`sep=;`), as spreadsheets write it.
    pub(super) hint_line: bool,
}

/// Rows from which on a delimiter at the end of each is no chance.
const PADDED_ROWS: usize = 4;

impl Dialect {
    /// Whether all rows end with a delimiter, as far as `sample` shows, which begins with the first row; of few rows it
    /// may be chance.
    pub(super) fn pads(self, sample: &[u8]) -> bool {
        let mut lines = sample.split(|byte| *byte == self.terminator).peekable();
        let mut rows = 0;
        while let Some(line) = lines.next() {
            let line = line.trim_ascii_end();
            // The last one may go on behind the sample.
            if line.is_empty() || lines.peek().is_none() {
                continue;
            }
            if line.last() != Some(&self.delimiter) {
                return false;
            }
            rows += 1;
        }
        rows >= PADDED_ROWS
    }

    /// Guesses from the beginning of a file; `delimiter` is not guessed when it is given.
    pub(super) fn guess(sample: &[u8], delimiter: Option<u8>) -> Self {
        let terminator = if sample.contains(&b'\n') || !sample.contains(&b'\r') { b'\n' } else { b'\r' };
        let mut lines = sample.split(|byte| *byte == terminator).filter(|line| !line.trim_ascii().is_empty());
        let first = lines.next().unwrap_or_default();
        let hint = hinted(first);
        let header = if hint.is_some() { lines.next().unwrap_or_default() } else { first };
        let delimiter = delimiter.or(hint).unwrap_or_else(|| guess_delimiter(header));
        Self { delimiter, terminator, hint_line: hint.is_some() }
    }
}

/// The delimiter in words.
pub(super) fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b';' => "a semicolon",
        b'\t' => "a tab",
        b'|' => "a vertical bar",
        _ => "a comma",
    }
}

/// The delimiters that are supported, likelier ones last.
pub(super) const DELIMITERS: [u8; 4] = *b"|\t;,";

fn hinted(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end().to_ascii_lowercase();
    match line.strip_prefix(b"sep=")? {
        [delimiter] if DELIMITERS.contains(delimiter) => Some(*delimiter),
        [] if line.len() == 4 => Some(b'\t'),
        _ => None,
    }
}

/// The delimiter that makes the most known columns out of the header, and among equals the most columns.
fn guess_delimiter(header: &[u8]) -> u8 {
    let header = String::from_utf8_lossy(header);
    let score = |delimiter: &u8| {
        let names: Vec<&str> = header.split(char::from(*delimiter)).collect();
        (attributes::known(&names), names.len())
    };
    DELIMITERS.into_iter().max_by_key(score).unwrap_or(b',')
}
