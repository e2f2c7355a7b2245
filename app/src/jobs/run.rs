//! One run of a job, from its start or resumption to its pause or end.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tracing::Instrument as _;

use super::bits::Bits;
use super::connection::{Connection, has_users};
use super::dispatch::{Dispatcher, Doubts, Intent, Stop};
use super::event::ErrorEvent;
use super::export::Export;
use super::feed::{Batch, Feed};
use super::options::JobOptions;
use super::own::Since;
use super::passwords::Passwords;
use super::planned::PlannedFeed;
use super::protect::Protected;
use super::recorder::{Entry, Pace, Recorder};
use super::selection::{Census, Selection};
use super::settle::Settler;
use super::view::{JobStatus, JobTrouble, Kind, Mode, Outcome};
use super::watchdog::Watchdog;
use super::withdraw::Signals;
use crate::disk::{DISK_FULL, is_full};
use crate::notify::Mail;
use crate::plan::{Directory, FileError, Purpose, Reading};
use crate::program;
use crate::seen::Seen;
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
    /// How users can be written to, if they can.
    pub(super) mail: Option<Mail>,
}

impl Run {
    /// Runs the job until it pauses or ends.
    ///
    /// # Errors
    /// When the store fails: then the job stays as it was last written, and can be resumed.
    pub(super) async fn run(mut self) -> Result<JobRecord, StoreError> {
        tracing::info!(dry_run = self.record.options.dry_run, "a run begins");
        forget_what_is_counted_anew(&mut self.record);
        // A queue of its own, so that jobs share the rate in turns.
        self.connection.client = self.connection.client.for_job();
        if self.record.started_at.is_none() {
            self.record.remote_started_at = self.connection.client.clock();
        }
        let finishes = *self.intent.borrow() == Intent::Cancel;
        let watched = (!self.record.options.dry_run).then(|| self.connection.client.clone());
        let watchdog = Watchdog::new(watched, self.record.counts.processed);
        let mut recorder = Recorder::new(
            self.store.clone(),
            self.record.clone(),
            watchdog,
            self.told.clone(),
            Arc::clone(&self.pace),
            self.intent.clone(),
        );
        recorder.begin(if finishes { JobStatus::Cancelling } else { JobStatus::Running }).await?;
        let (sender, inbox) = mpsc::channel(INBOX);
        let reserved = recorder.reserved.subscribe();
        let recording = tokio::spawn(recorder.run(inbox).in_current_span());
        let stop = self.work(sender, reserved, finishes).await;
        let recorder = recording.await.map_err(|panic| StoreError::Damaged(panic.to_string()))??;
        let (status, trouble) = verdict(stop?, *self.intent.borrow(), finishes, &recorder.record);
        recorder.end(status, trouble).await
    }

    async fn work(
        &self,
        recorder: mpsc::Sender<Entry>,
        reserved: watch::Receiver<u64>,
        finishes: bool,
    ) -> Result<Stop, StoreError> {
        let options = &self.record.options;
        if options.kind == Kind::Export && finishes {
            return Ok(Stop::Done);
        }
        if options.kind == Kind::Export {
            return Ok(self.export(recorder).await);
        }
        let plan = self.plan().await?;
        if let Some(plan) = &plan
            && let Err(stop) = self.back_up(plan).await
        {
            return Ok(stop);
        }
        let settler = self.settler(recorder.clone()).await?;
        let feed = match self.feed(plan, &settler).await? {
            Ok(feed) => feed,
            Err(stop) => return Ok(stop),
        };
        let (trouble, warnings) = (watch::Sender::new(None), recorder.clone());
        let dispatcher = Dispatcher {
            in_flight: settler.client.config().max_concurrency,
            settler: Arc::new(settler),
            recorder,
            reserved,
            signals: Signals { intent: self.intent.clone(), trouble: trouble.subscribe() },
            trouble,
            doubts: self.doubts().await?,
            asked: self.record.dispatched_through,
            seen: 0,
        };
        let stop = dispatcher.run(feed).await;
        Ok(match stop {
            Stop::Done if !finishes && options.writes_to_users() => self.welcome(warnings).await?,
            Stop::Done if !finishes => self.delete_population(&warnings).await,
            stop => stop,
        })
    }

