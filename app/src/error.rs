//! The one place where an error becomes an HTTP answer: `application/problem+json`.
//!
//! Controllers return [`Problem`]; errors of the layers below are turned into one here and nowhere else.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use metrics::counter;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::OriginRefused;
use crate::disk::DISK_FULL;
use crate::jobs::{self, Fault};
use crate::metrics::HANDLER_PANICS;

/// An error as clients see it (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemDetails)]
pub struct Problem {
    /// Always `about:blank`; `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The HTTP status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A stable name for programs, in snake case.
    pub code: &'static str,
    /// What happened, what it means and what to do.
    pub detail: String,
    /// The line of the file at fault, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column of the file at fault, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
}

impl Problem {
    /// A problem with a name and an explanation.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            line: None,
            column: None,
        }
    }

    /// The request cannot be understood.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Nobody is logged in.
    pub fn not_logged_in() -> Self {
        let detail = "This needs a login. Open the login link that the server printed when it started, or a new one \
                      that \"pingone-import login-link\" prints. Programs send its token to /api/login and get one \
                      that they use as \"Authorization: Bearer <token>\".";
        Self::new(StatusCode::UNAUTHORIZED, "not_logged_in", detail)
    }

    /// The session that something was begun with has ended.
    pub fn session_ended() -> Self {
        let detail =
            "The session has ended: somebody logged out, or it was not used for a week. Log in again.";
        Self::new(StatusCode::UNAUTHORIZED, "session_ended", detail)
    }

    /// The caller is known, and may not do this.
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "This token is for the self-test only. Log in to do this.",
        )
    }

    /// The login token is spent or was never issued.
    pub fn login_refused() -> Self {
        let detail = "This login link is not valid: it works once, for ten minutes, and only until the server \
                      restarts. \"pingone-import login-link\" prints a new one.";
        Self::new(StatusCode::FORBIDDEN, "login_refused", detail)
    }

    /// Nothing of that name exists.
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// A job's id names nothing.
    pub fn no_such_job() -> Self {
        Self::not_found("job_not_found", "There is no such job; list the jobs to see which there are.")
    }

    /// Something failed that the caller cannot change; the reason goes to the log only.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, source = error.source().map(tracing::field::display), "request failed");
        let detail = "The server could not do this because of a fault of its own. Its log has the reason.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// The disk of the server cannot be written to.
    fn disk(error: &dyn std::error::Error, is_full: bool) -> Self {
        tracing::error!(%error, "the data directory cannot be written to");
        let (status, code, advice) = match is_full {
            true => (StatusCode::INSUFFICIENT_STORAGE, DISK_FULL, "make room there"),
            false => (StatusCode::INTERNAL_SERVER_ERROR, "disk_failed", "see to it that the server may"),
        };
        let detail = format!(
            "The server cannot write to its data directory: {error}. Nothing was begun; {advice}, then send it again."
        );
        Self::new(status, code, detail)
    }

    /// A handler broke off.
    pub fn panicked() -> Self {
        counter!(HANDLER_PANICS, "source" => "http").increment(1);
        tracing::error!("a request handler panicked");
        let detail = "The server could not do this because of a fault of its own. Its log has the reason.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<OriginRefused> for Problem {
    fn from(error: OriginRefused) -> Self {
        let detail = format!(
            "This request came from a page of {}, which is not this server. If the server is used under that \
             address through a proxy, pass Host on or start it with --public-url.",
            error.origin
        );
        Self::new(StatusCode::FORBIDDEN, "origin_not_allowed", detail)
    }
}

impl From<jobs::Error> for Problem {
    fn from(error: jobs::Error) -> Self {
        let status = match error.fault() {
            _ if matches!(error, jobs::Error::TooBig { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Fault::Request => StatusCode::UNPROCESSABLE_ENTITY,
            Fault::NotFound => StatusCode::NOT_FOUND,
            Fault::Conflict => StatusCode::CONFLICT,
            Fault::PingOne => StatusCode::BAD_GATEWAY,
            Fault::Internal => {
                return match error.disk() {
                    Some(reason) => Self::disk(reason, error.code() == DISK_FULL),
                    None => Self::internal(&error),
                };
            }
        };
        let mut problem = Self::new(status, error.code(), sentence(&error.to_string()));
        problem.line = error.line();
        problem.column = error.column();
        problem
    }
}

/// Messages of errors are written to follow a colon; alone they begin and end like a sentence.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
