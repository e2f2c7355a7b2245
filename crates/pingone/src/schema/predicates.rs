//! The documented patterns, written out: a regular expression per cell would be most of an import's time.

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
            Self::Name => text.chars().all(|c| c.is_alphanumeric() || is_mark(c) || "' .-".contains(c)),
            Self::Street => text.chars().all(|c| is_wide(c) || c == '\n' || c == '\r'),
            Self::Timezone => text.split_once('/').is_some_and(|(area, city)| is_word(area) && is_word(city)),
            Self::Url => ["http://", "https://"].iter().any(|scheme| {
                text.strip_prefix(scheme)
                    .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
            }),
            Self::Wide => text.chars().all(is_wide),
        }
    }
}

/// Letters, marks, space separators, symbols, numbers and punctuation; left are controls and the unassigned, and of
/// the latter PingOne decides.
fn is_wide(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{e000}'..='\u{f8ff}') && !is_format(c)
}

/// The format characters that occur in files: soft hyphen, joiners, directional marks, byte order mark.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The combining marks of the alphabets in use.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
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
            (Form::Name, &["O'Neil-Żak Jr. 3", "İnci"], &["a,b", "(x)", "O’Neil", "a\tb"]),
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
}
