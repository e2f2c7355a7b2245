use serde_json::Value;

use super::limits::{self, Rule};
use super::validate;
use crate::{Attribute, Problem, ProblemCode, Schema};

/// What PingOne demands of the values of one attribute, looked up once for many of them.
///
/// [`Schema::validate`] holds a whole user against the same demands.
#[derive(Debug, Clone)]
pub struct Demands {
    path: String,
    rule: Option<Rule>,
    /// `None` for the username, of which the schema demands nothing more.
    attribute: Option<Attribute>,
}

impl Schema {
    /// What is demanded of the attribute at `path`, where one dot names a sub-attribute; `None` if there is none.
    pub fn demands(&self, path: &str) -> Option<Demands> {
        let attribute = self.attribute(path)?.clone();
        Some(Demands { path: path.to_owned(), rule: limits::of(path), attribute: Some(attribute) })
    }
}

impl Demands {
    /// What is demanded of usernames, whatever the schema.
    pub fn of_usernames() -> Self {
        Self { path: "username".to_owned(), rule: limits::of("username"), attribute: None }
    }

    /// What is wrong with `text` as a value of the attribute, which must be one of text.
    pub fn objection(&self, text: &str) -> Option<Problem> {
        objection(&self.path, self.rule, self.attribute.as_ref(), text)
    }

    /// What is wrong with `value`, whatever the kind of the attribute.
    pub fn objections(&self, value: &Value) -> Vec<Problem> {
        let mut problems = Vec::new();
        match (&self.attribute, value) {
            (Some(attribute), value) => validate::check(&self.path, value, attribute, &mut problems),
            (None, Value::String(text)) => problems.extend(self.objection(text)),
            (None, _) => {}
        }
        problems
    }
}

/// What is wrong with `text` as the value at `path`, under the documented rule and the attribute's own.
pub(super) fn objection(
    path: &str,
    rule: Option<Rule>,
    attribute: Option<&Attribute>,
    text: &str,
) -> Option<Problem> {
    let invalid = |message: String| Some(Problem::new(path, ProblemCode::InvalidValue, message));
    if let Some(rule) = rule {
        // A character has at least one byte, so most values need no counting.
        if text.len() > rule.max && text.chars().count() > rule.max {
            let message = format!("must not be longer than {} characters", rule.max);
            return Some(Problem::new(path, ProblemCode::SizeLimitExceeded, message));
        }
        if !text.is_empty() && !rule.form.holds(text) {
            return invalid(rule.form.demand().to_owned());
        }
    }
    let attribute = attribute?;
    if let Some(pattern) = attribute.regex_validation.as_ref().filter(|pattern| !pattern.matches(text)) {
        let words = pattern.requirements.as_deref().unwrap_or(&pattern.pattern);
        return invalid(format!("must match: {words}"));
    }
    if attribute.enumerated_values.is_empty() {
        return None;
    }
    let mut allowed = attribute.enumerated_values.iter().filter(|allowed| !allowed.archived).peekable();
    if allowed.peek().is_some() && !allowed.any(|allowed| allowed.value == text) {
        return invalid("must be one of the values that its attribute allows".to_owned());
    }
    None
}
