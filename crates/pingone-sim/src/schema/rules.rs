use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::Schema;
use super::custom::Compiled;
use super::definitions::{Definition, Kind, Pattern, STANDARD};
use crate::Assumptions;
use crate::errors::{ApiError, ErrorDetail, InnerError};

/// A user's attributes after the check: known names only, in alphabetical order.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// What is stored; `null` stands for an attribute to clear.
    pub(crate) profile: Map<String, Value>,
    /// `lifecycle.status`, which is stored apart.
    pub(crate) verification_required: Option<bool>,
    pub(crate) email_verified: Option<bool>,
}

impl Schema {
    /// Checks the attributes in a request's body, except `username`, which has rules of its own.
    ///
    /// Unknown attributes, and known ones in another letter case, are ignored without a word, as PingOne does.
    pub(crate) fn check(
        &self,
        body: Map<String, Value>,
        assumptions: &Assumptions,
    ) -> Result<Checked, ApiError> {
        let mut checked = Checked::default();
        let mut details = Vec::new();
        for (name, value) in body {
            if name == "username" {
                continue;
            }
            if let Some(definition) = Self::standard(&name) {
                standard(definition, value, &mut checked, &mut details, assumptions)?;
            } else if let Some(custom) = self.custom(&name).filter(|custom| custom.attribute.enabled) {
                check_custom(custom, &value, &mut details, assumptions);
                checked.profile.insert(name, value);
            }
        }
        checked.profile.sort_keys();
        if details.is_empty() { Ok(checked) } else { Err(ApiError::invalid(details)) }
    }

    /// The attributes that a user must have and `profile` lacks.
    pub(crate) fn missing(
        &self,
        profile: &Map<String, Value>,
        assumptions: &Assumptions,
    ) -> Option<ApiError> {
        let email = assumptions.email_required.then_some("email");
        let custom =
            self.custom.iter().filter(|custom| custom.attribute.required && custom.attribute.enabled);
        let required = email.into_iter().chain(custom.map(|custom| custom.attribute.name.as_str()));
        let absent = required.filter(|name| profile.get(*name).is_none_or(Value::is_null));
        let details: Vec<_> =
            absent.map(|name| ErrorDetail::new("REQUIRED_VALUE", name, "must not be null")).collect();
        (!details.is_empty()).then(|| ApiError::invalid(details))
    }
}

/// Checks the username, which is the only attribute that every request must have.
pub(crate) fn username(value: Option<&Value>) -> Result<&str, ApiError> {
    let name = match value {
        None | Some(Value::Null) => "",
        Some(Value::String(name)) => name,
        Some(_) => return Err(ApiError::malformed("username", "must be a string")),
    };
    if name.trim().is_empty() {
        return Err(ApiError::malformed("username", "must not be blank"));
    }
    let mut details = Vec::new();
    check_text("username", name, &STANDARD[0], &mut details, true);
    if details.is_empty() { Ok(name) } else { Err(ApiError::invalid(details)) }
}

fn standard(
    definition: &'static Definition,
    value: Value,
    checked: &mut Checked,
    details: &mut Vec<ErrorDetail>,
    assumptions: &Assumptions,
) -> Result<(), ApiError> {
    let name = definition.name;
    match (definition.kind, value) {
        (Kind::ReadOnlyBool | Kind::ReadOnlyComplex, _) => {}
        (_, Value::Null) => {
            checked.profile.insert(name.into(), Value::Null);
        }
        (Kind::Bool, Value::Bool(value)) => checked.email_verified = Some(value),
        (Kind::Text, Value::String(text)) => {
            if definition.pattern == Pattern::Email && !text.is_empty() && !is_email(&text) {
                return Err(ApiError::malformed(name, "must be a well-formed email address"));
            }
            check_text(name, &text, definition, details, assumptions.empty_text);
            checked.profile.insert(name.into(), Value::String(text));
        }
        (Kind::Complex, Value::Object(members)) => {
            let object = children(definition, members, details, assumptions);
            if name == "lifecycle" {
                checked.verification_required =
                    object.get("status").map(|status| status == "VERIFICATION_REQUIRED");
            } else {
                checked.profile.insert(name.into(), Value::Object(object));
            }
        }
        (kind, _) => details.push(wrong_type(name, kind.name())),
    }
    Ok(())
}

fn children(
    definition: &'static Definition,
    members: Map<String, Value>,
    details: &mut Vec<ErrorDetail>,
    assumptions: &Assumptions,
) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in members {
        let Some(child) = definition.children.iter().find(|child| child.name == name) else { continue };
        let path = format!("{}.{name}", definition.name);
        match &value {
            Value::Null => {}
            Value::String(text) => check_text(&path, text, child, details, assumptions.empty_text),
            _ => details.push(wrong_type(&path, child.kind.name())),
        }
        object.insert(name, value);
    }
    object.sort_keys();
    object
}

