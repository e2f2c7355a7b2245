use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Detail, Error, Refusal};

/// What came back for one attempt.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) host: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.unexpected(&error.to_string()))
    }

    /// How long the server asks to wait: seconds, or a date.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = timestamp(value)?;
        Some(Duration::try_from(date.duration_since(Timestamp::now())).unwrap_or_default())
    }

    /// When the server wrote the answer, by its own clock.
    pub(super) fn date(&self) -> Option<Timestamp> {
        timestamp(self.headers.get(DATE)?.to_str().ok()?)
    }

    /// The error for an answer that is not a success and not to be retried any more.
    pub(super) fn into_error(self) -> Error {
        match (self.status, self.refusal()) {
            (401, Some(refusal)) => Error::Unauthorized(Box::new(refusal)),
            (403, Some(refusal)) => Error::Forbidden(Box::new(refusal)),
            (400..500, Some(refusal)) => Error::Rejected(Box::new(refusal)),
            (500.., refusal) => Error::Server(Box::new(refusal.unwrap_or_else(|| self.bare_refusal()))),
            (408 | 429, None) => Error::Rejected(Box::new(self.bare_refusal())),
            _ => self.unexpected("it is not an answer of PingOne; a proxy may be speaking"),
        }
    }

    /// PingOne's words, or the status alone where a gateway spoke.
    pub(super) fn any_refusal(&self) -> Refusal {
        self.refusal().unwrap_or_else(|| self.bare_refusal())
    }

    fn refusal(&self) -> Option<Refusal> {
        let header = self.headers.get("correlation-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        match serde_json::from_slice(&self.body).ok()? {
            Body::Api { id, code, message, details } => {
                let correlation_id = header.or(id);
                let (message, details) = (message.unwrap_or_default(), details.unwrap_or_default());
                Some(Refusal { status: self.status, code, message, details, correlation_id })
            }
            Body::OAuth { error, error_description } => {
                let message = error_description.unwrap_or_default();
                let correlation_id = header.or_else(|| correlation_id(&message));
                Some(Refusal {
                    status: self.status,
                    code: error,
                    message,
                    details: Vec::new(),
                    correlation_id,
                })
            }
        }
    }

    fn bare_refusal(&self) -> Refusal {
        Refusal {
            status: self.status,
            code: format!("HTTP_{}", self.status),
            message: format!("{} answered with HTTP status {} and no further word", self.host, self.status),
            details: Vec::new(),
            correlation_id: None,
        }
    }

    fn unexpected(&self, reason: &str) -> Error {
        Error::UnexpectedResponse { host: self.host.clone(), status: self.status, reason: reason.to_owned() }
    }
}

/// A date as HTTP writes it.
fn timestamp(date: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
}

/// The two forms in which PingOne says no.
#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Api { id: Option<String>, code: String, message: Option<String>, details: Option<Vec<Detail>> },
    OAuth { error: String, error_description: Option<String> },
}

/// The id at the end of the token endpoint's messages.
fn correlation_id(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Correlation ID: ")?;
    Some(rest.trim_end_matches(')').to_owned())
}
