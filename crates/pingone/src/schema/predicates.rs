//! The documented patterns, written out: a regular expression per cell would be most of an import's time.

use std::sync::LazyLock;

use regex::Regex;

/// The form that a value must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Any,
    /// `[A-Z]{2}`.
    Country,
    /// At least one digit.
    Digit,
    /// RFC 2822, section 3.4, in its everyday part.
    Email,
    /// Letters, marks, digits, `'`, space, `.` and `-`.
    Name,
    /// As `Wide`, and line breaks.
    Street,
    /// `Area/City`.
    Timezone,
    /// An http or https URL.
    Url,
    /// Everything but control characters and the like.
    Wide,
}

impl Form {
    /// The form in words, as a clause that follows the attribute's name.
    pub(super) const fn demand(self) -> &'static str {
        match self {
            Self::Any => "must be text",
            Self::Country => "must be a country code of two capital letters, such as PL",
            Self::Digit => "must contain a digit",
            Self::Email => "must be a well-formed email address",
            Self::Name => "must only contain letters, digits, spaces, ', . and -",
            Self::Street | Self::Wide => "must not contain control characters",
            Self::Timezone => "must be a time zone such as Europe/Warsaw",
            Self::Url => "must be an http or https address",
        }
    }

    pub(super) fn holds(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::Digit => text.bytes().any(|byte| byte.is_ascii_digit()),
            Self::Email => is_email(text),
            Self::Name => {
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"' .-".contains(&byte);
                is_made_of(text, is_name, &NAME)
            }
            Self::Street => {
                let is_street = |byte: u8| !byte.is_ascii_control() || byte == b'\n' || byte == b'\r';
                is_made_of(text, is_street, &STREET)
            }
            Self::Timezone => text.split_once('/').is_some_and(|(area, city)| is_word(area) && is_word(city)),
            Self::Url => ["http://", "https://"].iter().any(|scheme| {
                text.strip_prefix(scheme)
                    .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
            }),
            Self::Wide => is_made_of(text, |byte| !byte.is_ascii_control(), &WIDE),
        }
    }
}

/// Whether a text holds nothing but characters of a class. Most texts are ASCII and need no regular expression.
fn is_made_of(text: &str, is_in_class: impl Fn(u8) -> bool, others: &LazyLock<Option<Regex>>) -> bool {
    if text.is_ascii() {
        text.bytes().all(is_in_class)
    } else {
        others.as_ref().is_none_or(|class| class.is_match(text))
    }
}

static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}' .-]*$").ok());
static STREET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{Zs}\p{S}\p{N}\p{P}\n\r]*$").ok());
static WIDE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{Zs}\p{S}\p{N}\p{P}]*$").ok());

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    // Quoted parts and addresses in brackets are rare enough to leave them to PingOne.
    if local.len() > 1 && local.starts_with('"') && local.ends_with('"') || domain.starts_with('[') {
        return true;
    }
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    local.split('.').all(|part| !part.is_empty() && part.chars().all(atom)) && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let table: &[(Form, &[&str], &[&str])] = &[
            (Form::Country, &["PL", "DE"], &["pl", "P", "POL", "P1"]),
            (Form::Digit, &["1", "+48 22"], &["", "none"]),
            (
                Form::Email,
                &["a@b", "ada.l+x@mail.example.com", "zoë@exämple.com"],
                &["", "a", "a@", "@b", "a b@c", "a@b@c", ".a@b", "a@b.", "a@-b"],
            ),
            (Form::Name, &["O'Neil-Żak Jr. 3", "İnci", "বাংলাদেশ", "हिन्दी"], &["a,b", "(x)", "O’Neil", "a\tb"]),
            (Form::Street, &["Main 1\nFlat 2"], &["a\u{0}b"]),
            (Form::Timezone, &["Europe/Warsaw"], &["UTC", "America/Argentina/Salta", "/x"]),
            (Form::Url, &["https://example.com/a.png"], &["ftp://x", "https://", "http://a b"]),
            (Form::Wide, &["Ada, (x) “y” €", ""], &["a\nb", "a\u{7}"]),
        ];
        for (form, good, bad) in table {
            for text in *good {
                assert!(form.holds(text), "{form:?} {text:?}");
            }
            for text in *bad {
                assert!(!form.holds(text), "{form:?} {text:?}");
            }
        }
    }
    #[test]
    fn the_short_way_for_ascii_agrees_with_the_patterns() {
        for (form, pattern) in [(Form::Name, &NAME), (Form::Street, &STREET), (Form::Wide, &WIDE)] {
            let pattern = pattern.as_ref().unwrap();
            for byte in 0..128_u8 {
                let text = char::from(byte).to_string();
                assert_eq!(form.holds(&text), pattern.is_match(&text), "{form:?} {text:?}");
            }
        }
    }
}
