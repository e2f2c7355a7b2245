//! Asking the server that runs with a data directory, as whoever may write to that directory may.

use std::fs;

use pingone_import::auth::leave_ticket;
use pingone_import::jobs::{JobId, JobView};
use pingone_import::store::DataDir;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use super::exit::Failure;

/// The server that has a data directory.
#[derive(Debug)]
pub(super) struct Remote {
    base: Url,
    http: reqwest::Client,
    token: String,
}

#[derive(Deserialize)]
struct LoggedIn {
    token: String,
}

/// What a server says that does not do what it is asked.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

impl Remote {
    /// Logs in to the server that has `dir`.
    ///
    /// # Errors
    /// When none is there, or it does not answer.
    pub(super) async fn log_in(dir: &DataDir) -> Result<Self, Failure> {
        let none = || Failure::Elsewhere;
        let address = fs::read_to_string(dir.address()).map_err(|_| none())?;
        let mut base = Url::parse(address.trim()).map_err(|_| none())?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        // A second call finds the provider in place, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let is_local = matches!(base.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let builder = if is_local { builder.no_proxy() } else { builder };
        let http = builder.build().map_err(|error| Failure::Remote(error.to_string()))?;
        let failed = |source| Failure::Output { path: dir.tickets().display().to_string(), source };
        let ticket = leave_ticket(&dir.tickets()).map_err(failed)?;
        let mut remote = Self { base, http, token: String::new() };
        let ticket = json!({ "token": ticket.reveal() });
        let LoggedIn { token } = remote.post("api/login", Some(ticket.to_string())).await?;
        remote.token = token;
        Ok(remote)
    }

    /// Pauses a job, and gives it as it stands then.
    ///
    /// # Errors
    /// When the server refuses, or does not answer.
    pub(super) async fn pause(&self, job: JobId) -> Result<JobView, Failure> {
        self.post(&format!("api/jobs/{job}/pause"), None).await
    }

    /// Ends the session.
    pub(super) async fn log_out(self) {
        if let Ok(request) = self.request("api/logout", None) {
            // A session that is not ended here ends by itself.
            drop(request.send().await);
        }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: Option<String>) -> Result<T, Failure> {
        let failed = |error: reqwest::Error| Failure::Remote(error.without_url().to_string());
        let answer = self.request(path, body)?.send().await.map_err(failed)?;
        let is_success = answer.status().is_success();
        let text = answer.text().await.map_err(failed)?;
        if !is_success {
            let problem = serde_json::from_str(&text);
            return Err(Failure::Remote(problem.map_or(text, |Problem { detail }| detail)));
        }
        serde_json::from_str(&text).map_err(|error| Failure::Remote(error.to_string()))
    }

    fn request(&self, path: &str, body: Option<String>) -> Result<reqwest::RequestBuilder, Failure> {
        let url = self.base.join(path).map_err(|error| Failure::Remote(error.to_string()))?;
        let request = self.http.post(url).header("content-type", "application/json");
        let request = if self.token.is_empty() { request } else { request.bearer_auth(&self.token) };
        Ok(request.body(body.unwrap_or_default()))
    }
}
