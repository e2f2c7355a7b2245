//! From the token of a login link to one that requests can be made with, and such a request.

use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::cause::Cause;
use super::client::{Http, Target};
use super::failure::Failure;

impl Target {
    /// Exchanges its token, if it is one of a login link, for a session; the link is spent by this. Any other token
    /// stays what it is, and so does one that cannot be exchanged, which the probes then tell of.
    pub async fn logged_in(self, token: &str, deadline: Duration) -> Self {
        match timeout(deadline, session(&self, token)).await {
            Ok(Ok(Some(session))) => self.with_token(&session),
            _ => self,
        }
    }
}

impl Target {
    /// What the server answers to a request without a body, as JSON.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        deadline: Duration,
    ) -> Result<T, Failure> {
        let step = format!("{method} {path}");
        let asked = async { Http::connect(self).await?.exchange(method, path, "").await?.ok(&step) };
        let body = match timeout(deadline, asked).await {
            Ok(body) => body?,
            Err(_) => return Err(Failure::new(Cause::TimedOut, format!("{step}: no answer"))),
        };
        serde_json::from_str(&body)
            .map_err(|error| Failure::new(Cause::UnexpectedAnswer, format!("{step}: {error}")))
    }
}

/// The token of a new session; nothing if the token is none of a login link.
async fn session(target: &Target, token: &str) -> Result<Option<String>, Failure> {
    let mut http = Http::connect(target).await?;
    let known = http.exchange(Method::GET, "api/session", "").await?;
    if known.status != StatusCode::UNAUTHORIZED {
        return Ok(None);
    }
    let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let body = json!({ "token": token }).to_string();
    let answer = Http::connect(target).await?.exchange_with(Method::POST, "api/login", json, body).await?;
    let answer: Option<Value> = serde_json::from_str(&answer.body).ok();
    Ok(answer.as_ref().and_then(|answer| answer["token"].as_str()).map(str::to_owned))
}
