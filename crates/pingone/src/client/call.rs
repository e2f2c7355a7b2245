use std::time::Duration;

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde::Serialize;
use url::Url;

use super::{Client, Trace};
use crate::RetryPolicy;
use crate::rate::Lane;

/// A request of the API, as it is sent on each attempt.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    /// Media type and content.
    pub(super) body: Option<(&'static str, Bytes)>,
    pub(super) manner: Manner,
    /// Where it is noted that the request may have changed something; none for one that only reads.
    pub(super) trace: Option<Trace>,
}

/// Whose turn a request waits for, and for how long it is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) lane: Lane,
    /// Attempts at one request that fail before its caller is told.
    pub(super) max_attempts: u32,
    /// How long a request may be held back by 429 answers.
    pub(super) throttle_patience: Duration,
}

impl Manner {
    /// As the configuration has it.
    pub(super) fn patient(lane: Lane, retry: &RetryPolicy) -> Self {
        Self { lane, max_attempts: retry.max_attempts, throttle_patience: retry.throttle_patience }
    }

    /// As somebody who sits and waits wants it, and no more patient than `retry`.
    pub(super) fn hasty(lane: Lane, retry: &RetryPolicy) -> Self {
        Self {
            lane,
            max_attempts: retry.max_attempts.min(HASTY_ATTEMPTS),
            throttle_patience: retry.throttle_patience.min(HASTY_PATIENCE),
        }
    }
}

pub(super) const JSON: &str = "application/json";
pub(super) const IMPORT: &str = "application/vnd.pingidentity.user.import+json";
pub(super) const SET_PASSWORD: &str = "application/vnd.pingidentity.password.set+json";
pub(super) const SET_PASSWORD_VALUE: &str = "application/vnd.pingidentity.password.setValue+json";
pub(super) const RESET_PASSWORD: &str = "application/vnd.pingidentity.password.reset+json";
/// Without `+json`, because it has no body.
pub(super) const FORCE_CHANGE: &str = "application/vnd.pingidentity.password.forceChange";

impl Client {
    /// A request below the environment, whose path is made of these segments.
    pub(super) fn call(&self, method: Method, segments: &[&str]) -> Call {
        let config = &self.shared.config;
        let mut url = config.api_url.clone();
        let environment = config.environment.to_string();
        // A URL with a host, which the configuration demands, has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["environments", &environment]).extend(segments);
        }
        let trace = self.trace.clone().filter(|_| method != Method::GET);
        Call { method, url, body: None, manner: self.manner, trace }
    }
}

impl Call {
    pub(super) fn with_query(mut self, name: &str, value: &str) -> Self {
        // A form would write a space as `+`, which not every server reads as one.
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        let query = match self.url.query() {
            Some(query) => format!("{query}&{name}={value}"),
            None => format!("{name}={value}"),
        };
        self.url.set_query(Some(&query));
        self
    }

    pub(super) fn with_body(self, media_type: &'static str, body: &impl Serialize) -> Self {
        // Maps with text for keys, and texts, always have a JSON form.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { body: Some((media_type, body.into())), ..self }
    }

    pub(super) fn with_empty_body(self, media_type: &'static str) -> Self {
        Self { body: Some((media_type, Bytes::new())), ..self }
    }

    pub(super) fn host(&self) -> String {
        host(&self.url)
    }
}

/// Host and port for a message.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

const HASTY_ATTEMPTS: u32 = 3;
const HASTY_PATIENCE: Duration = Duration::from_secs(60);
