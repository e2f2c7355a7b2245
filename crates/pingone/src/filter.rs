use std::fmt;

use thiserror::Error;
use uuid::Uuid;

/// A SCIM filter, as `GET /users` takes it.
///
/// A value cannot escape from its quotes and an attribute path cannot hold anything but a path, so a filter
/// means what it was built to mean, whatever text a file holds.
/// Only what PingOne supports can be built: `eq`, `sw`, `ew`, `co`, `and`, `or` and grouping.
///
/// ```
/// use pingone::{AttributePath, Filter};
///
/// let filter = Filter::eq(AttributePath::USERNAME, r#"x" or username sw ""#);
/// assert_eq!(filter.to_string(), r#"username eq "x\" or username sw \"""#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(Node);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Comparison { path: AttributePath, operator: &'static str, value: FilterValue },
    Member(Uuid),
    And(Vec<Self>),
    Or(Vec<Self>),
    Verbatim(String),
}

impl Filter {
    /// A filter in SCIM's own words, which PingOne judges; parentheses, brackets and quotes must be balanced, so
    /// that it cannot reach beyond itself where it is combined with another.
    ///
    /// # Errors
    /// When it is blank or not balanced.
    pub fn verbatim(text: &str) -> Result<Self, InvalidFilter> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidFilter("it is blank"));
        }
        let (mut open, mut is_quoted, mut is_escaped) = (Vec::new(), false, false);
        for c in text.chars() {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                _ if is_quoted => {}
                '(' | '[' => open.push(c),
                ')' if open.pop() != Some('(') => {
                    return Err(InvalidFilter("a parenthesis is closed and not open"));
                }
                ']' if open.pop() != Some('[') => {
                    return Err(InvalidFilter("a bracket is closed and not open"));
                }
                _ => {}
            }
        }
        match (is_quoted, open.is_empty()) {
            (true, _) => Err(InvalidFilter("a quote is not closed")),
            (false, false) => Err(InvalidFilter("a parenthesis or bracket is not closed")),
            (false, true) => Ok(Self(Node::Verbatim(text.to_owned()))),
        }
    }

    /// The attribute has exactly this value.
    pub fn eq(path: AttributePath, value: impl Into<FilterValue>) -> Self {
        Self::comparison(path, "eq", value.into())
    }

    /// The attribute starts with this text.
    pub fn sw(path: AttributePath, value: &str) -> Self {
        Self::comparison(path, "sw", value.into())
    }

    /// The attribute ends with this text.
    pub fn ew(path: AttributePath, value: &str) -> Self {
        Self::comparison(path, "ew", value.into())
    }

    /// The attribute contains this text.
    pub fn co(path: AttributePath, value: &str) -> Self {
        Self::comparison(path, "co", value.into())
    }

    /// The user with this username.
    pub fn username(username: &str) -> Self {
        Self::eq(AttributePath::USERNAME, username)
    }

    /// The users of this population.
    pub fn population(id: Uuid) -> Self {
        Self::eq(AttributePath::POPULATION_ID, id)
    }

    /// The users of this group, by whatever way they are in it.
    pub fn member_of(group: Uuid) -> Self {
        Self(Node::Member(group))
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut terms = match self.0 {
            Node::And(terms) => terms,
            node => vec![node],
        };
        terms.push(other.0);
        Self(Node::And(terms))
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut terms = match self.0 {
            Node::Or(terms) => terms,
            node => vec![node],
        };
        terms.push(other.0);
        Self(Node::Or(terms))
    }

    fn comparison(path: AttributePath, operator: &'static str, value: FilterValue) -> Self {
        Self(Node::Comparison { path, operator, value })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (terms, word) = match self {
            Self::Comparison { path, operator, value } => return write!(f, "{path} {operator} {value}"),
            Self::Member(group) => return write!(f, "memberOfGroups[id eq \"{group}\"]"),
            Self::Verbatim(text) => return f.write_str(text),
            Self::And(terms) => (terms, " and "),
            Self::Or(terms) => (terms, " or "),
        };
        for (index, term) in terms.iter().enumerate() {
            if index > 0 {
                f.write_str(word)?;
            }
            match term {
                Self::Comparison { .. } | Self::Member(_) => write!(f, "{term}")?,
                Self::And(_) | Self::Or(_) | Self::Verbatim(_) => write!(f, "({term})")?,
            }
        }
        Ok(())
    }
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterValue {
    /// Written in quotes, escaped as a JSON string (RFC 7644, section 3.4.2.2).
    Text(String),
    /// Written bare.
    Bool(bool),
}

