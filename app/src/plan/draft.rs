//! A row on its way to a plan.

use pingone::{NewPassword, NewUser, ProblemCode};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::change::Change;
use super::header::{Attribute, Target};
use super::issue::Issue;
use super::purpose::{MatchBy, Purpose};
use super::record::Record;
use super::row::{Action, Creation, Rules};
use super::value;

/// A row on its way to a plan.
pub(super) struct Draft<'a> {
    rules: &'a Rules<'a>,
    key: &'a str,
    user: NewUser,
    password: Option<String>,
    force_change: bool,
    enabled: Option<bool>,
    /// The population that the row names.
    named: Option<Uuid>,
    issues: Vec<Issue>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(rules: &'a Rules<'a>, record: &'a Record) -> Self {
        Self {
            rules,
            key: rules.key(record),
            user: NewUser::new(rules.username(record), rules.population()),
            password: None,
            force_change: rules.reading.force_change,
            enabled: None,
            named: None,
            issues: Vec::new(),
        }
    }

    /// Takes the value of one cell that is not blank.
    pub(super) fn set(&mut self, index: usize, target: &Target, cell: &str) {
        let text = cell.trim();
        if self.rules.reading.clear_marker.as_deref() == Some(text) {
            return self.clear(index, target);
        }
        match target {
            Target::Username | Target::Ignored | Target::Line | Target::Unknown => {}
            Target::Enabled => match value::boolean(text) {
                Some(enabled) => self.enabled = Some(enabled),
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
            Target::Nameless => {
                self.issue(index, "EXTRA_VALUE", value::extra(self.rules.header.number(index), text))
            }
        }
    }

    pub(super) fn refuse_extra_cells(&mut self, record: &Record) {
        for index in self.rules.header.targets.len()..record.len() {
            let text = record.cell(index).trim();
            if !text.is_empty() {
                let issue =
                    Issue::new(None, "EXTRA_VALUE", value::extra(self.rules.header.number(index), text));
                self.issues.push(issue.at(self.rules.header, index));
                return;
            }
        }
    }

    pub(super) fn finish(mut self) -> Action {
        let purpose = self.rules.reading.purpose;
        if self.key.is_empty() {
            let what = self.rules.reading.key.attribute();
            let message = format!("the {what} is blank, so the row does not say which user it is about");
            self.issue(self.rules.header.key, "REQUIRED_VALUE", message);
        }
        if purpose.needs_username() && self.user.username.is_empty() {
            // A blank key that is the username is told in these words only.
            self.issues.retain(|issue| issue.target.as_deref() != Some("username"));
            let message =
                "the username is blank; every user needs one, and it is never taken from the e-mail";
            let index = self.rules.header.username.unwrap_or_default();
            self.issue(index, "REQUIRED_VALUE", message.to_owned());
        } else if purpose != Purpose::Find && !self.key.is_empty() {
            self.check_schema(purpose);
        }
        match purpose {
            _ if !self.issues.is_empty() => Action::Refuse(self.issues),
            Purpose::Find => Action::Find,
            Purpose::Create => Action::Create(Box::new(self.creation())),
            Purpose::Change | Purpose::CreateOrChange => Action::Change(Box::new(self.change(purpose))),
        }
    }

    fn creation(mut self) -> Creation {
        let force_change = self.force_change;
        self.user.password = self.password.map(|value| NewPassword { value: value.into(), force_change });
        let enabled = self.enabled.unwrap_or(!self.rules.reading.default_disabled);
        let attributes = std::mem::take(&mut self.user.attributes);
        self.user.attributes = without_nulls(attributes);
        Creation { user: self.user, disabled: !enabled }
    }

    fn change(self, purpose: Purpose) -> Change {
        let key = self.rules.reading.key;
        let mut attributes = self.user.attributes.clone();
        // The key is equal already, or the user would not be found by it.
        attributes.retain(|name, _| name != key.attribute());
        if key != MatchBy::Username && !self.user.username.is_empty() {
            attributes.insert("username".to_owned(), self.user.username.as_str().into());
        }
        let force_change = self.force_change;
        let password = self.password.clone().map(|value| NewPassword { value: value.into(), force_change });
        let (population, enabled) = (self.named, self.enabled);
        let creates = purpose == Purpose::CreateOrChange && !self.user.username.is_empty();
        let creation = creates.then(|| self.creation());
        Change { attributes, population, enabled, password, creation }
    }

    fn set_attribute(&mut self, index: usize, attribute: &Attribute, text: &str) {
        match value::typed(text, attribute.kind, attribute.multi_valued) {
            Ok(value) => self.user.set(&attribute.path, value),
            Err(message) => self.issue(index, "INVALID_VALUE", message),
        }
    }

    /// The cell says that the attribute is to have no value.
    fn clear(&mut self, index: usize, target: &Target) {
        match target {
            Target::Attribute(attribute) => self.user.set(&attribute.path, Value::Null),
            Target::Ignored | Target::Line | Target::Unknown | Target::Nameless => {}
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

    fn check_schema(&mut self, purpose: Purpose) {
        let has_username = !self.user.username.is_empty();
        if !has_username {
            // The user that is found has one.
            "someone".clone_into(&mut self.user.username);
        }
        let problems = self.rules.directory.schema.validate(&self.user);
        if !has_username {
            self.user.username.clear();
        }
        for problem in problems {
            // What the row does not mention, a user that exists has already.
            let is_absent = !self.user.attributes.contains_key(&problem.target);
            if purpose != Purpose::Create && problem.code == ProblemCode::RequiredValue && is_absent {
                continue;
            }
            let header = self.rules.header;
            let column = header.column_of(&problem.target);
            let name = column.map(|index| header.names[index].clone());
            let mut issue = Issue::new(name, problem.code.as_str(), problem.to_string());
            issue.number = column.map(|index| header.number(index));
            issue.target = Some(problem.target);
            self.issues.push(issue);
        }
    }

    fn issue(&mut self, index: usize, code: &'static str, message: String) {
        let header = self.rules.header;
        let mut issue = Issue::new(header.names.get(index).cloned(), code, message).at(header, index);
        issue.target = header.targets.get(index).and_then(Target::attribute);
        self.issues.push(issue);
    }
}

/// A create has nothing to clear.
fn without_nulls(attributes: Map<String, Value>) -> Map<String, Value> {
    let kept = attributes.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::Object(parts) if parts.values().any(Value::is_null) => {
            let parts = without_nulls(parts);
            (!parts.is_empty()).then_some((name, Value::Object(parts)))
        }
        value => Some((name, value)),
    });
    kept.collect()
}
