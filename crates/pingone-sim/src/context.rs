use std::fmt::Display;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::errors::ApiError;
use crate::json::Json;
use crate::state::{Environment, State};

/// One request to the API and what it concerns.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) state: &'a State,
    pub(crate) environment: &'a Environment,
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: Option<&'a str>,
    pub(crate) body: &'a [u8],
    /// URL of the environment, as the client addresses it.
    pub(crate) base: String,
}

impl Context<'_> {
    /// URL of a resource of the environment, for links.
    pub(crate) fn url(&self, path: impl Display) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn json(&self) -> Json {
        Json::new(self.state.options.pretty)
    }

    /// A parameter of the query, the first one if it is repeated.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query?.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The media type of the body in lower case, without parameters.
    pub(crate) fn media_type(&self) -> String {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body of a request with `application/json`.
    pub(crate) fn json_body(&self) -> Result<Map<String, Value>, ApiError> {
        if self.media_type() == "application/json" {
            self.object()
        } else {
            Err(ApiError::unsupported_media_type())
        }
    }

    /// The body, which must be a JSON object.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, ApiError> {
        serde_json::from_slice(self.body).map_err(|_| ApiError::bad_request(MALFORMED))
    }
}

const MALFORMED: &str = "The request could not be completed. The request body was malformed.";
