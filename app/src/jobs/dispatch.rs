//! Rows on their way from the feed to PingOne.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;
use uuid::Uuid;

use super::event::LedgerRow;
use super::feed::{Batch, Item};
use super::recorder::Entry;
use super::settle::{Sent, Settler, Work, unsent};
use super::view::{JobTrouble, Outcome};
use super::withdraw::{Ended, Signals};
use crate::plan::{Action, DUPLICATE, FileError, Issue, PlannedRow, repeats};

/// What a running job is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// Go on to the end.
    Run,
    /// Stop, to be resumed by somebody.
    Pause,
    /// Stop because the process ends; the next one goes on by itself.
    Suspend,
    /// Stop for good.
    Cancel,
}

/// Why no more rows were dispatched.
#[derive(Debug)]
pub(super) enum Stop {
    /// The file is at its end.
    Done,
    /// The intent changed.
    Asked,
    /// PingOne cannot be used any more.
    Trouble(JobTrouble),
    /// The input cannot be read any more.
    Input(FileError),
    /// The recorder is gone, which it tells the reason of.
    Unrecorded,
}

/// Sends rows to PingOne, a bounded number at a time, none before it is reserved.
#[derive(Debug)]
pub(super) struct Dispatcher {
    pub(super) settler: Arc<Settler>,
    pub(super) recorder: mpsc::Sender<Entry>,
    pub(super) reserved: watch::Receiver<u64>,
    pub(super) signals: Signals,
    pub(super) trouble: watch::Sender<Option<JobTrouble>>,
    pub(super) doubts: Doubts,
    pub(super) in_flight: usize,
    /// Rows up to this one are reserved or about to be.
    pub(super) asked: u64,
    /// The last row that came out of the feed.
    pub(super) seen: u64,
}

/// Which rows an earlier run may have sent.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Rows up to this one.
    pub(super) through: u64,
    /// The users of rows of a retry that exist although the row failed.
    pub(super) created: HashMap<u64, Uuid>,
}

impl Dispatcher {
    /// Dispatches what comes out of `feed`, and waits until everything in flight has settled.
    pub(super) async fn run(mut self, mut feed: mpsc::Receiver<Batch>) -> Stop {
        let permits = Arc::new(Semaphore::new(self.in_flight));
        let tasks = TaskTracker::new();
        let reach = Arc::new(Reach::new(self.doubts.through));
        let stop = match self.dispatch(&mut feed, &permits, &tasks, &reach).await {
            Ok(()) => Stop::Done,
            Err(stop) => stop,
        };
        drop(feed);
        tasks.close();
        tasks.wait().await;
        if !self.settler.rehearses {
            // A recorder that is gone has failed; what is on the disk stays true.
            drop(self.recorder.send(Entry::SentThrough(reach.sent_through.load(Ordering::SeqCst))).await);
        }
        // Trouble of the last rows comes when nothing is left to dispatch.
        match self.trouble.borrow().clone() {
            Some(trouble) if matches!(stop, Stop::Done | Stop::Asked) => Stop::Trouble(trouble),
            _ if matches!(stop, Stop::Done) && reach.has_withdrawn.load(Ordering::SeqCst) => Stop::Asked,
            _ => stop,
        }
    }

    async fn dispatch(
        &mut self,
        feed: &mut mpsc::Receiver<Batch>,
        permits: &Arc<Semaphore>,
        tasks: &TaskTracker,
        reach: &Arc<Reach>,
    ) -> Result<(), Stop> {
        loop {
            let batch = tokio::select! {
                biased;
                batch = feed.recv() => batch,
                // A file that cannot be read now keeps nobody from pausing the job.
                () = self.signals.clone().stop(self.seen < self.doubts.through) => return Err(Stop::Asked),
            };
            let Some(batch) = batch else { return Ok(()) };
            for item in batch? {
                self.seen = item.row();
                // A job that is cancelled still finds out what became of the rows of an earlier run.
                if self.signals.has_stopped(self.seen <= self.doubts.through) {
                    return Err(Stop::Asked);
                }
                match decide(item) {
                    Decision::Settled(row) => self.record(Entry::Row(row)).await?,
                    Decision::Count(rows) => self.record(Entry::Counted(Outcome::Created, rows)).await?,
                    Decision::Send(sent) => self.send(sent, permits, tasks, reach).await?,
                }
            }
        }
    }

