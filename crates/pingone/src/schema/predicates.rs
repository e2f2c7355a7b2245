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
            Self::Name => is_made_of(text, |byte| is_one_of(byte, IN_NAME), &NAME),
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
    match text.is_ascii() {
        true => is_dotted(local.as_bytes(), IN_ATOM) && is_domain(domain.as_bytes()),
        false => is_email_beyond_ascii(local, domain),
    }
}

/// Whether ASCII text is parts of characters of a class, with a dot between two of them.
fn is_dotted(text: &[u8], class: u8) -> bool {
    let mut before = b'.';
    let is_right = text.iter().all(|&byte| {
        let is_right = if byte == b'.' { before != b'.' } else { is_one_of(byte, class) };
        before = byte;
        is_right
    });
    is_right && before != b'.'
}

/// As [`is_dotted`], of labels, which begin and end with no hyphen.
fn is_domain(text: &[u8]) -> bool {
    let is_edge = |pair: &[u8]| matches!(pair, [b'.', b'-'] | [b'-', b'.']);
    let has_such = text.contains(&b'-')
        && (text.starts_with(b"-") || text.ends_with(b"-") || text.windows(2).any(is_edge));
    is_dotted(text, IN_LABEL) && !has_such
}

fn is_email_beyond_ascii(local: &str, domain: &str) -> bool {
    let atom = |c: char| match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => is_one_of(byte, IN_ATOM),
        _ => c.is_alphanumeric(),
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    local.split('.').all(|part| !part.is_empty() && part.chars().all(atom)) && domain.split('.').all(label)
}

/// Whether an ASCII character is of a class.
fn is_one_of(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

const IN_NAME: u8 = 1;
const IN_ATOM: u8 = 2;
const IN_LABEL: u8 = 4;

/// The classes of each character: one look at a table for each byte of most values of an import.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let marks: [(&[u8], u8); 3] = [(b"' .-", IN_NAME), (b"!#$%&'*+/=?^_`{|}~-", IN_ATOM), (b"-", IN_LABEL)];
    let mut number = 0;
    while number < marks.len() {
        let (bytes, class) = marks[number];
        let mut at = 0;
        while at < bytes.len() {
            classes[bytes[at] as usize] |= class;
            at += 1;
        }
        number += 1;
    }
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            classes[byte] |= IN_NAME | IN_ATOM | IN_LABEL;
        }
        byte += 1;
    }
    classes
};

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
    fn the_short_way_for_addresses_agrees_with_the_long_one() {
        let characters = ["a", "Z", "0", ".", "-", "_", " ", "+", "\"", "@"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            for text in &texts {
                let (local, domain) = (format!("x{text}"), format!("{text}x"));
                for (local, domain) in [
                    (text, "b"),
                    (&local, "b"),
                    (&String::from("a"), &domain[..]),
                    (&String::from("a"), text),
                ] {
                    let is_short = is_dotted(local.as_bytes(), IN_ATOM) && is_domain(domain.as_bytes());
                    assert_eq!(is_short, is_email_beyond_ascii(local, domain), "{local:?} at {domain:?}");
                }
            }
            texts = texts.iter().flat_map(|text| characters.map(|next| format!("{text}{next}"))).collect();
        }
        for byte in 0..128_u8 {
            let text = char::from(byte).to_string();
            let is_atom = text.contains(|c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c));
            assert_eq!(is_one_of(byte, IN_ATOM), is_atom, "{text:?}");
            assert_eq!(is_one_of(byte, IN_LABEL), byte.is_ascii_alphanumeric() || byte == b'-', "{text:?}");
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
