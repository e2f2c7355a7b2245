use std::fmt::Display;

use http::StatusCode;
use http::header::HeaderValue;
use uuid::Uuid;

use crate::json::Json;
use crate::reply::Reply;

/// An error in PingOne's own form; its `id` is the correlation id of the request.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Vec<ErrorDetail>,
    pub(crate) retry_after: Option<HeaderValue>,
}

/// One entry of an error's `details`.
#[derive(Debug, Default)]
pub(crate) struct ErrorDetail {
    pub(crate) code: &'static str,
    pub(crate) target: Option<String>,
    pub(crate) message: String,
    pub(crate) inner: Option<InnerError>,
}

/// The `innerError` of a detail: a key and its values.
#[derive(Debug)]
pub(crate) enum InnerError {
    Number(&'static str, u64),
    Text(&'static str, String),
    Texts(&'static str, Vec<&'static str>),
}

impl ApiError {
    /// One or more values are not acceptable.
    pub(crate) fn invalid(details: Vec<ErrorDetail>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_DATA", VALIDATION).with(details)
    }

    /// A value is taken.
    pub(crate) fn duplicate(status: u16, target: &str) -> Self {
        let detail =
            ErrorDetail::new("UNIQUENESS_VIOLATION", target, "is unique but a non-unique value is provided");
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Self { status, ..Self::invalid(vec![detail]) }
    }

    /// The form of a value is wrong in a way that PingOne's bean validation finds, which has a message of its own.
    pub(crate) fn malformed(target: &str, message: &str) -> Self {
        let text = format!("Validation Error : [{target} {message}]");
        let detail = ErrorDetail::new("INVALID_VALUE", target, message);
        Self::new(StatusCode::BAD_REQUEST, "INVALID_DATA", text).with(vec![detail])
    }

    /// A parameter of the query has a value that it cannot have.
    pub(crate) fn invalid_parameter(name: &str) -> Self {
        Self::invalid(vec![ErrorDetail::new("INVALID_PARAMETER", name, "is not valid")])
    }

    /// The request as a whole cannot be read.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::access(StatusCode::UNAUTHORIZED, "INVALID_TOKEN")
    }

    pub(crate) fn forbidden() -> Self {
        Self::access(StatusCode::FORBIDDEN, "INSUFFICIENT_PERMISSIONS")
    }

    /// A resource with this id does not exist.
    pub(crate) fn no_such(kind: &str, id: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", format!("Unable to find {kind} with ID: '{id}'"))
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "The request could not be completed. The requested resource was not found.",
        )
    }

    /// The resource is not the one that the client has seen.
    pub(crate) fn precondition_failed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "INVALID_REQUEST",
            "The request could not be completed. The resource was changed in the meantime.",
        )
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "INVALID_REQUEST",
            "The request could not be completed. The method is not supported for this resource.",
        )
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "INVALID_REQUEST",
            "The server is refusing to service the request because the entity of the request is in a format not \
             supported by the requested resource for the requested method.",
        )
    }

    pub(crate) fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), details: Vec::new(), retry_after: None }
    }

    pub(crate) fn with(mut self, details: Vec<ErrorDetail>) -> Self {
        self.details = details;
        self
    }

    fn access(status: StatusCode, code: &'static str) -> Self {
        let detail = ErrorDetail {
            code,
            message: "The actor attempting to perform the request is not authorized.".into(),
            ..ErrorDetail::default()
        };
        Self::new(
            status,
            "ACCESS_FAILED",
            "The request could not be completed. You do not have access to this resource.",
        )
        .with(vec![detail])
    }

    pub(crate) fn into_reply(self, correlation_id: Uuid, pretty: bool) -> Reply {
        let mut json = Json::new(pretty);
        json.object(|json| {
            json.key("id").plain(correlation_id);
            json.key("code").text(&self.code);
            json.key("message").text(&self.message);
            if !self.details.is_empty() {
                json.key("details").array(&self.details, |json, detail| detail.write(json));
            }
        });
        Reply { retry_after: self.retry_after, ..Reply::plain_json(self.status, json.finish()) }
    }
}

impl ErrorDetail {
    pub(crate) fn new(code: &'static str, target: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, target: Some(target.into()), message: message.into(), inner: None }
    }

    pub(crate) fn with(mut self, inner: InnerError) -> Self {
        self.inner = Some(inner);
        self
    }

    fn write(&self, json: &mut Json) {
        json.object(|json| {
            json.key("code").text(self.code);
            if let Some(target) = &self.target {
                json.key("target").text(target);
            }
            json.key("message").text(&self.message);
            if let Some(inner) = &self.inner {
                json.key("innerError").object(|json| match inner {
                    InnerError::Number(key, value) => json.key(key).bare(value),
                    InnerError::Text(key, value) => json.key(key).text(value),
                    InnerError::Texts(key, values) => {
                        json.key(key).array(values, |json, value| json.text(value));
                    }
                });
            }
        });
    }
}

const VALIDATION: &str =
    "The request could not be completed. One or more validation errors were in the request.";
