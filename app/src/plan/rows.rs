//! Rows of a file that are read and not planned yet, and what plans them.

use std::sync::Arc;

use super::record::Record;
use super::row::{Action, PlannedRow};
use super::rules::Rules;
use crate::seen::Hash;

/// Some rows of a file, read and not planned yet. They are reused, so that reading allocates nothing in the long run.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
    filled: usize,
    /// What those that are filled take of memory.
    size: usize,
}

/// One row of a file, read and not planned yet.
#[derive(Debug, Default)]
pub struct Row {
    pub(super) record: Record,
    /// Its number, from 1.
    pub(super) number: u64,
    /// What tells the user that it names from others.
    pub(super) hash: Option<Hash>,
    /// The number of an earlier row that names the same user.
    pub(super) earlier: Option<u64>,
}

/// Plans the rows of one file; nothing of it changes with a row, so that several threads can.
#[derive(Clone, Debug)]
pub struct Planner {
    pub(super) rules: Arc<Rules>,
}

impl Rows {
    /// The rows.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().take(self.filled)
    }

    pub(super) fn clear(&mut self) {
        (self.filled, self.size) = (0, 0);
        self.rows.retain(|row| row.record.capacity() <= KEPT);
    }

    pub(super) fn len(&self) -> usize {
        self.filled
    }

    /// Whether there are `most`, or fewer that take as much memory as that many should.
    pub(super) fn is_full(&self, most: usize) -> bool {
        self.filled >= most || self.size >= FULL
    }

    /// Has `read` fill another row; its answer is whether there was one.
    pub(super) fn add<E>(&mut self, read: impl FnOnce(&mut Row) -> Result<bool, E>) -> Result<bool, E> {
        if self.filled == self.rows.len() {
            self.rows.push(Row::default());
        }
        let more = read(&mut self.rows[self.filled])?;
        if more {
            self.size += self.rows[self.filled].record.size();
            self.filled += 1;
        }
        Ok(more)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut().take(self.filled)
    }
}

/// Bytes of rows that are read ahead: a row may be a thousand times as long as most are.
const FULL: usize = 256 * 1024;

/// Bytes that are kept of a row for the next one in its place.
const KEPT: usize = 16 * 1024;

impl Row {
    /// Its number, from 1, the header not counted.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Planner {
    /// What `row` would do.
    pub fn plan(&self, row: &Row) -> PlannedRow {
        let action = self.hindrance(row).unwrap_or_else(|| self.rules.action(&row.record));
        self.planned(row, action)
    }

    /// As [`Self::plan`], where nothing is going to be sent: `None` when there is nothing that keeps `row` from it.
    pub fn rehearse(&self, row: &Row) -> Option<PlannedRow> {
        self.hindrance(row).map(|action| self.planned(row, action))
    }

    /// Why `row` does nothing, if it does not.
    fn hindrance(&self, row: &Row) -> Option<Action> {
        if let Some(first) = row.earlier {
            return Some(Action::Repeat { first });
        }
        let issues = self.rules.check(&row.record);
        (!issues.is_empty()).then_some(Action::Refuse(issues))
    }

    fn planned(&self, row: &Row, action: Action) -> PlannedRow {
        let key = self.rules.key(&row.record).to_owned();
        PlannedRow { row: row.number, line: self.rules.line(&row.record), key, action }
    }
}
