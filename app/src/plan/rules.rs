//! What the rows of a file are planned by.

use std::sync::Arc;

use pingone::{AttributeType, Demands, Schema};

use super::check::Check;
use super::directory::Directory;
use super::draft::Draft;
use super::file::Reading;
use super::header::{Header, Target};
use super::issue::Issue;
use super::record::Record;
use super::value::NULL;
use super::{rejects, value};
use crate::plan::Action;

/// What rows are planned by: found out once for a file, so that nothing has to be looked up for a row.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) header: Header,
    pub(super) directory: Arc<Directory>,
    pub(super) reading: Reading,
    /// What PingOne demands of the values of each column that sets the username or an attribute.
    pub(super) demands: Vec<Option<Demands>>,
    /// The attributes that users must have.
    pub(super) required: Vec<Required>,
}

/// An attribute that users must have.
#[derive(Debug)]
pub(super) struct Required {
    pub(super) name: String,
    /// The columns that set it, or a part of it.
    pub(super) columns: Vec<usize>,
}

impl Rules {
    pub(super) fn new(header: Header, reading: Reading, directory: Arc<Directory>) -> Self {
        let schema = &directory.schema;
        let demands = header.targets.iter().map(|target| match target {
            Target::Username => Some(Demands::of_usernames()),
            Target::Attribute(attribute) => schema.demands(&attribute.path),
            _ => None,
        });
        let (demands, required) = (demands.collect(), required(schema, &header.targets));
        Self { header, directory, reading, demands, required }
    }

    /// What is wrong with `record` by itself; nothing when it is right.
    pub(super) fn check(&self, record: &Record) -> Vec<Issue> {
        if let Some(fault) = record.fault {
            return vec![Issue::new(None, fault.kind.code(), fault.to_string())];
        }
        if let Some(issue) = rejects::unmended(&self.header, record) {
            return vec![issue];
        }
        let mut check = Check::new(self, record);
        for (index, target) in self.header.targets.iter().enumerate() {
            let text = self.text(record, index);
            if self.is_null(record, index) {
                check.null(index, target);
            } else if !text.is_empty() {
                check.value(index, target, text);
            }
        }
        check.finish()
    }

    /// What `record` does, with which nothing is wrong.
    pub(super) fn action(&self, record: &Record) -> Action {
        let mut draft = Draft::new(self, record);
        for (index, target) in self.header.targets.iter().enumerate() {
            match self.is_null(record, index) {
                true => draft.clear(target),
                false => draft.set(target, self.text(record, index), self.whole(record, index)),
            }
        }
        draft.finish()
    }

    /// The username of `record` as it stands in the file; empty when there is none.
    pub(super) fn username<'r>(&self, record: &'r Record) -> &'r str {
        self.header.username.map(|index| self.text(record, index)).unwrap_or_default()
    }

    /// What `record` names its user by, as it stands in the file; empty when it does not, or is malformed.
    pub(super) fn key<'r>(&self, record: &'r Record) -> &'r str {
        if record.fault.is_some() { "" } else { self.text(record, self.header.key) }
    }

    /// The physical line of `record`, which a converted file says itself.
    pub(super) fn line(&self, record: &Record) -> u64 {
        let told = self.header.line_column.and_then(|index| record.cell(index).parse().ok());
        told.unwrap_or(record.line)
    }

    /// Whether a cell with this text says that an attribute is to have no value.
    pub(super) fn clears(&self, text: &str) -> bool {
        self.reading.clear_marker.as_deref() == Some(text)
    }

    /// Whether a cell has the `null` of JSON in the column of an attribute. Elsewhere `null` is as good as no cell.
    pub(super) fn is_null(&self, record: &Record, index: usize) -> bool {
        self.header.has_nulls() && record.cell(index) == NULL && self.can_be_null(index)
    }

    /// The text of a cell: without blanks around it, unless the file is exact and the value is a text.
    #[inline]
    pub(super) fn text<'r>(&self, record: &'r Record, index: usize) -> &'r str {
        if !self.header.is_ours() {
            return value::trimmed(record.cell(index));
        }
        self.text_of_ours(record, index)
    }

    /// As [`Self::text`], of a file that this program may have written.
    fn text_of_ours<'r>(&self, record: &'r Record, index: usize) -> &'r str {
        let whole = self.whole(record, index);
        match self.header.is_exact && self.is_text(index) {
            true => whole,
            false => value::trimmed(whole),
        }
    }

    /// The text of a cell with all that it has.
    fn whole<'r>(&self, record: &'r Record, index: usize) -> &'r str {
        match record.cell(index) {
            NULL if self.header.has_nulls() && !self.can_be_null(index) => "",
            cell => value::unguarded(cell, self.header.is_guarded),
        }
    }

    fn can_be_null(&self, index: usize) -> bool {
        index != self.header.key && matches!(self.header.targets.get(index), Some(Target::Attribute(_)))
    }

    fn is_text(&self, index: usize) -> bool {
        match self.header.targets.get(index) {
            Some(Target::Username) => true,
            // No address has blanks around it.
            Some(Target::Attribute(attribute)) => {
                attribute.path != "email"
                    && !matches!(attribute.kind, AttributeType::Boolean | AttributeType::Json)
            }
            _ => false,
        }
    }
}

fn required(schema: &Schema, targets: &[Target]) -> Vec<Required> {
    let columns = |name: &str| {
        let sets = |target: &Target| match target {
            Target::Attribute(attribute) => attribute.path.split('.').next() == Some(name),
            _ => false,
        };
        let columns = targets.iter().enumerate().filter(|(_, target)| sets(target));
        columns.map(|(index, _)| index).collect()
    };
    schema
        .required()
        .map(|attribute| Required { name: attribute.name.clone(), columns: columns(&attribute.name) })
        .collect()
}
