use std::sync::{Arc, OnceLock};

use regex::Regex;
use serde::Deserialize;
use uuid::Uuid;

/// The attributes that users of an environment may have.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// The schema's own id.
    pub id: Option<Uuid>,
    /// Top-level attributes in PingOne's order.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute at `path`, where one dot names a sub-attribute; letter case counts.
    pub fn attribute(&self, path: &str) -> Option<&Attribute> {
        let named = |attributes: &'_ [Attribute], name: &str| attributes.iter().position(|a| a.name == name);
        match path.split_once('.') {
            Some((parent, child)) => {
                let parent = &self.attributes[named(&self.attributes, parent)?];
                Some(&parent.sub_attributes[named(&parent.sub_attributes, child)?])
            }
            None => Some(&self.attributes[named(&self.attributes, path)?]),
        }
    }

    /// The path of every enabled attribute that a create may set: sub-attributes instead of their complex
    /// parent, without `password`, which is not an attribute.
    pub fn importable_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for attribute in self.attributes.iter().filter(|attribute| attribute.is_importable()) {
            if attribute.sub_attributes.is_empty() {
                paths.push(attribute.name.clone());
            }
            for child in attribute.sub_attributes.iter().filter(|child| child.enabled) {
                paths.push(format!("{}.{}", attribute.name, child.name));
            }
        }
        paths
    }
}

/// One attribute of the user schema.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// Identifies the attribute.
    pub id: Option<Uuid>,
    /// Name in a user's JSON; without the parent's name for a sub-attribute.
    pub name: String,
    /// Name for humans.
    pub display_name: Option<String>,
    /// What the attribute is for.
    pub description: Option<String>,
    /// The kind of value.
    #[serde(rename = "type", default)]
    pub kind: AttributeType,
    /// Who defines the attribute.
    #[serde(default)]
    pub schema_type: SchemaType,
    /// Whether the attribute is in use. A disabled one is ignored on write and not returned.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether a user must have a value.
    #[serde(default)]
    pub required: bool,
    /// Whether no two users may have the same value.
    #[serde(default)]
    pub unique: bool,
    /// Whether the value is an array of values.
    #[serde(default)]
    pub multi_valued: bool,
    /// Parts of a complex attribute.
    #[serde(default)]
    pub sub_attributes: Vec<Self>,
    /// The only values allowed; empty means any.
    #[serde(default)]
    pub enumerated_values: Vec<EnumeratedValue>,
    /// Pattern that a value must match.
    pub regex_validation: Option<RegexValidation>,
}

impl Attribute {
    /// Whether a create may set it.
    pub fn is_importable(&self) -> bool {
        self.enabled && !READ_ONLY.contains(&self.name.as_str())
    }
}

fn yes() -> bool {
    true
}

/// The kind of an attribute's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AttributeType {
    /// Text.
    String,
    /// Any JSON value.
    Json,
    /// `true` or `false`.
    Boolean,
    /// An object with sub-attributes.
    Complex,
    /// Something newer than this crate.
    #[default]
    #[serde(other)]
    Other,
}

/// Who defines an attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SchemaType {
    /// PingOne; cannot be changed.
    Core,
    /// PingOne; can be disabled.
    Standard,
    /// The customer.
    Custom,
    /// Something newer than this crate.
    #[default]
    #[serde(other)]
    Other,
}

/// One of the values that an attribute allows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EnumeratedValue {
    /// The value.
    pub value: String,
    /// Whether the value is no longer accepted for new data.
    #[serde(default)]
    pub archived: bool,
}

/// The pattern of a custom attribute.
#[derive(Debug, Clone, Deserialize)]
pub struct RegexValidation {
    /// A regular expression that the whole value must match.
    pub pattern: String,
    /// The pattern in words.
    pub requirements: Option<String>,
    #[serde(skip)]
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl RegexValidation {
    /// A pattern with its description.
    pub fn new(pattern: impl Into<String>, requirements: Option<String>) -> Self {
        Self { pattern: pattern.into(), requirements, compiled: Arc::default() }
    }

    /// Whether `value` matches; a pattern that needs features which our engine lacks, such as look-ahead,
    /// matches everything, and PingOne decides.
    pub fn matches(&self, value: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", self.pattern)).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(value))
    }
}

/// Attributes that only PingOne sets, or that have a request of their own.
const READ_ONLY: [&str; 12] = [
    "account",
    "createdAt",
    "enabled",
    "environment",
    "id",
    "identityProvider",
    "lastSignOn",
    "memberOfGroupIDs",
    "memberOfGroupNames",
    "population",
    "updatedAt",
    "verifyStatus",
];
