//! The live end of a job's event log: read and encoded once, whoever listens.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::encoded::Encoded;
use crate::jobs::{Error, JobId, Jobs};

/// Events that are read from the store at a time.
pub(super) const CHUNK: u32 = 256;

/// The newest events are kept for those who read along; beyond either bound the oldest go.
const TAIL_EVENTS: usize = 256;
const TAIL_BYTES: usize = 1024 * 1024;

/// Told of each new event of a job exactly once and in order.
pub(super) trait Broadcast: Send + Sync + 'static {
    /// Passes an event on to those who joined. Must not block.
    fn broadcast(&self, event: &Encoded);

    /// Sends everybody away because the log cannot be read; they come back and read on where they were.
    fn fail(&self);
}

/// The feeds of all jobs that somebody watches.
#[derive(Clone)]
pub struct Feeds {
    inner: Arc<Inner>,
}

struct Inner {
    jobs: Jobs,
    feeds: Mutex<HashMap<JobId, Weak<Feed>>>,
}

impl Feeds {
    /// No feed yet.
    pub fn new(jobs: Jobs) -> Self {
        let inner = Inner { jobs, feeds: Mutex::new(HashMap::new()) };
        Self { inner: Arc::new(inner) }
    }

    /// The jobs that the feeds belong to.
    pub(super) fn jobs(&self) -> &Jobs {
        &self.inner.jobs
    }

    /// The feed of a job, shared by all its readers; it ends when the last of them lets go of it.
    ///
    /// # Errors
    /// If there is no such job or the store fails.
    pub async fn feed(&self, job: JobId) -> Result<Arc<Feed>, Error> {
        if let Some(feed) = self.inner.live(job) {
            return Ok(feed);
        }
        let newest = self.inner.jobs.watch(job).await?;
        let mut feeds = self.inner.feeds.lock();
        // Somebody else may have been quicker during the await.
        if let Some(feed) = feeds.get(&job).and_then(Weak::upgrade).filter(|feed| !feed.is_closed()) {
            return Ok(feed);
        }
        feeds.retain(|_, feed| feed.strong_count() > 0);
        let feed = Feed::start(job, newest, self.inner.jobs.clone());
        feeds.insert(job, Arc::downgrade(&feed));
        Ok(feed)
    }
}

impl Inner {
    fn live(&self, job: JobId) -> Option<Arc<Feed>> {
        self.feeds.lock().get(&job).and_then(Weak::upgrade).filter(|feed| !feed.is_closed())
    }
}

impl fmt::Debug for Feeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feeds").field("open", &self.inner.feeds.lock().len()).finish_non_exhaustive()
    }
}

/// The newest events of one job.
pub struct Feed {
    job: JobId,
    tail: Mutex<Tail>,
    position: watch::Sender<Position>,
    task: OnceLock<AbortOnDropHandle<()>>,
}

/// How far a feed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The newest event that was told.
    pub(super) seq: u64,
    /// No further event will be told here.
    pub(super) closed: bool,
}

/// Invariant: `events` are consecutive and the last of them is number `position`, unless there are none.
struct Tail {
    position: u64,
    events: VecDeque<Arc<Encoded>>,
    bytes: usize,
    /// Those who joined; nobody did before the first.
    broadcast: Option<Arc<dyn Broadcast>>,
}

impl Feed {
    fn start(job: JobId, mut newest: watch::Receiver<u64>, jobs: Jobs) -> Arc<Self> {
        let seq = *newest.borrow_and_update();
        let feed = Arc::new(Self {
            job,
            tail: Mutex::new(Tail { position: seq, events: VecDeque::new(), bytes: 0, broadcast: None }),
            position: watch::Sender::new(Position { seq, closed: false }),
            task: OnceLock::new(),
        });
        let task = follow(Arc::downgrade(&feed), newest, jobs);
        // The cell was made empty above.
        let _ = feed.task.set(AbortOnDropHandle::new(tokio::spawn(task)));
        feed
    }

    /// The job.
    pub fn job(&self) -> JobId {
        self.job
    }

    /// Where the feed is, watched.
    pub(super) fn position(&self) -> watch::Receiver<Position> {
        self.position.subscribe()
    }

    /// The events after `after`, if the tail still has all of them.
    pub(super) fn tail_after(&self, after: u64) -> Option<Vec<Arc<Encoded>>> {
        let tail = self.tail.lock();
        let first = tail.events.front()?.seq;
        let skip = usize::try_from((after + 1).checked_sub(first)?).ok()?;
        Some(tail.events.iter().skip(skip).cloned().collect())
    }

    /// Runs `join` if the feed is exactly at `after`, so that what `broadcast` tells next is number `after + 1`.
    ///
    /// Events are told under the same lock, so none can pass in between. The first broadcast that is named stays.
    pub(super) fn join_at<B: Broadcast>(&self, after: u64, broadcast: &Arc<B>, join: impl FnOnce()) -> bool {
        let mut tail = self.tail.lock();
        let exact = tail.position == after;
        if exact {
            tail.broadcast.get_or_insert_with(|| Arc::<B>::clone(broadcast));
            join();
        }
        exact
    }

    fn is_closed(&self) -> bool {
        self.position.borrow().closed
    }

    fn tell(&self, events: Vec<Arc<Encoded>>) {
        let mut tail = self.tail.lock();
        for event in events {
            if let Some(broadcast) = &tail.broadcast {
                broadcast.broadcast(&event);
            }
            tail.push(event);
        }
        let position = Position { seq: tail.position, closed: false };
        self.position.send_replace(position);
    }

    fn close(&self) {
        if let Some(broadcast) = &self.tail.lock().broadcast {
            broadcast.fail();
        }
        self.position.send_modify(|position| position.closed = true);
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("job", &self.job)
            .field("position", &*self.position.borrow())
            .finish_non_exhaustive()
    }
}

impl Tail {
    fn push(&mut self, event: Arc<Encoded>) {
        self.position = event.seq;
        self.bytes += event.size();
        self.events.push_back(event);
        while self.events.len() > TAIL_EVENTS || self.bytes > TAIL_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.size();
        }
    }
}

/// Reads the log as it grows and tells each event, until the job or its last reader is gone.
async fn follow(feed: Weak<Feed>, mut newest: watch::Receiver<u64>, jobs: Jobs) {
    loop {
        let Some((job, told)) = feed.upgrade().map(|feed| (feed.job, feed.tail.lock().position)) else {
            return;
        };
        if newest.wait_for(|newest| *newest > told).await.is_err() {
            break;
        }
        let events = match read(&jobs, job, told).await {
            Ok(events) if !events.is_empty() => events,
            Ok(_) => break,
            Err(error) => {
                tracing::error!(%job, %error, "the event log cannot be read");
                break;
            }
        };
        let Some(feed) = feed.upgrade() else { return };
        feed.tell(events);
    }
    if let Some(feed) = feed.upgrade() {
        feed.close();
    }
}

async fn read(jobs: &Jobs, job: JobId, after: u64) -> Result<Vec<Arc<Encoded>>, Error> {
    let events = jobs.events_after(job, after, CHUNK).await?;
    Encoded::all(&events)
}
