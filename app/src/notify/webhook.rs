//! A POST that only somebody with the secret can have sent.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use pingone::Secret;
use reqwest::redirect::Policy;
use serde::Serialize;
use sha2::Sha256;
use thiserror::Error;
use url::Url;

use crate::jobs::JobView;

/// The header with the time and the signature: `t=<seconds since 1970>,v1=<HMAC-SHA256 in hexadecimal>`.
///
/// What is signed is the time, a full stop, and the body.
pub const SIGNATURE: &str = "x-pingone-import-signature";

/// Where to post the end of a job, and the secret that it is signed with.
#[derive(Clone, Debug)]
pub struct Webhook {
    url: Url,
    secret: Secret,
    http: reqwest::Client,
}

/// A webhook that cannot work.
#[derive(Debug, Error)]
#[error("the webhook cannot be used: {0}")]
pub struct InvalidWebhook(String);

#[derive(Serialize)]
struct Body<'a> {
    event: &'static str,
    job: &'a JobView,
}

impl Webhook {
    /// Posts to `url`, which is HTTPS unless it is on this machine.
    ///
    /// # Errors
    /// When the URL or the secret cannot be used.
    pub fn new(url: Url, secret: Secret) -> Result<Self, InvalidWebhook> {
        let is_local = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
            return Err(InvalidWebhook(format!("{url} is not HTTPS, and jobs tell of people")));
        }
        if secret.expose().len() < SHORTEST_SECRET {
            let message =
                format!("its secret has less than {SHORTEST_SECRET} characters, so it can be guessed");
            return Err(InvalidWebhook(message));
        }
        // A second call finds the provider in place, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().redirect(Policy::none());
        let builder = if is_local { builder.no_proxy() } else { builder };
        let http = builder.build().map_err(|error| InvalidWebhook(error.to_string()))?;
        Ok(Self { url, secret, http })
    }

    pub(super) async fn send(&self, job: &JobView) -> Result<(), String> {
        let body =
            serde_json::to_string(&Body { event: "job.finished", job }).map_err(|error| error.to_string())?;
        let time = Timestamp::now().as_second();
        let signature = format!("t={time},v1={}", signature(self.secret.expose(), time, &body));
        let request = self.http.post(self.url.clone()).header(SIGNATURE, signature);
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("the answer was {status}")),
        }
    }
}

/// Whether `header` is the signature of `body` by `secret`, given at most `tolerance` seconds before or after `now`.
pub fn verify(secret: &str, header: &str, body: &str, now: i64, tolerance: i64) -> bool {
    let part =
        |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let (Some(time), Some(given)) = (part("t").and_then(|time| time.parse::<i64>().ok()), part("v1")) else {
        return false;
    };
    let given: Option<Vec<u8>> =
        (0..given.len()).step_by(2).map(|at| u8::from_str_radix(given.get(at..at + 2)?, 16).ok()).collect();
    let is_recent = now.abs_diff(time) <= tolerance.unsigned_abs();
    is_recent && given.is_some_and(|given| mac(secret, time, body).verify_slice(&given).is_ok())
}

fn signature(secret: &str, time: i64, body: &str) -> String {
    let bytes = mac(secret, time, body).finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(secret: &str, time: i64, body: &str) -> Hmac<Sha256> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        unreachable!("a key of HMAC may have any length");
    };
    mac.update(time.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    mac
}

const SHORTEST_SECRET: usize = 16;
