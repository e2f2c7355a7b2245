//! The service that everything outside talks to.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use super::connection::Connection;
use super::deletion::{carrying_out, confirmation};
use super::dispatch::Intent;
use super::error::Error;
use super::event::{Event, LedgerRow};
use super::holds::Holds;
use super::recorder::Pace;
use super::view::{JobDetails, JobId, JobStatus, JobTrouble, JobView, Kind, Outcome};
use crate::notify::Notifier;
use crate::store::{DataDir, JobRecord, Store};

/// The jobs of one data directory. Cloning gives another handle to the same.
#[derive(Clone, Debug)]
pub struct Jobs {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) connection: Option<Connection>,
    pub(super) max_upload: u64,
    /// Since when; jobs are created later in this process, and earlier in another one.
    pub(super) since: Timestamp,
    /// The jobs that run in this process.
    pub(super) active: Mutex<HashMap<JobId, Active>>,
    /// The jobs of which it is not certain yet that they start.
    pub(super) admissions: Mutex<HashMap<JobId, watch::Receiver<()>>>,
    /// Jobs that others are made of, and jobs that are being deleted.
    pub(super) holds: Holds,
    /// Whom to tell of the end of a job.
    pub(super) notifier: OnceLock<Notifier>,
    /// Why jobs stopped that could not be recorded any more.
    pub(super) unrecorded: Mutex<HashMap<JobId, JobTrouble>>,
    /// Who waits for events of which job.
    pub(super) told: Mutex<HashMap<JobId, watch::Sender<u64>>>,
}