    async fn settler(&self, recorder: mpsc::Sender<Entry>) -> Result<Settler, StoreError> {
        let options = &self.record.options;
        let path = self.store.dir().secret(self.record.id);
        let passwords = match options.generate_passwords && !options.dry_run {
            true => Some(Passwords::open(&path, options.force_password_change)),
            false => None,
        };
        let failed = |source| StoreError::Directory { dir: path.clone(), source };
        Ok(Settler {
            client: self.connection.client.clone(),
            since: Since::first_run(&self.record),
            intent: self.intent.clone(),
            skips_existing: options.kind == Kind::Import && options.mode == Mode::SkipExisting,
            rehearses: options.dry_run,
            key: options.match_by,
            announced: Arc::new(self.store.announced(&self.record).await?),
            protected: Protected::new(&options.protect),
            passwords: passwords.transpose().map_err(failed)?,
            recorder,
        })
    }

    /// Where the rows come from: the plan, a search, or the file.
    async fn feed(
        &self,
        plan: Option<JobRecord>,
        settler: &Settler,
    ) -> Result<Result<mpsc::Receiver<Batch>, Stop>, StoreError> {
        let record = &self.record;
        if let Some(plan) = plan {
            let (store, settled) = (self.store.clone(), self.settled().await?);
            return Ok(Ok(PlannedFeed { store, plan, settled }.start()));
        }
        if record.options.selects() {
            let selection = match Selection::new(&record.options, record.population.as_ref()) {
                Ok(selection) => selection,
                Err(error) => return Ok(Err(Stop::failed("invalid_filter", &error))),
            };
            let mut known = Seen::new(&self.store.dir().scratch());
            let note = |id: uuid::Uuid| known.note(known.bytes(id.as_bytes()), 1).map(drop);
            let last_row = self.store.users_of(record, note).await?;
            return Ok(Ok(Census { selection, settler: settler.clone(), known, last_row }.start()));
        }
        let feed = Feed {
            input: self.store.dir().input(record.id),
            reading: reading(&record.options, population_id(record)),
            directory: Arc::clone(&self.directory),
            settled: self.settled().await?,
            rows: record.total,
            counts_only: record.options.dry_run && !record.options.looks_up(),
            recorder: settler.recorder.downgrade(),
        };
        Ok(Ok(feed.start()))
    }

    async fn export(&self, recorder: mpsc::Sender<Entry>) -> Stop {
        let record = &self.record;
        let selection = match Selection::new(&record.options, record.population.as_ref()) {
            Ok(selection) => selection,
            Err(error) => return Stop::failed("invalid_filter", &error),
        };
        match record.options.dry_run {
            true => self.exporter().counted(&selection, &recorder).await,
            false => self.exporter().selected(&selection, &recorder).await,
        }
    }

    /// Exports whom a plan deletes, unless that is done already.
    async fn back_up(&self, plan: &JobRecord) -> Result<(), Stop> {
        let output = self.store.dir().output(self.record.id);
        match self.record.options.backup && !output.exists() {
            true => self.exporter().planned(&self.store, plan).await,
            false => Ok(()),
        }
    }

