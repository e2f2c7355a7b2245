use regex::Regex;

/// An attribute that a customer added to the user schema.
#[derive(Debug, Clone)]
pub struct CustomAttribute {
    /// Name in a user's JSON.
    pub name: String,
    /// Kind of value.
    pub kind: CustomType,
    /// Whether a user must have a value.
    pub required: bool,
    /// Whether no two users may have the same value.
    pub unique: bool,
    /// Whether it holds a list of values.
    pub multi_valued: bool,
    /// Whether the attribute is in use; a disabled one is ignored on write and not returned.
    pub enabled: bool,
    /// Regular expression that the whole value must match.
    pub pattern: Option<String>,
    /// The only values allowed; empty means any.
    pub enumerated_values: Vec<String>,
}

impl CustomAttribute {
    /// An optional text attribute that accepts anything.
    pub fn text(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: CustomType::String,
            required: false,
            unique: false,
            multi_valued: false,
            enabled: true,
            pattern: None,
            enumerated_values: Vec::new(),
        }
    }
}

/// Kind of a custom attribute's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomType {
    /// Text.
    String,
    /// Any JSON value.
    Json,
}

impl CustomType {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::String => "STRING",
            Self::Json => "JSON",
        }
    }
}

/// A custom attribute with its pattern ready.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) attribute: CustomAttribute,
    /// `None` if there is no pattern or our engine cannot read it.
    pub(crate) pattern: Option<Regex>,
}

impl Compiled {
    pub(crate) fn new(attribute: &CustomAttribute) -> Self {
        let pattern =
            attribute.pattern.as_ref().and_then(|pattern| Regex::new(&format!("^(?:{pattern})$")).ok());
        Self { attribute: attribute.clone(), pattern }
    }
}
