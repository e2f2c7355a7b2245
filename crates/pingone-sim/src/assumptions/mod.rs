//! What PingOne's documentation leaves open.

mod choices;
mod times;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use choices::{CursorKind, PasswordPolicy, RateWindow, RetryAfterForm};
use times::{maybe_milliseconds, milliseconds};

/// What PingOne's documentation leaves open, and what the simulator does until somebody knows better.
///
/// Nothing here was verified against the real service. In JSON, and with `--assume`, a name has hyphens, a time is
/// milliseconds, and an absent value is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Assumptions {
    /// How a rate limit counts. Default: a bucket that fills evenly.
    pub rate_window: RateWindow,
    /// Requests that may come at once under a rate limit that is a bucket. Default: one second's worth.
    pub rate_burst: Option<f64>,
    /// Largest page of users; a larger `limit` is clamped. Default: 200, as the documentation says; the published
    /// API description says 1000.
    pub page_limit: usize,
    /// Makes every n-th page half as long as it could be, with a `next` link all the same. Default: 3.
    pub short_page_every: Option<usize>,
    /// Whether lists of users tell how many there are on all pages together. Default: yes.
    pub list_count: bool,
    /// How long users that were created are missing from lists and searches, and users that were deleted are still
    /// in them. Reading one by its id always tells the truth. Default: zero.
    #[serde(with = "milliseconds")]
    pub search_lag: Duration,
    /// What a cursor stands for while users come and go. Default: a place in the list.
    pub cursor: CursorKind,
    /// How long a cursor works. Default: for ever.
    #[serde(with = "maybe_milliseconds")]
    pub cursor_lifetime: Option<Duration>,
    /// Message of a 429.
    pub throttle_message: String,
    /// Whether every 429 has a detail with the code `LIMIT_EXCEEDED`. Default: yes.
    pub throttle_details: bool,
    /// Form of the `Retry-After` header of a 429. Default: seconds.
    pub retry_after: RetryAfterForm,
    /// Whether a user must have an e-mail address. Default: no; the published API description says yes.
    pub email_required: bool,
    /// Whether an attribute may be set to the empty text. Default: no.
    pub empty_text: bool,
    /// Status of a duplicate username. Default: 400; the published API description also knows 409.
    pub duplicate_status: u16,
    /// General code of a refused filter. Default: `INVALID_DATA`; `INVALID_REQUEST` is the alternative.
    pub invalid_filter_code: String,
    /// Whether `order` on users is refused with 400. Default: no, it is ignored.
    pub refuse_order: bool,
    /// Whether usernames that differ only in letter case are different. Default: no.
    pub case_sensitive_usernames: bool,
    /// Whether filters on texts tell letter cases apart. Default: no.
    pub case_sensitive_filters: bool,
    /// Whether a user has an `ETag`, and a change with an `If-Match` that is not it gets 412. Default: no, since
    /// none was ever seen.
    pub etags: bool,
    /// Status of a DELETE of a user that is not there, as the second one of the same user is. Default: 404; the
    /// alternative is 204.
    pub absent_delete_status: u16,
    /// Whether a PUT that has a `name` or an `address` keeps those parts of it that it does not name. Default: no,
    /// it clears them, as it clears attributes that it does not name.
    pub put_keeps_parts: bool,
    /// Which clear-text passwords must satisfy PingOne's standard policy: 8 to 255 characters with a lower-case
    /// letter, an upper-case letter, a digit and a special character. Default: all.
    pub password_policy: PasswordPolicy,
    /// What the refusal of an import's weak password names as its target. Default: `password`; `password.value` is
    /// an alternative.
    pub weak_password_target: String,
    /// Whether a user's present password is refused as its new one. Default: no.
    pub password_history: bool,
    /// Whether the default population can be deleted when it is empty. Default: no, as the documentation says.
    pub delete_default_population: bool,
    /// Status for an environment that does not exist. Default: 404; the published error descriptions also know 403.
    pub unknown_environment_status: u16,
}

impl Assumptions {
    /// Turns round what `NAME=VALUE` names, one after the other: see the README for the names.
    ///
    /// # Errors
    /// A sentence that says which names or values there are.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut given = serde_json::Map::new();
        for pair in pairs {
            let (name, value) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not NAME=VALUE"))?;
            let value = match value {
                "none" => serde_json::Value::Null,
                value => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
            };
            given.insert(name.trim().to_owned(), value);
        }
        serde_json::from_value(given.into()).map_err(|error| error.to_string())
    }
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            rate_window: RateWindow::Bucket,
            rate_burst: None,
            page_limit: 200,
            short_page_every: Some(3),
            list_count: true,
            search_lag: Duration::ZERO,
            cursor: CursorKind::Place,
            cursor_lifetime: None,
            throttle_message: "The request could not be completed. The rate limit was exceeded.".into(),
            throttle_details: true,
            retry_after: RetryAfterForm::Seconds,
            email_required: false,
            empty_text: false,
            duplicate_status: 400,
            invalid_filter_code: "INVALID_DATA".into(),
            refuse_order: false,
            case_sensitive_usernames: false,
            case_sensitive_filters: false,
            etags: false,
            absent_delete_status: 404,
            put_keeps_parts: false,
            password_policy: PasswordPolicy::Always,
            weak_password_target: "password".into(),
            password_history: false,
            delete_default_population: false,
            unknown_environment_status: 404,
        }
    }
}
