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
            Self::Name => is_made_of(text, IN_NAME, &NAME),
            Self::Street => is_made_of(text, IN_STREET, &STREET),
            Self::Timezone => text.split_once('/').is_some_and(|(area, city)| is_word(area) && is_word(city)),
            Self::Url => ["http://", "https://"].iter().any(|scheme| {
                text.strip_prefix(scheme)
                    .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
            }),
            Self::Wide => is_made_of(text, IN_WIDE, &WIDE),
        }
    }
}

/// Whether a text holds nothing but characters of a class. Most texts are ASCII and need no regular expression.
fn is_made_of(text: &str, class: u8, others: &LazyLock<Option<Regex>>) -> bool {
    // Most values are right to the end, so that to stop at the first wrong byte would only take longer.
    let is_ascii_of_class = text.bytes().fold(class, |common, byte| common & classes_of(byte)) != 0;
    is_ascii_of_class || !text.is_ascii() && others.as_ref().is_none_or(|class| class.is_match(text))
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
    let bytes = text.as_bytes();
    if let Some(at) = bytes.iter().position(|byte| *byte == b'@')
        && is_dotted(&bytes[..at], IN_LOCAL)
        && is_domain(&bytes[at + 1..])
    {
        return true;
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    // Quoted parts and addresses in brackets are rare enough to leave them to PingOne.
    local.len() > 1 && local.starts_with('"') && local.ends_with('"')
        || domain.starts_with('[')
        || is_email_beyond_ascii(local, domain)
}

/// Whether a text is ASCII of a class, with no dot at an end or behind another.
fn is_dotted(text: &[u8], class: u8) -> bool {
    let (mut common, mut pairs, mut before) = (class, 0, DOT);
    for byte in text {
        let classes = classes_of(*byte);
        common &= classes;
        pairs |= classes & before;
        before = classes;
    }
    common != 0 && (pairs | before) & DOT == 0
}

/// As [`is_dotted`], of labels, which begin and end with no hyphen.
fn is_domain(text: &[u8]) -> bool {
    let is_edge = |pair: &[u8]| matches!(pair, [b'.', b'-'] | [b'-', b'.']);
    let has_such = || text.starts_with(b"-") || text.ends_with(b"-") || text.windows(2).any(is_edge);
    // Few domains have a hyphen at all.
    is_dotted(text, IN_WORDS) || is_dotted(text, IN_DOMAIN) && !has_such()
}

fn is_email_beyond_ascii(local: &str, domain: &str) -> bool {
    let atom = |c: char| match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => classes_of(byte) & IN_LOCAL != 0,
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

/// The classes of a byte; one beyond ASCII has none.
fn classes_of(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

const IN_NAME: u8 = 1;
const IN_STREET: u8 = 2;
const IN_WIDE: u8 = 4;
/// The characters of the part before an `@`, dots included.
const IN_LOCAL: u8 = 8;
/// The characters of the part behind it, dots included.
const IN_DOMAIN: u8 = 16;
/// Those of a domain without hyphens.
const IN_WORDS: u8 = 32;
const DOT: u8 = 64;

/// One look at a table for each byte of most values of an import.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = classes_of_ascii(byte);
        byte += 1;
    }
    classes
};

const fn classes_of_ascii(byte: u8) -> u8 {
    let others = if byte.is_ascii_control() { 0 } else { IN_STREET | IN_WIDE };
    others
        | match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => IN_NAME | IN_LOCAL | IN_DOMAIN | IN_WORDS,
            b'-' => IN_NAME | IN_LOCAL | IN_DOMAIN,
            b'.' => IN_NAME | IN_LOCAL | IN_DOMAIN | IN_WORDS | DOT,
            b'\'' => IN_NAME | IN_LOCAL,
            b' ' => IN_NAME,
            b'!' | b'#'..=b'&' | b'*' | b'+' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~' => IN_LOCAL,
            b'\n' | b'\r' => IN_STREET,
            _ => 0,
        }
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
                    let is_short = is_dotted(local.as_bytes(), IN_LOCAL) && is_domain(domain.as_bytes());
                    assert_eq!(is_short, is_email_beyond_ascii(local, domain), "{local:?} at {domain:?}");
                }
            }
            texts = texts.iter().flat_map(|text| characters.map(|next| format!("{text}{next}"))).collect();
        }
        for byte in 0..128_u8 {
            let text = char::from(byte).to_string();
            let is_in = |class: u8| classes_of(byte) & class != 0;
            let is_local = text.contains(|c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c));
            assert_eq!(is_in(IN_LOCAL), is_local, "{text:?}");
            assert_eq!(is_in(IN_DOMAIN), byte.is_ascii_alphanumeric() || b"-.".contains(&byte), "{text:?}");
            assert_eq!(is_in(IN_WORDS), byte.is_ascii_alphanumeric() || byte == b'.', "{text:?}");
            assert_eq!(is_in(DOT), byte == b'.', "{text:?}");
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
