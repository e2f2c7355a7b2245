use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use thiserror::Error;

/// Why a call to PingOne did not succeed. The client has already retried whatever is worth retrying.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum Error {
    /// 401: the credentials are not accepted, or several fresh tokens in a row were not.
    /// A request that is refused with 401 on and on while others are let in gets [`Rejected`](Self::Rejected).
    #[error("PingOne does not accept the credentials: {0}")]
    Unauthorized(Box<Refusal>),
    /// 403: the credentials are good, but they may not do this.
    #[error("PingOne forbids this request: {0}")]
    Forbidden(Box<Refusal>),
    /// Any other 4xx: PingOne understood the request and says no. Repeating it cannot help.
    #[error("{0}")]
    Rejected(Box<Refusal>),
    /// 429 for longer than [`RetryPolicy::throttle_patience`](crate::RetryPolicy::throttle_patience).
    #[error("PingOne throttled this request for {} s: {refusal}", waited.as_secs())]
    Throttled {
        /// How long the request was held back.
        waited: Duration,
        /// The last answer.
        refusal: Box<Refusal>,
    },
    /// 5xx on every attempt, for a request that changes nothing or may be repeated.
    #[error("PingOne failed on every attempt: {0}")]
    Server(Box<Refusal>),
    /// No connection could be made on any attempt; PingOne saw nothing of the request.
    #[error("cannot reach {host}: {source}")]
    Unreachable {
        /// Host that was tried.
        host: String,
        /// What the network said.
        source: Arc<reqwest::Error>,
    },
    /// No complete answer within the deadline on any attempt, for a request that changes nothing or may be
    /// repeated.
    #[error("no answer within {} s", after.as_secs_f64())]
    Timeout {
        /// The deadline of one attempt.
        after: Duration,
    },
    /// The connection broke on every attempt, for a request that changes nothing or may be repeated.
    #[error("the connection to {host} broke: {source}")]
    Disconnected {
        /// Host that was talked to.
        host: String,
        /// What the network said.
        source: Arc<reqwest::Error>,
    },
    /// A create was sent, its answer was lost, and looking the user up did not settle what happened.
    /// The user may or may not exist: [`Client::reconcile`](crate::Client::reconcile) tells later.
    #[error("it is unknown whether the user was created: {source}")]
    ResponseLost {
        /// How the last attempt ended.
        source: Box<Self>,
    },
    /// The answer is not what PingOne documents; another kind of server may be speaking.
    #[error("unexpected answer from {host} (HTTP {status}): {reason}")]
    UnexpectedResponse {
        /// Host that answered.
        host: String,
        /// HTTP status code.
        status: u16,
        /// What is wrong with the answer.
        reason: String,
    },
    /// A page's `next` link leads away from the configured host, where the token must not go.
    #[error("the link to the next page leads to another host: {host}")]
    ForeignLink {
        /// Host that the link names.
        host: String,
    },
}