/// A job that runs in this process.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) intent: watch::Sender<Intent>,
    pub(super) pace: Arc<Mutex<Pace>>,
    /// Closed when the run is over.
    pub(super) done: watch::Receiver<()>,
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
    pub fn new(store: Store, connection: Option<Connection>) -> Self {
        Self::with_upload_limit(store, connection, MAX_UPLOAD)
    }

    /// As [`Self::new`], with files of at most `max_upload` bytes. Default: 5 GiB.
    pub fn with_upload_limit(store: Store, connection: Option<Connection>, max_upload: u64) -> Self {
        let (active, told, notifier) = (Mutex::default(), Mutex::default(), OnceLock::new());
        let (admissions, unrecorded, holds) = <_>::default();
        // As precise as the store keeps it, so that no job of this process seems to be older.
        let now = Timestamp::now();
        let since = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let inner = Inner {
            store,
            connection,
            max_upload,
            since,
            active,
            admissions,
            holds,
            notifier,
            unrecorded,
            told,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Has `notifier` tell of the end of each job from now on; the first one that is given stays.
    pub fn notify_with(&self, notifier: Notifier) {
        if self.inner.notifier.set(notifier).is_err() {
            tracing::warn!("there is somebody already who tells of the end of jobs");
        }
    }

    /// The directory that everything is kept in.
    pub fn data_dir(&self) -> &DataDir {
        self.inner.store.dir()
    }

    /// The connection that jobs are run against.
    pub fn connection(&self) -> Option<&Connection> {
        self.inner.connection.as_ref()
    }

    /// At most `limit` jobs, newest first, older than `before`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, limit: u32, before: Option<JobId>) -> Result<Vec<JobView>, Error> {
        let records = self.inner.store.jobs(limit, before).await?;
        let mut warnings = self.inner.store.warnings(&records).await?;
        let views = records.into_iter().map(|record| {
            let warnings = warnings.remove(&record.number).unwrap_or_default();
            JobView { warnings, ..self.view(record) }
        });
        Ok(views.collect())
    }

    /// Every job that can be resumed, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unfinished(&self) -> Result<Vec<JobView>, Error> {
        let records = self.inner.store.unfinished_jobs().await?;
        Ok(records.into_iter().map(|record| self.view(record)).collect())
    }

    /// One job.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn job(&self, id: JobId) -> Result<JobView, Error> {
        Ok(self.details(id).await?.job)
    }

    /// One job and what was asked for.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn details(&self, id: JobId) -> Result<JobDetails, Error> {
        let record = self.record(id).await?;
        let mut warnings = self.inner.store.warnings(std::slice::from_ref(&record)).await?;
        let warnings = warnings.remove(&record.number).unwrap_or_default();
        let carried_out_by = match record.options.kind {
            Kind::Delete if record.options.dry_run => self.inner.store.job_of_key(&carrying_out(id)).await?,
            _ => None,
        };
        let carried_out_by = carried_out_by.map(|keyed| keyed.job);
        let options = record.options.clone();
        Ok(JobDetails { job: JobView { warnings, ..self.view(record) }, options, carried_out_by })
    }

    /// The one job whose id is `text` or begins with it.
    ///
    /// # Errors
    /// When there is none, or several.
    pub async fn find(&self, text: &str) -> Result<JobId, Error> {
        let mut ids = self.inner.store.ids_like(text, ALIKE + 1).await?;
        match ids.len() {
            0 => Err(Error::NotNamed(text.to_owned())),
            1 => Ok(ids.remove(0)),
            _ => {
                let more = if ids.len() > ALIKE as usize { ", …" } else { "" };
                let shown: Vec<_> = ids.iter().take(ALIKE as usize).map(ToString::to_string).collect();
                Err(Error::Ambiguous { text: text.to_owned(), ids: shown.join(", ") + more })
            }
        }
    }

    /// One job, once it does not run any more.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn wait(&self, id: JobId) -> Result<JobView, Error> {
        let done = self.inner.active.lock().get(&id).map(|active| active.done.clone());
        if let Some(mut done) = done {
            // Nothing is ever sent: the channel closes when the run is over.
            while done.changed().await.is_ok() {}
        }
        self.job(id).await
    }

    /// At most `limit` events with a number above `after`, in order.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn events_after(&self, id: JobId, after: u64, limit: u32) -> Result<Vec<Event>, Error> {
        let record = self.record(id).await?;
        Ok(self.inner.store.events(&record, after, limit).await?)
    }

    /// As [`Self::events_after`], with only the newest of the `progress` events: for a reader that lags.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn events_coalesced(&self, id: JobId, after: u64, limit: u32) -> Result<Vec<Event>, Error> {
        let record = self.record(id).await?;
        Ok(self.inner.store.events_coalesced(&record, after, limit).await?)
    }

    /// As [`Self::events_after`], without the `row` events: for a reader that shows counts only.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn headlines_after(&self, id: JobId, after: u64, limit: u32) -> Result<Vec<Event>, Error> {
        let record = self.record(id).await?;
        Ok(self.inner.store.headlines(&record, after, limit).await?)
    }

    /// The number of the job's newest event, watched: await a change to learn of something newer.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn watch(&self, id: JobId) -> Result<watch::Receiver<u64>, Error> {
        let record = self.record(id).await?;
        let receiver = self.inner.told(id).subscribe();
        self.inner.told(id).send_if_modified(|seq| {
            let is_newer = record.last_seq > *seq;
            *seq = record.last_seq.max(*seq);
            is_newer
        });
        Ok(receiver)
    }

    /// A page of the job's ledger.
    ///
    /// # Errors
    /// When there is no such job.
    pub async fn rows(&self, id: JobId, query: RowQuery) -> Result<RowPage, Error> {
        let record = self.record(id).await?;
        let limit = query.limit.clamp(1, MAX_PAGE);
        let rows = self.inner.store.rows(&record, query.outcome, query.after, limit).await?;
        let next = (rows.len() == limit as usize).then(|| rows.last().map(|row| row.row)).flatten();
        Ok(RowPage { rows, next })
    }

    pub(super) async fn record(&self, id: JobId) -> Result<JobRecord, Error> {
        self.inner.store.job(id).await?.ok_or(Error::NotFound(id))
    }

    pub(super) fn view(&self, record: JobRecord) -> JobView {
        let active = self.inner.active.lock();
        let pace = active.get(&record.id).map(|active| *active.pace.lock());
        // While another process holds the directory, what is stored as running does run: there.
        let is_orphan = pace.is_none() && self.inner.store.dir().is_held();
        // A job that this process has just created is started within moments.
        let is_old = record.created_at < self.inner.since || record.created_at + STARTING < Timestamp::now();
        let status = match record.status {
            JobStatus::Running | JobStatus::Cancelling if is_orphan => JobStatus::Interrupted,
            JobStatus::Queued if is_orphan && is_old => JobStatus::Interrupted,
            // That is stored already while rows in flight settle.
            JobStatus::Paused if pace.is_some() => JobStatus::Running,
            status => status,
        };
        let pace = pace.unwrap_or_default();
        let unrecorded = self.inner.unrecorded.lock().get(&record.id).cloned();
        let (confirmation, output, has_passwords) =
            (confirmation(&record), self.output_name(&record), self.has_passwords(&record));
        JobView {
            id: record.id,
            kind: record.options.kind,
            mode: record.options.mode,
            status,
            dry_run: record.options.dry_run,
            file: record.file,
            population: record.population,
            environment: record.environment,
            simulator: record.simulator,
            total: record.total,
            counts: record.counts,
            rate: pace.rate,
            remaining_seconds: pace.remaining_seconds,
            seconds: record.elapsed_ms as f64 / 1000.0,
            last_seq: record.last_seq,
            created_at: record.created_at,
            started_at: record.started_at,
            finished_at: record.finished_at,
            error: record.error.or(unrecorded),
            retry_of: record.retry_of,
            confirmation,
            output,
            has_passwords,
            welcome_mails: record.welcome_mails,
            warnings: Vec::new(),
        }
    }
}

impl Inner {
    /// Where the newest event's number of a job is told.
    pub(super) fn told(&self, id: JobId) -> watch::Sender<u64> {
        let mut told = self.told.lock();
        // Jobs that nobody watches and that do not run need no entry.
        told.retain(|_, sender| sender.receiver_count() > 0 || sender.sender_count() > 1);
        told.entry(id).or_default().clone()
    }
}

const STARTING: SignedDuration = SignedDuration::from_secs(10);

const MAX_PAGE: u32 = 1000;

/// Jobs that are named when a text means several.
const ALIKE: u32 = 5;

/// A file of this size holds some ten million users.
const MAX_UPLOAD: u64 = 5 * 1024 * 1024 * 1024;