impl fmt::Display for FilterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

impl From<&str> for FilterValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for FilterValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Uuid> for FilterValue {
    fn from(id: Uuid) -> Self {
        Self::Text(id.to_string())
    }
}

impl From<bool> for FilterValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// Path of an attribute, such as `username` or `name.family`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath(std::borrow::Cow<'static, str>);

impl AttributePath {
    /// `username`
    pub const USERNAME: Self = Self::constant("username");
    /// `email`
    pub const EMAIL: Self = Self::constant("email");
    /// `enabled`
    pub const ENABLED: Self = Self::constant("enabled");
    /// `externalId`
    pub const EXTERNAL_ID: Self = Self::constant("externalId");
    /// `population.id`
    pub const POPULATION_ID: Self = Self::constant("population.id");

    /// Accepts what PingOne allows as an attribute's name — a letter, then letters, digits, `-` and `_` — with
    /// at most one dot between two of them.
    pub fn new(path: impl Into<String>) -> Result<Self, InvalidPath> {
        let path = path.into();
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        let valid = match path.split_once('.') {
            Some((parent, child)) => is_name(parent) && is_name(child),
            None => is_name(&path),
        };
        if valid { Ok(Self(path.into())) } else { Err(InvalidPath(path)) }
    }

    const fn constant(path: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(path))
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not the path of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not an attribute's path")]
pub struct InvalidPath(pub String);

/// The text cannot be a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not a filter: {0}")]
pub struct InvalidFilter(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        for (value, written) in [
            ("ada", r#""ada""#),
            (r#"a"b"#, r#""a\"b""#),
            (r"a\b", r#""a\\b""#),
            (r#"\" or username sw ""#, r#""\\\" or username sw \"""#),
            ("line\nbreak\u{0}", r#""line\nbreak\u0000""#),
            ("żółć 🦀", r#""żółć 🦀""#),
        ] {
            assert_eq!(Filter::username(value).to_string(), format!("username eq {written}"));
        }
    }

    #[test]
    fn mixed_operators_are_grouped() {
        let id = Uuid::nil();
        let either = Filter::username("a").or(Filter::username("b"));
        let filter = either.and(Filter::population(id)).and(Filter::eq(AttributePath::ENABLED, true));
        let filter = filter.and(Filter::member_of(id));
        assert_eq!(
            filter.to_string(),
            r#"(username eq "a" or username eq "b") and population.id eq "00000000-0000-0000-0000-000000000000" and enabled eq true and memberOfGroups[id eq "00000000-0000-0000-0000-000000000000"]"#
        );
    }

    #[test]
    fn words_of_others_stay_within_their_parentheses() {
        let population = Filter::population(Uuid::nil());
        let combined =
            population.and(Filter::verbatim(r#" email ew "@example.com" or title eq "(" "#).unwrap());
        assert_eq!(
            combined.to_string(),
            r#"population.id eq "00000000-0000-0000-0000-000000000000" and (email ew "@example.com" or title eq "(")"#
        );
        for filter in [r#"memberOfGroups[id eq "a]"]"#, r#"username eq "a\"b""#, "(enabled eq true)"] {
            assert_eq!(Filter::verbatim(filter).unwrap().to_string(), filter);
        }
        for filter in [
            "",
            "  ",
            r#"username eq "a"#,
            "a eq true) or (b eq true",
            "(a eq true",
            "a[b(c])",
            r#"a eq "\""#,
        ] {
            assert!(Filter::verbatim(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn a_path_holds_a_path_only() {
        for path in ["username", "name.given", "memberOf", "cost-centre", "a_b"] {
            assert_eq!(AttributePath::new(path).unwrap().to_string(), path);
        }
        for path in ["", "a b", "a.b.c", "1a", "a.", ".a", r#"a" eq "b"#, "a[b]", "é"] {
            assert_eq!(AttributePath::new(path), Err(InvalidPath(path.into())));
        }
    }
}
