//! Cells for which the header has no column, all of them blank: mostly commas that a program adds to the end of each
//! line, but sometimes what is left of a row in which a value with a comma was not quoted.

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

/// How many rows of a file have such cells.
#[derive(Debug, Default)]
pub(super) struct Surplus {
    all: u64,
    with: u64,
    /// The lines of the first of them.
    lines: Vec<u64>,
}

impl Surplus {
    pub(super) fn note(&mut self, header: &Header, record: &Record, line: impl FnOnce() -> u64) {
        self.all += 1;
        if record.len() <= header.targets.len() || record.fault.is_some() {
            return;
        }
        if header.blank_surplus(record) > 0 {
            self.with += 1;
            if header.shifted(record).is_none() && self.lines.len() < SHOWN {
                self.lines.push(line());
            }
        }
    }

    /// What to say of them when only some rows have them: no program adds commas to some lines.
    pub(super) fn suspicion(&self) -> Option<String> {
        let Self { all, with, lines } = self;
        if lines.is_empty() || with == all {
            return None;
        }
        let shown: Vec<_> = lines.iter().map(u64::to_string).collect();
        let more = if *with > lines.len() as u64 { ", …" } else { "" };
        Some(format!(
            "{with} of {all} rows have more cells than the header has columns, all of them blank (line {}{more}); they \
             are read as if these were not there, so look whether a value before them has a delimiter in it and is not \
             quoted: then the values behind it are in wrong columns",
            shown.join(", ")
        ))
    }
}

const SHOWN: usize = 10;
