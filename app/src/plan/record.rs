//! One record of a delimited file, cut into cells.

use std::fmt;
use std::ops::Range;

/// One record; reused for the next, so that reading allocates nothing in the long run.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The cells' text, with quotes taken off.
    pub(super) text: String,
    pub(super) cells: Vec<Range<usize>>,
    /// The physical line on which it begins, from 1.
    pub(super) line: u64,
    /// Why the cells cannot be trusted; they are then what a cut at every delimiter gives.
    pub(super) fault: Option<Fault>,
}

impl Record {
    /// The cell at `index`, or an empty text beyond the last.
    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).and_then(|range| self.text.get(range.clone())).unwrap_or_default()
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// All cells in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.cell(index))
    }

    /// Bytes that its text and cells take.
    pub(super) fn size(&self) -> usize {
        self.text.len() + size_of_val(&self.cells[..])
    }

    /// Bytes that it has room for.
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + self.cells.capacity() * size_of::<Range<usize>>()
    }

    pub(super) fn clear(&mut self, line: u64) {
        self.text.clear();
        self.cells.clear();
        self.line = line;
        self.fault = None;
    }
}

/// A record that is not well formed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// The physical line of the fault, from 1.
    pub(super) line: u64,
    /// The character within that line, from 1.
    pub(super) column: u64,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// A quote stands inside a value that does not begin with one.
    StrayQuote,
    /// Something stands between a closing quote and the next delimiter.
    TextAfterQuote,
    /// A quote is opened and never closed.
    OpenQuote,
    /// A quote is opened, and what closes it on a later line has text behind it, here.
    LateQuote {
        /// The physical line of that text, from 1.
        line: u64,
        /// The character within that line, from 1.
        column: u64,
    },
    /// The bytes are not in the file's encoding.
    Encoding,
}

impl FaultKind {
    /// The stable word for programs.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::StrayQuote | Self::TextAfterQuote | Self::OpenQuote | Self::LateQuote { .. } => {
                "BAD_QUOTING"
            }
            Self::Encoding => "BAD_ENCODING",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, .. } = self;
        match self.kind {
            FaultKind::StrayQuote => write!(
                f,
                "wrongly quoted: a quote stands inside an unquoted value at line {line}, column {column}; \
                 quote the whole value and double the quotes inside it"
            ),
            FaultKind::TextAfterQuote => write!(
                f,
                "wrongly quoted: text follows a closing quote at line {line}, column {column}; \
                 double the quotes that belong to the value"
            ),
            FaultKind::OpenQuote => write!(
                f,
                "wrongly quoted: the quote opened at line {line}, column {column} is never closed; \
                 close it, or double it if it belongs to the value"
            ),
            FaultKind::LateQuote { line: behind, column: at } => write!(
                f,
                "wrongly quoted: the quote opened at line {line}, column {column} is not closed there, and the next \
                 one has text behind it, at line {behind}, column {at}; close it where its value ends, or double the \
                 quotes that belong to the value"
            ),
            FaultKind::Encoding => write!(
                f,
                "not valid text: the bytes at line {line}, column {column} are not valid UTF-8; \
                 save the file as UTF-8, or name its encoding (--encoding windows-1252)"
            ),
        }
    }
}
