//! What one row of a file would do.

use pingone::NewUser;
use uuid::Uuid;

use super::change::Change;
use super::directory::Directory;
use super::draft::Draft;
use super::file::Reading;
use super::header::Header;
use super::issue::Issue;
use super::record::Record;
use super::{rejects, value};

/// What one row of a file would do.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRow {
    /// The row's number, from 1, the header not counted.
    pub row: u64,
    /// The physical line on which it begins, from 1.
    pub line: u64,
    /// What the row names its user by, as it stands in the file; empty when it does not.
    pub key: String,
    /// What it would do.
    pub action: Action,
}

/// What one row of a file would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Create a user.
    Create(Box<Creation>),
    /// Change a user, or create it where there is none and the change says so.
    Change(Box<Change>),
    /// Nothing but name a user.
    Find,
    /// Nothing, because the row cannot be right; at least one reason.
    Refuse(Vec<Issue>),
    /// Nothing, because an earlier row names the same user.
    Repeat {
        /// The earlier row's number.
        first: u64,
    },
}

/// A user to create.
#[derive(Clone, Debug, PartialEq)]
pub struct Creation {
    /// The user as it is sent.
    pub user: NewUser,
    /// Whether the user is disabled with a second request, because a create ignores `enabled`.
    pub disabled: bool,
}

/// What rows are planned by.
#[derive(Clone, Debug)]
pub(super) struct Rules<'a> {
    pub(super) header: &'a Header,
    pub(super) directory: &'a Directory,
    pub(super) reading: &'a Reading,
}

impl Rules<'_> {
    /// Plans `record` by itself; a user that an earlier row names is not seen here.
    pub(super) fn plan(&self, record: &Record) -> Action {
        if let Some(fault) = record.fault {
            return Action::Refuse(vec![Issue::new(None, fault.kind.code(), fault.to_string())]);
        }
        if let Some(issue) = rejects::unmended(self.header, record) {
            return Action::Refuse(vec![issue]);
        }
        let mut draft = Draft::new(self, record);
        for (index, target) in self.header.targets.iter().enumerate() {
            let cell = value::unguarded(record.cell(index), self.header.is_guarded);
            if !cell.trim().is_empty() {
                draft.set(index, target, cell);
            }
        }
        draft.refuse_extra_cells(record);
        draft.finish()
    }

    /// The username of `record` as it stands in the file; empty when there is none.
    pub(super) fn username<'r>(&self, record: &'r Record) -> &'r str {
        self.header.username.map(|index| self.text(record, index)).unwrap_or_default()
    }

    /// What `record` names its user by, as it stands in the file.
    pub(super) fn key<'r>(&self, record: &'r Record) -> &'r str {
        self.text(record, self.header.key)
    }

    /// The physical line of `record`, which a converted file says itself.
    pub(super) fn line(&self, record: &Record) -> u64 {
        let told = self.header.line_column.and_then(|index| record.cell(index).parse().ok());
        told.unwrap_or(record.line)
    }

    /// The population of rows that name none.
    pub(super) fn population(&self) -> Option<Uuid> {
        self.reading.population
    }

    fn text<'r>(&self, record: &'r Record, index: usize) -> &'r str {
        value::unguarded(record.cell(index), self.header.is_guarded).trim()
    }
}
