//! Rows with more cells than the header, all of them blank: mostly commas that a program adds to the end of each line,
//! but sometimes what is left of a row in which a value with a comma was not quoted; and rows with fewer.

use super::header::{Header, Target};
use super::record::Record;
use super::value;

impl Header {
    /// The column in which the rest of a value seems to stand that was not quoted: all cells after it are one column
    /// too far to the right.
    pub(super) fn shifted(&self, record: &Record) -> Option<usize> {
        let surplus = self.blank_surplus(record);
        if surplus <= usize::from(self.is_padded) || self.is_spaced {
            return None;
        }
        let begins_blank = |index: &usize| {
            let cell = record.cell(*index);
            let is_rest = cell.starts_with(' ') && !cell.trim().is_empty();
            is_rest && !record.cell(index - 1).is_empty() && self.targets[*index] != Target::Password
        };
        let mut rests = (1..self.targets.len()).filter(begins_blank);
        let first = rests.next()?;
        // Where most values begin with a blank it is how the file is written.
        (rests.count() < surplus).then_some(first)
    }

    /// How many cells a row has beyond the header's, if all of them are blank.
    fn blank_surplus(&self, record: &Record) -> usize {
        let surplus = self.targets.len()..record.len();
        let is_blank = surplus.clone().all(|index| value::trimmed(record.cell(index)).is_empty());
        if is_blank { surplus.len() } else { 0 }
    }
}

/// How many rows of a file have more or fewer cells than its header.
#[derive(Debug, Default)]
pub(super) struct Widths {
    all: u64,
    surplus: Few,
    missing: Few,
}

/// Rows of which something is to be said.
#[derive(Debug, Default)]
struct Few {
    count: u64,
    /// The lines of the first of them.
    lines: Vec<u64>,
}

/// What looks wrong in a file, and does not keep it from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// A stable word for programs.
    pub code: &'static str,
    /// What it is, and what it means.
    pub message: String,
}

impl Widths {
    pub(super) fn note(&mut self, header: &Header, record: &Record, line: impl FnOnce() -> u64) {
        self.all += 1;
        let columns = header.targets.len();
        if record.len() == columns || record.fault.is_some() {
            return;
        }
        if record.len() < columns {
            let named = header.names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
            if record.len() < named {
                self.missing.add(line);
            }
        } else if header.blank_surplus(record) > 0 {
            if header.shifted(record).is_none() {
                self.surplus.add(line);
            } else {
                self.surplus.count += 1;
            }
        }
    }

    /// What to say of them when only some rows have them: no program adds commas to some lines.
    pub(super) fn suspicions(&self) -> Vec<Suspicion> {
        let all = self.all;
        let mut suspicions = Vec::new();
        if let Some((some, lines)) = self.surplus.of(all) {
            let message = format!(
                "{some} of {all} rows {} more cells than the header has columns, all of them blank ({lines}); they \
                 are read as if these were not there, so look whether a value before them has a delimiter in it and \
                 is not quoted: then the values behind it are in wrong columns",
                have(some)
            );
            suspicions.push(Suspicion { code: SURPLUS_CELLS, message });
        }
        if let Some((some, lines)) = self.missing.of(all) {
            let message = format!(
                "{some} of {all} rows {} fewer values than the header has columns ({lines}); the last columns are \
                 read as blank there, so look whether a value is missing: then those behind it are in wrong columns",
                have(some)
            );
            suspicions.push(Suspicion { code: MISSING_CELLS, message });
        }
        suspicions
    }
}

fn have(rows: u64) -> &'static str {
    if rows == 1 { "has" } else { "have" }
}

impl Few {
    fn add(&mut self, line: impl FnOnce() -> u64) {
        self.count += 1;
        if self.lines.len() < SHOWN {
            self.lines.push(line());
        }
    }

    /// How many they are and where, if they are not all rows.
    fn of(&self, all: u64) -> Option<(u64, String)> {
        if self.lines.is_empty() || self.count == all {
            return None;
        }
        let shown: Vec<_> = self.lines.iter().map(u64::to_string).collect();
        let more = if self.count > self.lines.len() as u64 { ", …" } else { "" };
        Some((self.count, format!("line {}{more}", shown.join(", "))))
    }
}

/// The code of a warning that values may stand in wrong columns.
pub const SURPLUS_CELLS: &str = "surplus_cells";
/// The code of a warning that rows have fewer values than the header.
pub const MISSING_CELLS: &str = "missing_cells";

const SHOWN: usize = 10;
