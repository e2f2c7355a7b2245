//! One run of a job, from its start or resumption to its pause or end.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use super::bits::Bits;
use super::connection::Connection;
use super::dispatch::{Dispatcher, Doubts, Intent, Stop};
use super::feed::Feed;
use super::options::JobOptions;
use super::recorder::{Pace, Recorder};
use super::settle::Settler;
use super::view::{JobStatus, JobTrouble, Outcome};
use super::watchdog::Watchdog;
use crate::plan::{Directory, Reading};
use crate::store::{JobRecord, Store, StoreError};

/// Everything that one run of a job needs.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) store: Store,
    pub(super) record: JobRecord,
    pub(super) connection: Connection,
    pub(super) directory: Arc<Directory>,
    pub(super) intent: watch::Receiver<Intent>,
    pub(super) told: watch::Sender<u64>,
    pub(super) pace: Arc<Mutex<Pace>>,
}

impl Run {
    /// Runs the job until it pauses or ends.
    ///
    /// # Errors
    /// When the store fails: then the job stays as it was last written, and can be resumed.
    pub(super) async fn run(self) -> Result<JobRecord, StoreError> {
        let settled = self.settled().await?;
        let doubts = self.doubts().await?;
        let mut record = self.record;
        let dry_run = record.options.dry_run;
        if dry_run {
            // Rows that would be created are counted and not listed, so every run counts them anew.
            record.counts.processed -= record.counts.created;
            record.counts.created = 0;
        }
        let finishes = *self.intent.borrow() == Intent::Cancel;
        let feed = Feed {
            input: self.store.dir().input(record.id),
            reading: reading(&record.options, population_id(&record)),
            directory: self.directory,
            settled,
            rows: record.total,
        };
        let client = self.connection.client;
        let since = record.started_at.unwrap_or_else(jiff::Timestamp::now);
        let watched = (!dry_run).then(|| client.clone());
        let watchdog = Watchdog::new(watched, record.counts.processed);
        let asked = record.dispatched_through;
        let mut recorder = Recorder::new(self.store, record, watchdog, self.told, self.pace);
        recorder.begin(if finishes { JobStatus::Cancelling } else { JobStatus::Running }).await?;
        let (sender, inbox) = mpsc::channel(INBOX);
        let dispatcher = Dispatcher {
            in_flight: client.config().max_concurrency,
            settler: Arc::new(Settler { client, since, creates: !finishes }),
            recorder: sender,
            reserved: recorder.reserved.subscribe(),
            intent: self.intent.clone(),
            trouble: watch::Sender::new(None),
            doubts,
            dry_run,
            asked,
        };
        let recording = tokio::spawn(recorder.run(inbox));
        let stop = dispatcher.run(feed.start()).await;
        let recorder = recording.await.map_err(|panic| StoreError::Damaged(panic.to_string()))??;
        let (status, trouble) = verdict(stop, *self.intent.borrow(), finishes, &recorder.record);
        recorder.end(status, trouble).await
    }

    async fn settled(&self) -> Result<Bits, StoreError> {
        let mut settled = Bits::default();
        if self.record.counts.processed > 0 {
            self.store.settled_rows(&self.record, |row| settled.insert(row)).await?;
        }
        Ok(settled)
    }

    /// What an earlier run may have sent, or the job whose failed rows this one repeats.
    async fn doubts(&self) -> Result<Doubts, StoreError> {
        let mut doubts = Doubts { through: self.record.dispatched_through, single: Bits::default() };
        let Some(earlier) = self.record.retry_of else { return Ok(doubts) };
        let Some(earlier) = self.store.job(earlier).await? else { return Ok(doubts) };
        let (mut after, mut number) = (0, 0);
        loop {
            let page = self.store.rows(&earlier, Some(Outcome::Failed), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(doubts) };
            after = last.row;
            for row in &page {
                number += 1;
                if row.user_id.is_some() {
                    doubts.single.insert(number);
                }
            }
        }
    }
}

/// How a job's input is read.
pub(super) fn reading(options: &JobOptions, population: Option<uuid::Uuid>) -> Reading {
    Reading {
        delimiter: options.delimiter,
        encoding: options.encoding.clone(),
        ignore_unknown_columns: options.ignore_unknown_columns,
        population,
    }
}

fn population_id(record: &JobRecord) -> Option<uuid::Uuid> {
    record.population.as_ref()?.id.as_ref()?.parse().ok()
}

/// How a run that stopped for `stop` ends.
fn verdict(
    stop: Stop,
    intent: Intent,
    finishes: bool,
    record: &JobRecord,
) -> (JobStatus, Option<JobTrouble>) {
    let trouble = |code: &str, message: String| Some(JobTrouble { code: code.to_owned(), message });
    match stop {
        // It is still to be cancelled, which is what resuming it does.
        Stop::Trouble(trouble) if intent == Intent::Cancel => (JobStatus::Cancelling, Some(trouble)),
        Stop::Trouble(trouble) => (JobStatus::Paused, Some(trouble)),
        Stop::Done | Stop::Asked if finishes => (JobStatus::Cancelled, None),
        Stop::Done if record.counts.processed == record.total => (JobStatus::Completed, None),
        Stop::Done | Stop::Unrecorded => {
            let message =
                "some rows have no outcome although all were dispatched; resume the job to look them up";
            (JobStatus::Paused, trouble("internal", message.to_owned()))
        }
        Stop::Asked if intent == Intent::Cancel => (JobStatus::Cancelled, None),
        Stop::Asked => (JobStatus::Paused, None),
        Stop::Input(error) => (JobStatus::Failed, trouble("input_unreadable", error.to_string())),
    }
}

const INBOX: usize = 4096;
const PAGE: u32 = 1000;
