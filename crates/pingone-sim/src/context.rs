use std::fmt::Display;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::errors::{ApiError, ErrorDetail, InnerError};
use crate::filter::{self, Expression, InvalidFilter};
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

    /// Number of items that a page is to have at most.
    pub(crate) fn limit(&self, most: usize) -> Result<usize, ApiError> {
        match self.parameter("limit").map(|limit| limit.parse::<usize>()) {
            None => Ok(most),
            Some(Ok(limit @ 1..)) => Ok(limit.min(most)),
            Some(_) => Err(ApiError::invalid_parameter("limit")),
        }
    }

    /// The query with its parameters in alphabetical order and encoded anew, as PingOne echoes it.
    pub(crate) fn echoed_query(&self) -> String {
        let mut pairs: Vec<_> = form_urlencoded::parse(self.query.unwrap_or_default().as_bytes()).collect();
        if pairs.is_empty() {
            return String::new();
        }
        pairs.sort();
        format!("?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
    }

    /// Reads a filter that may name the attributes for which `is_attribute` holds.
    pub(crate) fn filter(
        &self,
        text: &str,
        is_attribute: impl Fn(&str) -> bool,
        attributes: &[&'static str],
    ) -> Result<Expression, ApiError> {
        filter::parse(text, is_attribute).map_err(|error| {
            let detail = |message: String| ErrorDetail::new("INVALID_FILTER", "filter", message);
            let detail = match error {
                InvalidFilter::Syntax => detail("is not a valid filter".into()),
                InvalidFilter::UnsupportedOperator(operator) => {
                    let supported = vec!["eq", "sw", "ew", "co", "and", "or"];
                    detail(format!("operator '{operator}' is not supported"))
                        .with(InnerError::Texts("supportedOperators", supported))
                }
                InvalidFilter::UnsupportedAttribute(path) => {
                    detail(format!("attribute '{path}' is not supported"))
                        .with(InnerError::Texts("supportedAttributes", attributes.to_vec()))
                }
            };
            let code = self.state.options.assumptions.invalid_filter_code.clone();
            ApiError { code, ..ApiError::invalid(vec![detail]) }
        })
    }

    /// The media type of the body in lower case, without parameters. The last one counts: PingOne's SDK for Go sends
    /// a general one before the one that it means.
    pub(crate) fn media_type(&self) -> String {
        let value = self
            .headers
            .get_all(CONTENT_TYPE)
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
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
