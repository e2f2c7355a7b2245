//! What one row of a file would do.

use pingone::{NewPassword, NewUser};
use uuid::Uuid;

use super::directory::Directory;
use super::header::{Attribute, Header, Target};
use super::issue::Issue;
use super::record::Record;
use super::value;

/// What one row of a file would do.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRow {
    /// The row's number, from 1, the header not counted.
    pub row: u64,
    /// The physical line on which it begins, from 1.
    pub line: u64,
    /// The username as it stands in the file; empty when there is none.
    pub username: String,
    /// What it would do.
    pub action: Action,
}

/// What one row of a file would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Create a user.
    Create(Box<Creation>),
    /// Nothing, because the row cannot be right; at least one reason.
    Refuse(Vec<Issue>),
    /// Nothing, because an earlier row has the same username.
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
    /// The population of rows that name none.
    pub(super) population: Option<Uuid>,
}

impl Rules<'_> {
    /// Plans `record` by itself; a username that an earlier row has is not seen here.
    pub(super) fn plan(&self, record: &Record) -> Action {
        if let Some(fault) = record.fault {
            return Action::Refuse(vec![Issue::new(None, fault.kind.code(), fault.to_string())]);
        }
        let mut draft = Draft::new(self, record);
        for (index, target) in self.header.targets.iter().enumerate() {
            let cell = value::unguarded(record.cell(index), self.header.is_rejects);
            if !cell.trim().is_empty() {
                draft.set(index, target, cell);
            }
        }
        draft.refuse_extra_cells(record);
        draft.finish()
    }

    /// The username of `record` as it stands in the file.
    pub(super) fn username<'r>(&self, record: &'r Record) -> &'r str {
        let index = self.header.targets.iter().position(|target| *target == Target::Username);
        let cell = index.map(|index| record.cell(index)).unwrap_or_default();
        value::unguarded(cell, self.header.is_rejects).trim()
    }
}

/// A row on its way to a plan.
struct Draft<'a> {
    rules: &'a Rules<'a>,
    user: NewUser,
    password: Option<String>,
    force_change: bool,
    disabled: bool,
    /// The populations that the row names, each with its column.
    named: Option<Uuid>,
    issues: Vec<Issue>,
}

impl<'a> Draft<'a> {
    fn new(rules: &'a Rules<'a>, record: &Record) -> Self {
        let user = NewUser::new(rules.username(record), rules.population);
        let (password, force_change, disabled) = (None, false, false);
        Self { rules, user, password, force_change, disabled, named: None, issues: Vec::new() }
    }

    /// Takes the value of one cell that is not blank.
    fn set(&mut self, index: usize, target: &Target, cell: &str) {
        let text = cell.trim();
        match target {
            Target::Username | Target::Ignored | Target::Unknown => {}
            Target::Enabled => match value::boolean(text) {
                Some(enabled) => self.disabled = !enabled,
                None => self.issue(index, "INVALID_VALUE", value::not_boolean(text)),
            },
            Target::Population => self.set_population(index, self.rules.directory.find(text), text),
            Target::PopulationId => self.set_population(index, self.rules.directory.find_id(text), text),
            Target::PopulationName => self.set_population(index, self.rules.directory.find_name(text), text),
            // Blanks at the ends of a password are part of it.
            Target::Password => self.password = Some(cell.to_owned()),
            Target::ForceChange => match value::boolean(text) {
                Some(force) => self.force_change = force,
                None => self.issue(index, "INVALID_VALUE", value::not_boolean(text)),
            },
            Target::Attribute(attribute) => self.set_attribute(index, attribute, text),
            Target::Nameless => self.issue(index, "EXTRA_VALUE", value::extra(index, text)),
        }
    }

    fn set_attribute(&mut self, index: usize, attribute: &Attribute, text: &str) {
        match value::typed(text, attribute.kind, attribute.multi_valued) {
            Ok(value) => self.user.set(&attribute.path, value),
            Err(message) => self.issue(index, "INVALID_VALUE", message),
        }
    }

    fn set_population(&mut self, index: usize, found: Option<Uuid>, text: &str) {
        match (found, self.named) {
            (None, _) => {
                let message = format!(
                    "PingOne has no population {text:?}; correct it, create the population, \
                     or leave the cell blank for the job's population"
                );
                self.issue(index, "UNKNOWN_POPULATION", message);
            }
            (Some(id), Some(other)) if id != other => {
                let message =
                    format!("{text:?} is another population than the one named in the other column");
                self.issue(index, "POPULATION_CONFLICT", message);
            }
            (Some(id), _) => {
                self.named = Some(id);
                self.user.population = Some(id);
            }
        }
    }

    fn refuse_extra_cells(&mut self, record: &Record) {
        for index in self.rules.header.targets.len()..record.len() {
            let text = record.cell(index).trim();
            if !text.is_empty() {
                self.issues.push(Issue::new(None, "EXTRA_VALUE", value::extra(index, text)));
                return;
            }
        }
    }

    fn finish(mut self) -> Action {
        if self.user.username.is_empty() {
            let header = self.rules.header;
            let index =
                header.targets.iter().position(|target| *target == Target::Username).unwrap_or_default();
            let message =
                "the username is blank; every user needs one, and it is never taken from the e-mail";
            self.issue(index, "REQUIRED_VALUE", message.to_owned());
        } else {
            self.check_schema();
        }
        if !self.issues.is_empty() {
            return Action::Refuse(self.issues);
        }
        let force_change = self.force_change;
        self.user.password = self.password.map(|value| NewPassword { value: value.into(), force_change });
        Action::Create(Box::new(Creation { user: self.user, disabled: self.disabled }))
    }

    fn check_schema(&mut self) {
        for problem in self.rules.directory.schema.validate(&self.user) {
            let column = self.rules.header.column_of(&problem.target).map(str::to_owned);
            let mut issue = Issue::new(column, problem.code.as_str(), problem.to_string());
            issue.target = Some(problem.target);
            self.issues.push(issue);
        }
    }

    fn issue(&mut self, index: usize, code: &'static str, message: String) {
        let header = self.rules.header;
        let mut issue = Issue::new(header.names.get(index).cloned(), code, message);
        issue.target = header.targets.get(index).and_then(Target::attribute);
        self.issues.push(issue);
    }
}
