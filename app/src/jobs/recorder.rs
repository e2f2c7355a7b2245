//! The one task that writes for a running job.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Duration, Instant, MissedTickBehavior};

use super::dispatch::Intent;
use super::event::{Completion, ErrorEvent, EventBody, LedgerRow, Progress};
use super::mails::WelcomeMails;
use super::rate::Meter;
use super::view::{JobStatus, JobTrouble, Outcome};
use super::watchdog::Watchdog;
use crate::metrics;
use crate::store::{Commit, JobRecord, Store, StoreError};

/// What the recorder is told.
#[derive(Debug)]
pub(super) enum Entry {
    /// A row got its outcome.
    Row(LedgerRow),
    /// So many rows have an outcome that is counted and not listed: in a dry run that asks nobody, in an export.
    Counted(Outcome, u64),
    /// Whoever looks at the job should know this.
    Warn(ErrorEvent),
    /// So many rows there are, as far as is known by now.
    Total(u64),
    /// A row is about to be sent and has this outcome if it arrives; `done` is told when that is on the disk.
    Announce { row: u64, outcome: Outcome, done: oneshot::Sender<()> },
    /// A row is not sent after all; an announcement of it says nothing any more.
    Withdraw(u64),
    /// Rows up to this one are about to be sent.
    Reserve(u64),
    /// Nothing is sent any more, and rows after this one were not sent, though they may be reserved.
    SentThrough(u64),
    /// Users of rows up to this one are about to be written to; `done` is told when that is on the disk, with all rows
    /// that came before.
    Welcome { through: u64, done: oneshot::Sender<()> },
    /// What became of some of those mails.
    Welcomed(WelcomeMails),
}

/// How fast a running job is; everything else about it is in the store.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    pub(super) rate: f64,
    pub(super) remaining_seconds: Option<f64>,
}

/// Collects what happens to rows, and writes it together with the events that tell of it.
///
/// Writing while more comes in makes the batches: the slower the disk, the larger they are.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) store: Store,
    pub(super) record: JobRecord,
    pub(super) watchdog: Watchdog,
    /// The newest event's number, for whoever reads events.
    pub(super) told: watch::Sender<u64>,
    /// Rows up to this one may be sent.
    pub(super) reserved: watch::Sender<u64>,
    pub(super) pace: Arc<Mutex<Pace>>,
    intent: watch::Receiver<Intent>,
    clock: Clock,
    rows: Vec<LedgerRow>,
    announced: Vec<(u64, Outcome)>,
    withdrawn: Vec<u64>,
    /// Warnings that are not written yet.
    warned: Vec<EventBody>,
    /// Who waits for all of this to be on the disk.
    waiting: Vec<oneshot::Sender<()>>,
    reserve: Option<u64>,
    /// Whether what the job was asked is not on the disk yet.
    is_asked: bool,
    told_processed: u64,
}

/// The times that a run is measured by.
#[derive(Debug)]
struct Clock {
    started: Instant,
    /// What earlier runs of the job took.
    before_ms: u64,
    meter: Meter,
    last_progress: Instant,
}

impl Recorder {
    pub(super) fn new(
        store: Store,
        record: JobRecord,
        watchdog: Watchdog,
        told: watch::Sender<u64>,
        pace: Arc<Mutex<Pace>>,
        intent: watch::Receiver<Intent>,
    ) -> Self {
        let now = Instant::now();
        let processed = record.counts.processed;
        let clock = Clock {
            started: now,
            before_ms: record.elapsed_ms,
            meter: Meter::new(now, processed),
            last_progress: now,
        };
        let reserved = watch::Sender::new(record.dispatched_through);
        Self {
            store,
            record,
            watchdog,
            told,
            reserved,
            pace,
            intent,
            clock,
            rows: Vec::new(),
            announced: Vec::new(),
            withdrawn: Vec::new(),
            warned: Vec::new(),
            waiting: Vec::new(),
            reserve: None,
            is_asked: false,
            told_processed: processed,
        }
    }

