//! What is wrong with a row by itself.

use pingone::{AttributeType, Problem};
use uuid::Uuid;

use super::header::{Attribute, Target};
use super::issue::Issue;
use super::purpose::{MatchBy, Purpose};
use super::record::Record;
use super::rules::{Required, Rules};
use super::value;

/// The check of one row, value by value; nothing is made of them.
pub(super) struct Check<'a> {
    rules: &'a Rules,
    record: &'a Record,
    /// The population that the row names.
    named: Option<Uuid>,
    is_key_blank: bool,
    is_username_missing: bool,
    issues: Vec<Issue>,
    /// What PingOne would object to, which is told after what makes no sense by itself.
    objections: Vec<Issue>,
}

impl<'a> Check<'a> {
    pub(super) fn new(rules: &'a Rules, record: &'a Record) -> Self {
        let needs_username = rules.reading.purpose.needs_username();
        Self {
            rules,
            record,
            named: None,
            is_key_blank: rules.key(record).is_empty(),
            is_username_missing: needs_username && rules.username(record).is_empty(),
            issues: Vec::new(),
            objections: Vec::new(),
        }
    }

    /// Takes the text of one cell, which is not blank.
    pub(super) fn value(&mut self, index: usize, target: &Target, text: &str) {
        // Where rows only name users, nothing else is ever sent.
        let is_read = self.rules.reading.purpose != Purpose::Find || index == self.rules.header.key;
        if !is_read && *target != Target::Nameless {
            return;
        }
        if self.rules.clears(text) {
            return self.clear(index, target);
        }
        let directory = &self.rules.directory;
        match target {
            Target::Ignored | Target::Line | Target::Unknown | Target::Password => {}
            Target::Username => self.demand(index, text),
            Target::Enabled | Target::ForceChange => {
                if value::boolean(text).is_none() {
                    self.issue(index, "INVALID_VALUE", value::not_boolean(text));
                }
            }
            Target::Population => self.population(index, directory.find(text), text),
            Target::PopulationId => self.population(index, directory.find_id(text), text),
            Target::PopulationName => self.population(index, directory.find_name(text), text),
            Target::Attribute(attribute) => self.attribute(index, attribute, text),
            Target::Nameless => {
                self.issue(index, "EXTRA_VALUE", value::extra(self.rules.header.number(index), text));
            }
        }
    }

    /// Takes one cell that says that there is to be no value.
    pub(super) fn null(&mut self, index: usize, target: &Target) {
        if self.rules.reading.purpose != Purpose::Find {
            self.clear(index, target);
        }
    }

    pub(super) fn finish(mut self) -> Vec<Issue> {
        self.extra_cells();
        let key = self.rules.reading.key;
        // A blank key that is the username is told in these words only.
        if self.is_key_blank && !(self.is_username_missing && key == MatchBy::Username) {
            let what = key.attribute();
            let message = format!("the {what} is blank, so the row does not say which user it is about");
            self.issue(self.rules.header.key, "REQUIRED_VALUE", message);
        }
        if self.is_username_missing {
            let message =
                "the username is blank; every user needs one, and it is never taken from the e-mail";
            let index = self.rules.header.username.unwrap_or_default();
            self.issue(index, "REQUIRED_VALUE", message.to_owned());
        }
        if self.asks_schema() {
            self.rules.required.iter().for_each(|required| self.required(required));
        }
        self.issues.append(&mut self.objections);
        self.issues
    }

    fn attribute(&mut self, index: usize, attribute: &Attribute, text: &str) {
        if attribute.kind == AttributeType::String && !attribute.multi_valued {
            return self.demand(index, text);
        }
        match value::typed(text, attribute.kind, attribute.multi_valued) {
            Ok(value) if self.asks_schema() => {
                let demands = self.rules.demands.get(index).and_then(Option::as_ref);
                let problems = demands.map(|demands| demands.objections(&value)).unwrap_or_default();
                problems.into_iter().for_each(|problem| self.object(problem));
            }
            Ok(_) => {}
            Err(message) => self.issue(index, "INVALID_VALUE", message),
        }
    }

