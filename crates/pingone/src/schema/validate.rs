use std::fmt;

use serde_json::Value;

use super::{demands, limits};
use crate::{Attribute, AttributeType, NewUser, Schema};

/// Something that PingOne would object to in a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the attribute, such as `name.family`.
    pub target: String,
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// What is wrong, as a clause that follows the target: "must not be blank".
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.target, self.message)
    }
}

/// The kinds of problem, named as PingOne's details name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// A value is missing.
    RequiredValue,
    /// A value is blank.
    EmptyValue,
    /// A value is too long.
    SizeLimitExceeded,
    /// A value does not have the form that its attribute demands.
    InvalidValue,
    /// The schema has no such attribute; PingOne would drop it without a word.
    UnknownAttribute,
}

impl ProblemCode {
    /// The code as PingOne writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequiredValue => "REQUIRED_VALUE",
            Self::EmptyValue => "EMPTY_VALUE",
            Self::SizeLimitExceeded => "SIZE_LIMIT_EXCEEDED",
            Self::InvalidValue => "INVALID_VALUE",
            Self::UnknownAttribute => "UNKNOWN_ATTRIBUTE",
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Schema {
    /// Everything that PingOne would object to in `user`, without asking it. An empty list means that nothing is
    /// known to be wrong; PingOne has the last word.
    pub fn validate(&self, user: &NewUser) -> Vec<Problem> {
        let mut problems = Vec::new();
        if user.username.trim().is_empty() {
            problems.push(Problem::new("username", ProblemCode::EmptyValue, "must not be blank"));
        } else {
            check_text("username", &user.username, None, &mut problems);
        }
        for (name, value) in user.sent_attributes() {
            match self.attributes.iter().find(|attribute| attribute.name == *name && attribute.enabled) {
                Some(attribute) => check(name, value, attribute, &mut problems),
                None if EXTRAS.contains(&name.as_str()) => {}
                None => problems.push(unknown(name)),
            }
        }
        for attribute in self.required() {
            if user.attributes.get(&attribute.name).is_none_or(Value::is_null) {
                problems.push(Problem::required(&attribute.name));
            }
        }
        problems
    }

    /// The attributes that every user must have, beside the username.
    pub fn required(&self) -> impl Iterator<Item = &Attribute> {
        let required = self.attributes.iter().filter(|attribute| attribute.enabled && attribute.required);
        required.filter(|attribute| attribute.name != "username")
    }
}

impl Problem {
    /// The attribute called `name` has no value and needs one.
    pub fn required(name: &str) -> Self {
        Self::new(name, ProblemCode::RequiredValue, "is required")
    }

    pub(super) fn new(target: &str, code: ProblemCode, message: impl Into<String>) -> Self {
        Self { target: target.to_owned(), code, message: message.into() }
    }
}

/// Adds to `problems` what is wrong with `value` as that of `attribute` at `path`.
pub(super) fn check(path: &str, value: &Value, attribute: &Attribute, problems: &mut Vec<Problem>) {
    let mut wrong = |wanted: &str| problems.push(Problem::new(path, ProblemCode::InvalidValue, wanted));
    match (attribute.kind, value) {
        (_, Value::Null) | (AttributeType::Json | AttributeType::Other, _) => {}
        (_, Value::Array(values)) if attribute.multi_valued => {
            values.iter().for_each(|value| check(path, value, attribute, problems));
        }
        (AttributeType::Boolean, value) => {
            if !value.is_boolean() {
                wrong("must be true or false");
            }
        }
        (AttributeType::Complex, Value::Object(members)) => {
            for (name, value) in members {
                let path = format!("{path}.{name}");
                match attribute.sub_attributes.iter().find(|child| child.name == *name && child.enabled) {
                    Some(child) => check(&path, value, child, problems),
                    None => problems.push(unknown(&path)),
                }
            }
        }
        (AttributeType::Complex, _) => wrong("must have sub-attributes"),
        (AttributeType::String, Value::String(text)) => check_text(path, text, Some(attribute), problems),
        (AttributeType::String, _) => wrong("must be text"),
    }
}

fn check_text(path: &str, text: &str, attribute: Option<&Attribute>, problems: &mut Vec<Problem>) {
    problems.extend(demands::objection(path, limits::of(path), attribute, text));
}

fn unknown(path: &str) -> Problem {
    Problem::new(path, ProblemCode::UnknownAttribute, "is no attribute of a user in this environment")
}

/// What an import may send beside attributes.
const EXTRAS: [&str; 2] = ["emailVerified", "lifecycle"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Schema {
        let attributes = json!([
            { "name": "username", "type": "STRING", "required": true, "unique": true },
            { "name": "email", "type": "STRING" },
            { "name": "name", "type": "COMPLEX", "subAttributes": [
                { "name": "given", "type": "STRING" },
                { "name": "family", "type": "STRING" },
            ] },
            { "name": "active", "type": "BOOLEAN", "schemaType": "CUSTOM" },
            { "name": "grade", "type": "STRING", "enumeratedValues": [{ "value": "A" }, { "value": "B", "archived": true }] },
            { "name": "badge", "type": "STRING", "required": true, "regexValidation": { "pattern": "[0-9]{3}", "requirements": "three digits" } },
            { "name": "gone", "type": "STRING", "enabled": false },
        ]);
        Schema { id: None, attributes: serde_json::from_value(attributes).unwrap() }
    }

    #[test]
    fn problems_name_their_target_and_kind() {
        let user =
            |path: &str, value: Value| NewUser::new("ada", None).with("badge", "123").with(path, value);
        let table = [
            (user("email", json!("ada@example.com")), None),
            (user("email", json!("ada")), Some(("email", ProblemCode::InvalidValue))),
            (user("name.family", json!("Kay, Jr")), Some(("name.family", ProblemCode::InvalidValue))),
            (user("name.given", json!("ż".repeat(256))), None),
            (
                user("name.given", json!("ż".repeat(257))),
                Some(("name.given", ProblemCode::SizeLimitExceeded)),
            ),
            (user("name.nick", json!("x")), Some(("name.nick", ProblemCode::UnknownAttribute))),
            (user("Email", json!("x")), Some(("Email", ProblemCode::UnknownAttribute))),
            (user("gone", json!("x")), Some(("gone", ProblemCode::UnknownAttribute))),
            (user("active", json!("yes")), Some(("active", ProblemCode::InvalidValue))),
            (user("grade", json!("A")), None),
            (user("grade", json!("B")), Some(("grade", ProblemCode::InvalidValue))),
            (user("badge", json!("12")), Some(("badge", ProblemCode::InvalidValue))),
            (user("emailVerified", json!(true)), None),
            (NewUser::new("ada", None), Some(("badge", ProblemCode::RequiredValue))),
            (NewUser::new(" ", None).with("badge", "123"), Some(("username", ProblemCode::EmptyValue))),
        ];
        for (user, expected) in table {
            let problems = schema().validate(&user);
            let found = problems.first().map(|problem| (problem.target.as_str(), problem.code));
            assert_eq!(found, expected, "{user:?}");
            assert!(problems.len() <= 1);
        }
    }
}
