//! The service that everything outside talks to.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWrite;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::error::Error;
use super::event::{Event, LedgerRow};
use super::incoming::Incoming;
use super::options::JobOptions;
use super::view::{JobId, JobView, Outcome};
use crate::plan::Preview;
use crate::store::Store;

/// A connection to one PingOne environment.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The environment's id.
    pub environment: String,
    /// The region's code, when the hosts are a region's.
    pub region: Option<String>,
    /// The API's host name.
    pub api_host: String,
    /// Whether it is the embedded simulator.
    pub simulator: bool,
}

/// The jobs of one data directory. Cloning gives another handle to the same.
#[derive(Clone, Debug)]
pub struct Jobs {
    _inner: Arc<Store>,
}

/// A job that was created, or the one that the same idempotency key created before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub id: JobId,
    /// Whether it is the earlier job of the same key.
    pub repeated: bool,
}

/// Which rows of a job's ledger to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RowQuery {
    /// Only rows with this outcome.
    pub outcome: Option<Outcome>,
    /// Only rows with a number above this one.
    pub after: u64,
    /// At most so many.
    pub limit: u32,
}

/// A page of a job's ledger, in the order of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowPage {
    /// The rows.
    pub rows: Vec<LedgerRow>,
    /// The `after` of the next page, when there may be one.
    pub next: Option<u64>,
}

impl Jobs {
    /// The jobs in `store`, run against `connection` when there is one.
    pub fn new(_store: Store, _connection: Option<Connection>) -> Self {
        todo!()
    }

    /// The connection that jobs are run against.
    pub fn connection(&self) -> Option<&Connection> {
        todo!()
    }

    /// Begins to receive a file called `name`.
    pub async fn receive(&self, _name: &str) -> Result<Incoming, Error> {
        todo!()
    }

    /// How `incoming` would be understood; nothing is kept.
    pub async fn preview(&self, _incoming: Incoming, _options: &JobOptions) -> Result<Preview, Error> {
        todo!()
    }

    /// Makes a job of `incoming` and starts it. The same `key` again gives the same job.
    pub async fn create(
        &self,
        _incoming: Incoming,
        _options: &JobOptions,
        _key: Option<&str>,
    ) -> Result<Created, Error> {
        todo!()
    }

    /// At most `limit` jobs, newest first, older than `before`.
    pub async fn list(&self, _limit: u32, _before: Option<JobId>) -> Result<Vec<JobView>, Error> {
        todo!()
    }

    /// One job.
    pub async fn job(&self, _id: JobId) -> Result<JobView, Error> {
        todo!()
    }

    /// Stops dispatching rows; those in flight settle. Returns when the job stands still.
    pub async fn pause(&self, _id: JobId) -> Result<JobView, Error> {
        todo!()
    }

    /// Continues a paused or interrupted job.
    pub async fn resume(&self, _id: JobId) -> Result<JobView, Error> {
        todo!()
    }

    /// Stops a job for good; rows in flight settle first, in the background.
    pub async fn cancel(&self, _id: JobId) -> Result<JobView, Error> {
        todo!()
    }

    /// A new job with only the failed rows of `id`, which must have ended.
    pub async fn retry(&self, _id: JobId) -> Result<JobId, Error> {
        todo!()
    }

    /// At most `limit` events with a number above `after`, in order.
    pub async fn events_after(&self, _id: JobId, _after: u64, _limit: u32) -> Result<Vec<Event>, Error> {
        todo!()
    }

    /// As [`Self::events_after`], with only the newest of the `progress` events: for a reader that lags.
    pub async fn events_coalesced(&self, _id: JobId, _after: u64, _limit: u32) -> Result<Vec<Event>, Error> {
        todo!()
    }

    /// The number of the job's newest event, watched: await a change to learn of something newer.
    pub async fn watch(&self, _id: JobId) -> Result<watch::Receiver<u64>, Error> {
        todo!()
    }

    /// A page of the job's ledger.
    pub async fn rows(&self, _id: JobId, _query: RowQuery) -> Result<RowPage, Error> {
        todo!()
    }

    /// Writes the failed rows as CSV, with their reasons, so that the file can be mended and imported again.
    pub async fn rejects(
        &self,
        _id: JobId,
        _out: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<(), Error> {
        todo!()
    }

    /// Pauses what runs and waits until everything in flight has settled.
    pub async fn shut_down(&self) {
        todo!()
    }
}
