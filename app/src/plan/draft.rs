//! What a row with which nothing is wrong has PingOne do.

use pingone::{NewPassword, NewUser};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::change::Change;
use super::header::Target;
use super::purpose::{MatchBy, Purpose};
use super::record::Record;
use super::row::{Action, Creation};
use super::rules::Rules;
use super::value;

/// The user that a row is about, as far as the row says. What [`Check`](super::check::Check) refuses is left out.
pub(super) struct Draft<'a> {
    rules: &'a Rules,
    user: NewUser,
    password: Option<String>,
    force_change: bool,
    enabled: Option<bool>,
    /// The population that the row names.
    named: Option<Uuid>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(rules: &'a Rules, record: &Record) -> Self {
        Self {
            rules,
            user: NewUser::new(rules.username(record), rules.reading.population),
            password: None,
            force_change: rules.reading.force_change,
            enabled: None,
            named: None,
        }
    }

    /// Takes a cell that says that there is to be no value.
    pub(super) fn clear(&mut self, target: &Target) {
        if let Target::Attribute(attribute) = target {
            self.user.set(&attribute.path, Value::Null);
        }
    }

    /// Takes the value of one cell; `whole` has the blanks around it, too.
    pub(super) fn set(&mut self, target: &Target, text: &str, whole: &str) {
        if text.is_empty() {
            return;
        }
        if self.rules.clears(text) {
            return self.clear(target);
        }
        let directory = &self.rules.directory;
        match target {
            Target::Username | Target::Ignored | Target::Line | Target::Unknown | Target::Nameless => {}
            Target::Enabled => self.enabled = value::boolean(text),
            Target::Population => self.set_population(directory.find(text)),
            Target::PopulationId => self.set_population(directory.find_id(text)),
            Target::PopulationName => self.set_population(directory.find_name(text)),
            // Blanks at the ends of a password are part of it.
            Target::Password => self.password = Some(whole.to_owned()),
            Target::ForceChange => self.force_change = value::boolean(text).unwrap_or(self.force_change),
            Target::Attribute(attribute) => {
                if let Ok(value) = value::typed(text, attribute.kind, attribute.multi_valued) {
                    self.user.set(&attribute.path, value);
                }
            }
        }
    }

    pub(super) fn finish(self) -> Action {
        match self.rules.reading.purpose {
            Purpose::Find => Action::Find,
            Purpose::Create => Action::Create(Box::new(self.creation())),
            purpose => Action::Change(Box::new(self.change(purpose))),
        }
    }

    fn creation(mut self) -> Creation {
        let force_change = self.force_change;
        self.user.password = self.password.map(|value| NewPassword { value: value.into(), force_change });
        let enabled = self.enabled.unwrap_or(!self.rules.reading.default_disabled);
        if self.user.attributes.values().any(has_null) {
            let attributes = std::mem::take(&mut self.user.attributes);
            self.user.attributes = without_nulls(attributes);
        }
        // PingOne mails a code to users who are to verify their address, unless it is told not to.
        if let Some(Value::Object(lifecycle)) = self.user.attributes.get_mut("lifecycle") {
            lifecycle.entry("suppressVerificationCode").or_insert(Value::Bool(true));
        }
        let has_no = |name: &str| self.user.attributes.get(name).is_none_or(Value::is_null);
        let required = self.rules.required.iter().map(|required| &required.name);
        let missing = required.filter(|name| has_no(name)).cloned().collect();
        Creation { user: self.user, disabled: !enabled, missing }
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

    fn set_population(&mut self, found: Option<Uuid>) {
        if found.is_some() {
            self.named = found;
            self.user.population = found;
        }
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Object(parts) => parts.values().any(has_null),
        value => value.is_null(),
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