    async fn send(
        &mut self,
        mut sent: Sent,
        permits: &Arc<Semaphore>,
        tasks: &TaskTracker,
        reach: &Arc<Reach>,
    ) -> Result<(), Stop> {
        sent.in_doubt = sent.row <= self.doubts.through;
        sent.created = self.doubts.created.get(&sent.row).copied();
        if !self.settler.rehearses {
            self.reserve(sent.row).await?;
        }
        let permit = tokio::select! {
            biased;
            () = self.signals.clone().stop(sent.in_doubt) => return Err(Stop::Asked),
            permit = Arc::clone(permits).acquire_owned() => permit.map_err(|_| Stop::Unrecorded)?,
        };
        let (settler, recorder, trouble) =
            (Arc::clone(&self.settler), self.recorder.clone(), self.trouble.clone());
        let (signals, reach) = (self.signals.clone(), Arc::clone(reach));
        let settling = async move {
            let (ended, was_sent) = settler.settle_or_withdraw(&sent, signals).await;
            reach.note(sent.row, &ended, was_sent);
            if !was_sent && !matches!(ended, Ended::Settled(Some(_))) && settler.may_withdraw(sent.row) {
                // Without this the row is looked up later, which is all that it costs.
                drop(recorder.send(Entry::Withdraw(sent.row)).await);
            }
            match ended {
                // A recorder that is gone has failed; the row stays without an outcome and is looked up later.
                Ended::Settled(Some(row)) => {
                    if row.outcome == Outcome::Failed {
                        tracing::debug!(row = row.row, code = row.code.as_deref(), "a row failed");
                    }
                    drop(recorder.send(Entry::Row(row)).await);
                }
                Ended::Settled(None) | Ended::Withdrawn => {}
                Ended::Trouble(new) => {
                    trouble.send_if_modified(|trouble| trouble.is_none() && trouble.replace(new).is_none());
                }
            }
            drop(permit);
        };
        tasks.spawn(settling.in_current_span());
        Ok(())
    }

    /// Waits until it is on the disk that `row` may be sent.
    async fn reserve(&mut self, row: u64) -> Result<(), Stop> {
        // The next rows are reserved while some reserved ones are left, so that nobody waits for the disk.
        if row + AHEAD_MIN / 2 > self.asked {
            self.asked = row + self.ahead();
            self.record(Entry::Reserve(self.asked)).await?;
        }
        self.reserved.wait_for(|reserved| *reserved >= row).await.map_err(|_| Stop::Unrecorded)?;
        Ok(())
    }

    /// How many rows to reserve at once: every one of them that a crash leaves unsent costs a request later.
    fn ahead(&self) -> u64 {
        let metrics = self.settler.client.metrics();
        let half_a_second = if metrics.rate.is_finite() { metrics.rate / 2.0 } else { f64::MAX };
        (half_a_second as u64).clamp(AHEAD_MIN, AHEAD_MAX)
    }

    async fn record(&self, entry: Entry) -> Result<(), Stop> {
        self.recorder.send(entry).await.map_err(|_| Stop::Unrecorded)
    }
}

/// How far the rows of a run came.
#[derive(Debug)]
struct Reach {
    /// Rows after this one were never sent.
    sent_through: AtomicU64,
    /// Whether rows were given up that were dispatched already.
    has_withdrawn: AtomicBool,
}

impl Reach {
    fn new(sent_through: u64) -> Self {
        Self { sent_through: AtomicU64::new(sent_through), has_withdrawn: AtomicBool::new(false) }
    }

    fn note(&self, row: u64, ended: &Ended, was_sent: bool) {
        if was_sent {
            self.sent_through.fetch_max(row, Ordering::SeqCst);
        }
        if matches!(ended, Ended::Withdrawn | Ended::Settled(None)) {
            self.has_withdrawn.store(true, Ordering::SeqCst);
        }
    }
}

enum Decision {
    Settled(LedgerRow),
    /// So many rows would be sent.
    Count(u64),
    Send(Sent),
}

/// What is to be done with a row.
fn decide(item: Item) -> Decision {
    let mut planned = match item {
        Item::Planned(planned) => planned,
        Item::Settled(row) => return Decision::Settled(row),
        Item::Right { rows, .. } => return Decision::Count(rows),
        Item::Delete { row, line, key, id } => {
            return Decision::Send(Sent {
                row,
                line,
                key,
                work: Work::Delete(id),
                in_doubt: false,
                created: None,
            });
        }
    };
    let work = match std::mem::replace(&mut planned.action, Action::Find) {
        Action::Create(creation) => Work::Create(creation),
        Action::Change(change) => Work::Change(change),
        Action::Find => Work::Find,
        Action::Repeat { first } => return Decision::Settled(repeated(&planned, first)),
        Action::Refuse(issues) => return Decision::Settled(refused(&planned, &issues)),
    };
    let PlannedRow { row, line, key, .. } = planned;
    Decision::Send(Sent { row, line, key, work, in_doubt: false, created: None })
}

fn repeated(planned: &PlannedRow, first: u64) -> LedgerRow {
    unsent(planned, Outcome::Skipped, DUPLICATE, repeats(first), None)
}

fn refused(planned: &PlannedRow, issues: &[Issue]) -> LedgerRow {
    let (code, target) = issues.first().map_or(("", None), |issue| (issue.code, issue.target.clone()));
    let messages: Vec<_> = issues.iter().map(|issue| issue.message.as_str()).collect();
    let (column, column_name) =
        issues.first().map_or((None, None), |issue| (issue.number, issue.column.clone()));
    let column_name = column_name.filter(|name| column.is_some() && !name.is_empty());
    LedgerRow { column, column_name, ..unsent(planned, Outcome::Failed, code, messages.join("; "), target) }
}

const AHEAD_MIN: u64 = 32;
const AHEAD_MAX: u64 = 1024;