    /// Holds a text against what PingOne demands of the column's values.
    fn demand(&mut self, index: usize, text: &str) {
        let demands = self.rules.demands.get(index).and_then(Option::as_ref);
        let problem = demands.and_then(|demands| demands.objection(text));
        if let Some(problem) = problem
            && self.asks_schema()
        {
            self.object(problem);
        }
    }

    fn required(&mut self, required: &Required) {
        let mut is_mentioned = false;
        for &index in &required.columns {
            let text = self.rules.text(self.record, index);
            if !text.is_empty() {
                if self.is_value(required, index, text) {
                    return;
                }
                is_mentioned = true;
            }
        }
        // What the row does not mention, a user that exists has already.
        if is_mentioned || self.rules.reading.purpose == Purpose::Create {
            self.object(Problem::required(&required.name));
        }
    }

    /// Whether the text of a cell, which is not blank, gives an attribute that must have one a value.
    fn is_value(&self, required: &Required, index: usize, text: &str) -> bool {
        let clears = || self.rules.clears(text) || self.rules.is_null(self.record, index);
        match self.rules.header.targets.get(index) {
            Some(Target::Attribute(attribute)) if attribute.path == required.name => {
                let is_null =
                    attribute.kind == AttributeType::Json && !attribute.multi_valued && text == "null";
                !is_null && !clears()
            }
            // A user that is created has nothing of a part that is cleared.
            _ => self.rules.reading.purpose != Purpose::Create || !clears(),
        }
    }

    /// The cell says that the attribute is to have no value.
    fn clear(&mut self, index: usize, target: &Target) {
        if index == self.rules.header.key {
            let what = self.rules.reading.key.attribute();
            let message = format!("{what} cannot be cleared: it says which user the row is about");
            return self.issue(index, "CANNOT_CLEAR", message);
        }
        match target {
            Target::Attribute(_) | Target::Ignored | Target::Line | Target::Unknown | Target::Nameless => {}
            Target::Username
            | Target::Enabled
            | Target::Population
            | Target::PopulationId
            | Target::PopulationName
            | Target::Password
            | Target::ForceChange => {
                let what = target.attribute().unwrap_or_default();
                let message = format!("{what} cannot be cleared; leave the cell blank to keep what is there");
                self.issue(index, "CANNOT_CLEAR", message);
            }
        }
    }

    fn population(&mut self, index: usize, found: Option<Uuid>, text: &str) {
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
            (Some(id), _) => self.named = Some(id),
        }
    }

    fn extra_cells(&mut self) {
        let header = &self.rules.header;
        for index in header.targets.len()..self.record.len() {
            let text = value::trimmed(self.record.cell(index));
            if !text.is_empty() {
                let issue = Issue::new(None, "EXTRA_VALUE", value::extra(header.number(index), text));
                self.issues.push(issue.at(header, index));
                return;
            }
        }
        if let Some(index) = header.shifted(self.record) {
            let message = value::shifted(header.number(index), self.record.cell(index));
            self.issues.push(Issue::new(None, "EXTRA_VALUE", message).at(header, index));
        }
    }

    /// Whether PingOne is sent values of this row, as far as is known.
    fn asks_schema(&self) -> bool {
        self.rules.reading.purpose != Purpose::Find && !self.is_key_blank && !self.is_username_missing
    }

    fn object(&mut self, problem: Problem) {
        let header = &self.rules.header;
        let column = header.column_of(&problem.target);
        let name = column.map(|index| header.names[index].clone());
        let mut issue = Issue::new(name, problem.code.as_str(), problem.to_string());
        issue.number = column.map(|index| header.number(index));
        issue.target = Some(problem.target);
        self.objections.push(issue);
    }

    fn issue(&mut self, index: usize, code: &'static str, message: String) {
        let header = &self.rules.header;
        let mut issue = Issue::new(header.names.get(index).cloned(), code, message).at(header, index);
        issue.target = header.targets.get(index).and_then(Target::attribute);
        self.issues.push(issue);
    }
}