fn check_text(path: &str, text: &str, definition: &Definition, details: &mut Vec<ErrorDetail>, empty: bool) {
    if text.is_empty() {
        if !empty {
            details.push(ErrorDetail::new("EMPTY_VALUE", path, "must not be empty"));
        }
    } else if text.chars().count() > definition.max {
        details.push(too_large(path, "characters", definition.max));
    } else if !matches(definition.pattern, text) {
        let pattern = definition.pattern.regex().unwrap_or_default();
        let inner = InnerError::Text("allowedPattern", pattern.into());
        details.push(ErrorDetail::new("INVALID_VALUE", path, "must match the allowed pattern").with(inner));
    }
}

fn check_custom(custom: &Compiled, value: &Value, details: &mut Vec<ErrorDetail>, assumptions: &Assumptions) {
    let attribute = &custom.attribute;
    if let Value::Array(values) = value
        && attribute.multi_valued
    {
        if values.len() > MAX_VALUES {
            details.push(too_large(&attribute.name, "values", MAX_VALUES));
        }
        return values.iter().for_each(|value| check_one(custom, value, details, assumptions));
    }
    check_one(custom, value, details, assumptions);
}

fn check_one(custom: &Compiled, value: &Value, details: &mut Vec<ErrorDetail>, assumptions: &Assumptions) {
    let attribute = &custom.attribute;
    if attribute.kind == super::CustomType::Json && value.to_string().len() > MAX_JSON {
        details.push(too_large(&attribute.name, "bytes", MAX_JSON));
    }
    let Value::String(text) = value else {
        if attribute.kind == super::CustomType::String && !value.is_null() {
            details.push(wrong_type(&attribute.name, "STRING"));
        }
        return;
    };
    if text.is_empty() && !assumptions.empty_text {
        details.push(ErrorDetail::new("EMPTY_VALUE", &attribute.name, "must not be empty"));
    } else if let Some(pattern) = custom.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
        let inner = InnerError::Text("allowedPattern", pattern.as_str().into());
        details.push(
            ErrorDetail::new("INVALID_VALUE", &attribute.name, "must match the allowed pattern").with(inner),
        );
    } else if !attribute.enumerated_values.is_empty() && !attribute.enumerated_values.contains(text) {
        details.push(ErrorDetail::new(
            "INVALID_VALUE",
            &attribute.name,
            "must be one of the enumerated values",
        ));
    }
}

fn too_large(path: &str, unit: &str, most: usize) -> ErrorDetail {
    let message = format!("must not be longer than {most} {unit}");
    ErrorDetail::new("SIZE_LIMIT_EXCEEDED", path, message)
        .with(InnerError::Number("maximumValue", most as u64))
}

fn wrong_type(path: &str, kind: &str) -> ErrorDetail {
    ErrorDetail::new("INVALID_VALUE", path, format!("must be of type {kind}"))
}

fn matches(pattern: Pattern, text: &str) -> bool {
    static COMPILED: LazyLock<Vec<(Pattern, Regex)>> = LazyLock::new(|| {
        let patterns = [
            Pattern::Wide,
            Pattern::Name,
            Pattern::Street,
            Pattern::Country,
            Pattern::Digit,
            Pattern::Timezone,
            Pattern::Url,
            Pattern::Lifecycle,
            Pattern::Locale,
            Pattern::Languages,
        ];
        patterns.iter().filter_map(|&p| Some((p, Regex::new(p.regex()?).ok()?))).collect()
    });
    let compiled = COMPILED.iter().find(|(candidate, _)| *candidate == pattern);
    compiled.is_none_or(|(_, regex)| regex.is_match(text))
}

/// Whether `text` is an address in the everyday part of RFC 2822, section 3.4: dot-atoms around one `@`.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom = |atom: &str, special: &str| {
        !atom.is_empty() && atom.chars().all(|c| c.is_alphanumeric() || special.contains(c))
    };
    local.split('.').all(|atom| is_atom(atom, "!#$%&'*+-/=?^_`{|}~"))
        && domain
            .split('.')
            .all(|label| is_atom(label, "-") && !label.starts_with('-') && !label.ends_with('-'))
}

/// Most values of an attribute that holds a list.
const MAX_VALUES: usize = 1000;
/// Largest value of an attribute of type JSON, in bytes.
const MAX_JSON: usize = 16 * 1024;