    /// Marks the job as running.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn begin(&mut self, status: JobStatus) -> Result<(), StoreError> {
        self.record.status = status;
        self.record.error = None;
        self.record.started_at.get_or_insert_with(Timestamp::now);
        let progress = EventBody::Progress(self.progress());
        self.write(&[progress]).await
    }

    /// Records what comes in until every sender is gone.
    ///
    /// # Errors
    /// When the store fails; what was not written was not told either.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Entry>) -> Result<Self, StoreError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_due = tokio::select! {
                entry = inbox.recv() => match entry {
                    Some(entry) => { self.take(entry); false }
                    None => break,
                },
                _ = tick.tick() => true,
                Ok(()) = self.intent.changed() => { self.heed(); false }
            };
            while self.rows.len() < ROWS_PER_COMMIT
                && let Ok(entry) = inbox.try_recv()
            {
                self.take(entry);
            }
            let is_urgent = self.reserve.is_some() || self.is_asked || !self.waiting.is_empty();
            if is_due || is_urgent || self.rows.len() >= ROWS_PER_COMMIT {
                self.flush().await?;
            }
        }
        self.flush().await?;
        Ok(self)
    }

    /// Writes how the run ended, and gives the record as it now is.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn end(
        mut self,
        status: JobStatus,
        trouble: Option<JobTrouble>,
    ) -> Result<JobRecord, StoreError> {
        self.record.status = status;
        self.record.error = trouble;
        let mut events = Vec::new();
        if let Some(JobTrouble { code, message }) = self.record.error.clone() {
            events.push(EventBody::Error(ErrorEvent { code, message, fatal: true, other_job: None }));
        }
        self.record.elapsed_ms = self.elapsed_ms();
        if status.is_final() {
            self.record.finished_at = Some(Timestamp::now());
            events.push(EventBody::Completion(completion(&self.record)));
        } else {
            events.push(EventBody::Progress(self.progress()));
        }
        self.write(&events).await?;
        Ok(self.record)
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Row(row) => {
                self.record.counts.add(row.outcome);
                self.rows.push(row);
            }
            Entry::Counted(outcome, rows) => self.record.counts.add_many(outcome, rows),
            Entry::Warn(event) => self.warned.push(EventBody::Error(event)),
            Entry::Total(total) => self.record.total = total,
            Entry::Announce { row, outcome, done } => {
                self.announced.push((row, outcome));
                self.waiting.push(done);
            }
            Entry::Withdraw(row) => self.withdrawn.push(row),
            Entry::Reserve(through) => self.reserve = Some(through),
            Entry::SentThrough(row) => {
                self.reserve = None;
                self.record.dispatched_through = row;
            }
            Entry::Welcome { through, done } => {
                self.record.welcomed_through = self.record.welcomed_through.max(through);
                self.waiting.push(done);
            }
            Entry::Welcomed(mails) => {
                self.record.welcome_mails = Some(self.record.welcome_mails.unwrap_or_default().with(mails));
            }
        }
    }

    /// Takes note of what the job is asked, which is written at once.
    fn heed(&mut self) {
        let intent = *self.intent.borrow_and_update();
        self.is_asked = matches!(intent, Intent::Pause | Intent::Cancel);
        if intent == Intent::Cancel {
            self.record.status = JobStatus::Cancelling;
        }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        let mut events = self.watchdog.look(now, self.record.counts.processed);
        events.append(&mut self.warned);
        let is_asked = std::mem::take(&mut self.is_asked);
        let is_cancelled = is_asked && self.record.status == JobStatus::Cancelling;
        let is_new = self.record.counts.processed != self.told_processed;
        if is_cancelled || is_new && now - self.clock.last_progress >= PROGRESS_SPACING {
            self.clock.last_progress = now;
            self.told_processed = self.record.counts.processed;
            events.push(EventBody::Progress(self.progress()));
        }
        if let Some(through) = self.reserve {
            self.record.dispatched_through = self.record.dispatched_through.max(through);
        }
        let has_rows = !(self.rows.is_empty() && self.withdrawn.is_empty() && self.waiting.is_empty());
        if events.is_empty() && !has_rows && self.reserve.is_none() && !is_asked {
            return Ok(());
        }
        self.write(&events).await?;
        if let Some(through) = self.reserve.take() {
            self.reserved.send_replace(through);
        }
        Ok(())
    }

    /// Writes the rows that wait and `events`, and only then lets them be told.
    async fn write(&mut self, events: &[EventBody]) -> Result<(), StoreError> {
        self.record.elapsed_ms = self.elapsed_ms();
        let rows = std::mem::take(&mut self.rows);
        let announced = std::mem::take(&mut self.announced);
        let withdrawn = std::mem::take(&mut self.withdrawn);
        let commit = Commit { rows: &rows, events, announced: &announced, withdrawn: &withdrawn };
        let status = self.record.status;
        // Whoever paused the job wants that even if this process ends before the rows in flight have settled.
        if status == JobStatus::Running && *self.intent.borrow() == Intent::Pause {
            self.record.status = JobStatus::Paused;
        }
        let committed = self.store.commit(&mut self.record, commit).await;
        self.record.status = status;
        committed?;
        for waiting in self.waiting.drain(..) {
            // Whoever is gone needs no answer.
            let _ = waiting.send(());
        }
        for row in &rows {
            metrics::count_row(row.outcome);
        }
        self.rows = rows;
        self.rows.clear();
        self.told.send_replace(self.record.last_seq);
        Ok(())
    }

    fn progress(&mut self) -> Progress {
        let counts = self.record.counts;
        let rate = self.clock.meter.note(Instant::now(), counts.processed);
        let left = self.record.total.saturating_sub(counts.processed) as f64;
        let remaining_seconds = (rate > 0.0).then(|| left / rate);
        *self.pace.lock() = Pace { rate, remaining_seconds };
        Progress {
            status: self.record.status,
            total: self.record.total,
            counts,
            rate,
            remaining_seconds,
            seconds: self.elapsed_ms() as f64 / 1000.0,
        }
    }

    fn elapsed_ms(&self) -> u64 {
        self.clock.before_ms + u64::try_from(self.clock.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// What is told of the end of a job.
pub(super) fn completion(record: &JobRecord) -> Completion {
    Completion {
        status: record.status,
        total: record.total,
        counts: record.counts,
        seconds: record.elapsed_ms as f64 / 1000.0,
    }
}

/// How long an outcome waits for others at most before it is written.
const TICK: Duration = Duration::from_millis(100);

const PROGRESS_SPACING: Duration = Duration::from_millis(200);

const ROWS_PER_COMMIT: usize = 2000;
