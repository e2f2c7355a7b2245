//! PingOne's own attributes, with the limits of the published API description.

/// One attribute.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) core: bool,
    /// Longest text.
    pub(super) max: usize,
    pub(super) pattern: Pattern,
    pub(super) children: &'static [Self],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    Complex,
    /// Only PingOne sets it, or another request does: accepted and ignored in a user's body.
    ReadOnlyBool,
    ReadOnlyComplex,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text => "STRING",
            Self::Bool | Self::ReadOnlyBool => "BOOLEAN",
            Self::Complex | Self::ReadOnlyComplex => "COMPLEX",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    Any,
    Wide,
    Name,
    Street,
    Country,
    Digit,
    Timezone,
    Url,
    Email,
    Lifecycle,
    /// A language tag in the form of RFC 5646.
    Locale,
    /// What `Accept-Language` may have: RFC 9110, section 12.5.4.
    Languages,
}

impl Pattern {
    /// The documented regular expression, where there is one.
    pub(super) const fn regex(self) -> Option<&'static str> {
        match self {
            Self::Wide => Some(r"^[\p{L}\p{M}\p{Zs}\p{S}\p{N}\p{P}]*$"),
            Self::Name => Some(r"^[\p{L}\p{M}\p{N}' .-]*$"),
            Self::Street => Some(r"^[\p{L}\p{M}\p{Zs}\p{S}\p{N}\p{P}\n\r]*$"),
            Self::Country => Some(r"^[A-Z]{2}$"),
            Self::Digit => Some(r"[0-9]"),
            Self::Timezone => Some(r"^\w+\/\w+$"),
            Self::Url => Some(r"^https?://\S+$"),
            Self::Lifecycle => Some(r"^(ACCOUNT_OK|VERIFICATION_REQUIRED)$"),
            Self::Locale => Some(r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"),
            Self::Languages => Some(LANGUAGES),
            Self::Any | Self::Email => None,
        }
    }
}

const LANGUAGES: &str = r"(?x)^
    ( (^|\s*,\s*) ([A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})* | \*) (\s*;\s*q=(0(\.[0-9]{0,3})?|1(\.0{0,3})?))? )+ $";

const fn text(name: &'static str, max: usize, pattern: Pattern) -> Definition {
    Definition { name, kind: Kind::Text, core: false, max, pattern, children: &[] }
}

const fn other(name: &'static str, kind: Kind) -> Definition {
    Definition { name, kind, core: false, max: usize::MAX, pattern: Pattern::Any, children: &[] }
}

const fn complex(name: &'static str, children: &'static [Definition]) -> Definition {
    Definition { children, ..other(name, Kind::Complex) }
}

const fn read_only(name: &'static str, children: &'static [Definition]) -> Definition {
    Definition { children, core: true, ..other(name, Kind::ReadOnlyComplex) }
}

pub(super) static STANDARD: [Definition; 22] = [
    Definition { core: true, ..text("username", 128, Pattern::Wide) },
    text("email", usize::MAX, Pattern::Email),
    other("emailVerified", Kind::Bool),
    complex(
        "name",
        &[
            text("given", 256, Pattern::Wide),
            text("middle", 256, Pattern::Wide),
            text("family", 256, Pattern::Name),
            text("formatted", 256, Pattern::Name),
            text("honorificPrefix", usize::MAX, Pattern::Any),
            text("honorificSuffix", usize::MAX, Pattern::Any),
        ],
    ),
    text("nickname", 256, Pattern::Wide),
    text("title", 256, Pattern::Wide),
    text("type", 256, Pattern::Wide),
    text("locale", 256, Pattern::Locale),
    text("preferredLanguage", usize::MAX, Pattern::Languages),
    text("timezone", usize::MAX, Pattern::Timezone),
    text("primaryPhone", 32, Pattern::Digit),
    text("mobilePhone", 32, Pattern::Digit),
    text("externalId", 1024, Pattern::Any),
    text("accountId", usize::MAX, Pattern::Any),
    complex(
        "address",
        &[
            text("streetAddress", 256, Pattern::Street),
            text("locality", 256, Pattern::Wide),
            text("region", 256, Pattern::Wide),
            text("postalCode", 40, Pattern::Wide),
            text("countryCode", 2, Pattern::Country),
        ],
    ),
    complex("photo", &[text("href", usize::MAX, Pattern::Url)]),
    Definition { core: true, ..other("mfaEnabled", Kind::ReadOnlyBool) },
    Definition { core: true, ..other("enabled", Kind::ReadOnlyBool) },
    read_only("population", &[text("id", usize::MAX, Pattern::Any)]),
    complex("lifecycle", &[text("status", usize::MAX, Pattern::Lifecycle)]),
    read_only(
        "identityProvider",
        &[text("id", usize::MAX, Pattern::Any), text("type", usize::MAX, Pattern::Any)],
    ),
    read_only("account", &[text("status", usize::MAX, Pattern::Any)]),
];
