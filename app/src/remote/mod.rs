//! A server of this program that runs elsewhere, as its client sees it: jobs over HTTP, their events over Socket.IO on
//! the adaptive transport.

mod error;
mod watched;

pub use error::RemoteError;
pub use watched::{Told, Watched};

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use socketio_client::{Client, Config};

use crate::doctor::Target;
use crate::jobs::{JobId, JobView};

/// A server that runs elsewhere.
#[derive(Clone, Debug)]
pub struct Remote {
    target: Target,
}

impl Remote {
    /// The server at `target`, which has a token if the server asks for one.
    ///
    /// The token of a login link is spent by this.
    pub async fn log_in(target: Target, token: Option<&str>) -> Self {
        let target = match token {
            Some(token) => target.logged_in(token, DEADLINE).await,
            None => target,
        };
        Self { target }
    }

    /// The job with this id or beginning of one, or the newest.
    ///
    /// # Errors
    /// If the server cannot be asked, or there is no such job, or more than one.
    pub async fn job(&self, named: Option<&str>) -> Result<JobView, RemoteError> {
        if let Some(id) = named.and_then(|named| named.parse::<JobId>().ok()) {
            return self.view(id).await;
        }
        let Some(named) = named else {
            return self.page(1, None).await?.pop().ok_or(RemoteError::NoJobs);
        };
        let (mut meant, mut before) = (None, None);
        loop {
            let jobs = self.page(PAGE, before).await?;
            let is_last = jobs.len() < PAGE;
            before = jobs.last().map(|job| job.id);
            for job in jobs.into_iter().filter(|job| job.id.to_string().starts_with(named)) {
                if meant.replace(job).is_some() {
                    return Err(RemoteError::Ambiguous(named.to_owned()));
                }
            }
            if is_last {
                return meant.ok_or_else(|| RemoteError::NoSuchJob(named.to_owned()));
            }
        }
    }

    /// Jobs, the newest first.
    async fn page(&self, limit: usize, before: Option<JobId>) -> Result<Vec<JobView>, RemoteError> {
        let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
        Ok(self.target.ask(Method::GET, &format!("api/jobs?limit={limit}{before}"), DEADLINE).await?)
    }

    /// A job as it is now.
    ///
    /// # Errors
    /// If the server cannot be asked, or does not have it.
    pub async fn view(&self, id: JobId) -> Result<JobView, RemoteError> {
        Ok(self.target.ask(Method::GET, &format!("api/jobs/{id}"), DEADLINE).await?)
    }

    /// Pauses a job, and gives it as it stands then.
    ///
    /// # Errors
    /// When the server refuses, or does not answer.
    pub async fn pause(&self, id: JobId) -> Result<JobView, RemoteError> {
        self.control(id, "pause").await
    }

    /// Goes on with a paused job, and gives it as it stands then.
    ///
    /// # Errors
    /// When the server refuses, or does not answer.
    pub async fn resume(&self, id: JobId) -> Result<JobView, RemoteError> {
        self.control(id, "resume").await
    }

    /// Cancels a job, and gives it as it stands then.
    ///
    /// # Errors
    /// When the server refuses, or does not answer.
    pub async fn cancel(&self, id: JobId) -> Result<JobView, RemoteError> {
        self.control(id, "cancel").await
    }

    /// Does the failed rows of a job once more, in the job that this gives.
    ///
    /// # Errors
    /// When the server refuses, or does not answer.
    pub async fn retry(&self, id: JobId) -> Result<JobView, RemoteError> {
        #[derive(Deserialize)]
        struct Retry {
            id: JobId,
        }
        let retry: Retry = self.control(id, "retry").await?;
        self.view(retry.id).await
    }

    async fn control<T: DeserializeOwned>(&self, id: JobId, action: &str) -> Result<T, RemoteError> {
        Ok(self.target.ask(Method::POST, &format!("api/jobs/{id}/{action}"), SETTLING).await?)
    }

    /// Ends the session; one that is not ended here ends by itself.
    pub async fn log_out(self) {
        drop(self.target.ask::<serde::de::IgnoredAny>(Method::POST, "api/logout", DEADLINE).await);
    }

    /// Follows the events of a job after number `after`.
    ///
    /// # Errors
    /// If the address or the certificates do not make a client.
    pub fn watch(&self, id: JobId, after: u64) -> Result<Watched, RemoteError> {
        let base = self.target.base();
        let config = Config {
            path: format!("{}{}", base.path(), self.target.socket_io_path()),
            headers: self.target.authorization(),
            tls: self.target.is_tls().then(|| self.target.tls().map(Arc::new)).transpose()?,
            // A load balancer may send the requests of long-polling to another server without its cookie.
            cookies: true,
            ..Config::default()
        };
        Watched::new(Client::new(&base.origin().ascii_serialization(), config)?, id, after)
    }
}

/// Jobs that are asked for at a time, the most that a server gives.
const PAGE: usize = 1000;

/// How long the server may take to answer a request.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long the rows may take that are under way when a job is paused or cancelled.
const SETTLING: Duration = Duration::from_secs(300);
