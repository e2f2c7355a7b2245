//! A server of this program that runs elsewhere, as its client sees it: jobs over HTTP, their events over Socket.IO on
//! the adaptive transport.

mod error;
mod watched;

pub use error::RemoteError;
pub use watched::{Told, Watched};

use std::sync::Arc;
use std::time::Duration;

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
        let jobs: Vec<JobView> = self.target.fetch("api/jobs", DEADLINE).await?;
        let Some(named) = named else {
            return jobs.into_iter().next().ok_or(RemoteError::NoJobs);
        };
        let mut meant = jobs.into_iter().filter(|job| job.id.to_string().starts_with(named));
        match (meant.next(), meant.next()) {
            (Some(job), None) => Ok(job),
            (Some(_), Some(_)) => Err(RemoteError::Ambiguous(named.to_owned())),
            (None, _) => Err(RemoteError::NoSuchJob(named.to_owned())),
        }
    }

    /// A job as it is now.
    ///
    /// # Errors
    /// If the server cannot be asked, or does not have it.
    pub async fn view(&self, id: JobId) -> Result<JobView, RemoteError> {
        Ok(self.target.fetch(&format!("api/jobs/{id}"), DEADLINE).await?)
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

/// How long the server may take to answer a request.
const DEADLINE: Duration = Duration::from_secs(10);