impl Error {
    /// PingOne's answer, if there was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Unauthorized(refusal)
            | Self::Forbidden(refusal)
            | Self::Rejected(refusal)
            | Self::Server(refusal)
            | Self::Throttled { refusal, .. } => Some(refusal),
            Self::ResponseLost { source } => source.refusal(),
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Disconnected { .. }
            | Self::UnexpectedResponse { .. }
            | Self::ForeignLink { .. } => None,
        }
    }

    /// The most telling code: that of the first detail, else PingOne's general code, else our own.
    ///
    /// Our own are `UNREACHABLE`, `TIMEOUT`, `DISCONNECTED`, `RESPONSE_LOST`, `UNEXPECTED_RESPONSE` and
    /// `FOREIGN_LINK`.
    pub fn code(&self) -> &str {
        match self {
            Self::ResponseLost { .. } => "RESPONSE_LOST",
            Self::Unreachable { .. } => "UNREACHABLE",
            Self::Timeout { .. } => "TIMEOUT",
            Self::Disconnected { .. } => "DISCONNECTED",
            Self::UnexpectedResponse { .. } => "UNEXPECTED_RESPONSE",
            Self::ForeignLink { .. } => "FOREIGN_LINK",
            Self::Unauthorized(refusal)
            | Self::Forbidden(refusal)
            | Self::Rejected(refusal)
            | Self::Server(refusal)
            | Self::Throttled { refusal, .. } => refusal.detail_code(),
        }
    }

    /// The attribute that PingOne objects to, such as `username`.
    pub fn target(&self) -> Option<&str> {
        self.refusal()?.details.iter().find_map(|detail| detail.target.as_deref())
    }

    /// The id by which PingOne's support finds the request.
    pub fn correlation_id(&self) -> Option<&str> {
        self.refusal()?.correlation_id.as_deref()
    }

    /// The HTTP status of PingOne's answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::UnexpectedResponse { status, .. } => Some(*status),
            _ => self.refusal().map(|refusal| refusal.status),
        }
    }

    /// Whether the resource does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Rejected(refusal) if refusal.status == 404)
    }

    /// Whether a unique value, such as the username, is already taken.
    pub fn is_uniqueness_violation(&self) -> bool {
        matches!(self, Self::Rejected(refusal) if refusal.has_detail("UNIQUENESS_VIOLATION"))
    }

    /// Whether the request would break a rule between resources: a population with users cannot be deleted, nor
    /// can the last one.
    pub fn is_constraint_violation(&self) -> bool {
        matches!(self, Self::Rejected(refusal) if refusal.has_detail("CONSTRAINT_VIOLATION"))
    }

    /// Whether a password is one that the user had before.
    pub(crate) fn is_password_reuse(&self) -> bool {
        let Self::Rejected(refusal) = self else { return false };
        refusal.details.iter().any(|detail| {
            let unsatisfied = detail.inner.get("unsatisfiedRequirements").and_then(Value::as_array);
            unsatisfied.is_some_and(|unsatisfied| unsatisfied.iter().all(|rule| rule == "history"))
        })
    }

    /// Whether every other request would fail in the same way until somebody acts: nobody is there, or we are
    /// not let in.
    pub fn concerns_connection(&self) -> bool {
        match self {
            Self::Unauthorized(_) | Self::Unreachable { .. } => true,
            Self::ResponseLost { source } => source.concerns_connection(),
            _ => false,
        }
    }
}

/// PingOne's own words about a request that it did not carry out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.summary())]
pub struct Refusal {
    /// HTTP status code.
    pub status: u16,
    /// General code, such as `INVALID_DATA`; for the token endpoint the OAuth error, such as `invalid_client`.
    pub code: String,
    /// General message.
    pub message: String,
    /// What exactly is wrong; may be empty.
    pub details: Vec<Detail>,
    /// The id by which PingOne's support finds the request.
    pub correlation_id: Option<String>,
}

impl Refusal {
    /// Whether a detail has this code.
    pub fn has_detail(&self, code: &str) -> bool {
        self.details.iter().any(|detail| detail.code == code)
    }

    /// The code of the first detail, else the general one.
    pub fn detail_code(&self) -> &str {
        self.details.first().map_or(&self.code, |detail| &detail.code)
    }

    /// One line for a human: each detail with its target, else the general message.
    pub fn summary(&self) -> String {
        if self.details.is_empty() {
            return format!("{} ({})", self.message, self.code);
        }
        let details = self.details.iter().map(|detail| match &detail.target {
            Some(target) => format!("{target}: {} ({})", detail.message, detail.code),
            None => format!("{} ({})", detail.message, detail.code),
        });
        details.collect::<Vec<_>>().join("; ")
    }
}

/// One thing that PingOne objects to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Code, such as `UNIQUENESS_VIOLATION`.
    #[serde(deserialize_with = "or_default")]
    pub code: String,
    /// The attribute concerned, such as `username` or `name.family`.
    pub target: Option<String>,
    /// What is wrong.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// PingOne's `innerError`: what the value is measured against, such as `maximumValue`; may be empty.
    #[serde(rename = "innerError", deserialize_with = "or_default")]
    pub inner: Map<String, Value>,
}

/// Reads `null` as nothing, because an error must not be lost over its own form.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
