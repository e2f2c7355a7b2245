use std::time::Duration;

/// What PingOne's documentation leaves open, and what the simulator does until somebody knows better.
///
/// Nothing here was verified against the real service.
#[derive(Debug, Clone)]
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
    /// How long users that were created are missing from lists and searches, and users that were deleted are still
    /// in them. Reading one by its id always tells the truth. Default: zero.
    pub search_lag: Duration,
    /// How long a cursor works. Default: for ever.
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
    /// Whether a clear-text password must satisfy PingOne's standard policy: 8 to 255 characters with a lower-case
    /// letter, an upper-case letter, a digit and a special character. Default: yes.
    pub password_policy: bool,
    /// Whether a user's present password is refused as its new one. Default: no.
    pub password_history: bool,
    /// Whether the default population can be deleted when it is empty. Default: no, as the documentation says.
    pub delete_default_population: bool,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            rate_window: RateWindow::Bucket,
            rate_burst: None,
            page_limit: 200,
            short_page_every: Some(3),
            search_lag: Duration::ZERO,
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
            password_policy: true,
            password_history: false,
            delete_default_population: false,
        }
    }
}

/// How a rate limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateWindow {
    /// A bucket of permits that fills evenly.
    Bucket,
    /// A number of permits for each second by the clock.
    Second,
}

/// Form of a `Retry-After` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfterForm {
    /// A number of seconds.
    Seconds,
    /// A date.
    HttpDate,
    /// No header.
    Absent,
}