    fn exporter(&self) -> Export<'_> {
        Export {
            client: &self.connection.client,
            directory: &self.directory,
            options: &self.record.options,
            spool: self.store.dir().input(self.record.id),
            output: self.store.dir().output(self.record.id),
            scratch: self.store.dir().scratch(),
            intent: &self.intent,
        }
    }

    /// Deletes the population that the job has emptied, if it was asked to.
    async fn delete_population(&self, recorder: &mpsc::Sender<Entry>) -> Stop {
        let options = &self.record.options;
        let (true, false, Some(id)) =
            (options.delete_population, options.dry_run, population_id(&self.record))
        else {
            return Stop::Done;
        };
        match self.connection.client.delete_population(id).await {
            Ok(()) => Stop::Done,
            // An earlier request, or an earlier run, did it.
            Err(error) if error.is_not_found() => Stop::Done,
            // Waiting would change nothing, and the users are deleted that were to be.
            Err(error @ pingone::Error::Rejected(_)) => {
                let name = self.record.population.as_ref().map_or("", |population| population.name.as_str());
                let reason = match has_users(&self.connection.client, id).await.unwrap_or(false) {
                    true => "users are left in it, who are protected, failed or came meanwhile".to_owned(),
                    false => format!("PingOne does not delete it: {error}"),
                };
                let message = format!(
                    "population {name:?} stays: {reason}; delete it by itself when that has changed \
                     ({} populations delete)",
                    program::name()
                );
                let warning = Entry::Warn(ErrorEvent::warning(POPULATION_KEPT, message));
                recorder.send(warning).await.map_or(Stop::Unrecorded, |()| Stop::Done)
            }
            Err(error) => Stop::Trouble(super::error::trouble(&error)),
        }
    }

    async fn plan(&self) -> Result<Option<JobRecord>, StoreError> {
        let Some(id) = self.record.options.plan else { return Ok(None) };
        let plan = self.store.job(id).await?;
        plan.map(Some).ok_or_else(|| StoreError::Damaged(format!("the plan {id} is gone")))
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
        let mut doubts = Doubts { through: self.record.dispatched_through, created: HashMap::new() };
        let Some(earlier) = self.record.retry_of else { return Ok(doubts) };
        let Some(earlier) = self.store.job(earlier).await? else { return Ok(doubts) };
        let (mut after, mut number) = (0, 0);
        loop {
            let page = self.store.rows(&earlier, Some(Outcome::Failed), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(doubts) };
            after = last.row;
            for row in &page {
                number += 1;
                if let Some(id) = row.user_id.as_ref().and_then(|id| id.parse().ok()) {
                    doubts.created.insert(number, id);
                }
            }
        }
    }
}

/// What is counted and not listed is counted anew by every run.
fn forget_what_is_counted_anew(record: &mut JobRecord) {
    let (options, counts) = (&record.options, &mut record.counts);
    if options.dry_run && !options.looks_up() {
        counts.processed -= std::mem::take(&mut counts.created);
    }
    if options.kind == Kind::Export {
        counts.processed -= std::mem::take(&mut counts.unchanged);
    }
}

/// How a job's input is read.
pub(super) fn reading(options: &JobOptions, population: Option<uuid::Uuid>) -> Reading {
    Reading {
        delimiter: options.delimiter,
        encoding: options.encoding.clone(),
        ignore_unknown_columns: options.ignore_unknown_columns,
        population,
        purpose: purpose(options),
        key: options.match_by,
        clear_marker: options.clear_marker.clone(),
        default_disabled: options.default_disabled,
        force_change: options.force_password_change,
        mapping: options.mapping.clone(),
        required: Vec::new(),
        may_name_nobody: false,
    }
}

fn purpose(options: &JobOptions) -> Purpose {
    match (options.kind, options.mode) {
        (Kind::Import, Mode::Upsert) => Purpose::CreateOrChange,
        (Kind::Import, _) => Purpose::Create,
        (Kind::Modify, _) if options.create_missing => Purpose::CreateOrChange,
        (Kind::Modify, _) => Purpose::Change,
        (Kind::Delete | Kind::Export, _) => Purpose::Find,
    }
}

pub(super) fn population_id(record: &JobRecord) -> Option<uuid::Uuid> {
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
        // A job that nobody runs and nobody paused is an interrupted one.
        Stop::Asked if intent == Intent::Suspend => (JobStatus::Running, None),
        Stop::Asked => (JobStatus::Paused, None),
        // There may be more room later.
        Stop::Input(FileError::Unwritable { source }) => {
            let message = format!(
                "there is no place on the disk to work with the file: {source}; make room for it and resume the job"
            );
            (JobStatus::Paused, trouble(if is_full(&source) { DISK_FULL } else { "output_failed" }, message))
        }
        Stop::Input(error) => (JobStatus::Failed, trouble("input_unreadable", error.to_string())),
    }
}

/// The code of a warning that a delete could not delete the population as well.
pub(super) const POPULATION_KEPT: &str = "population_kept";

const INBOX: usize = 4096;
const PAGE: u32 = 1000;
