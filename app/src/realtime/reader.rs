//! A subscriber: a position in a job's event log.

use std::sync::Arc;

use tokio::sync::watch;

use super::encoded::Encoded;
use super::feed::{CHUNK, Feed, Feeds, Position};
use crate::jobs::{Error, JobView, Jobs};

/// A reader that was up to date and is now this many events behind gets only the newest progress.
const LAG: u64 = 64;

/// Reads a log from some position on, first what is there, then what comes.
#[derive(Debug)]
pub struct Reader {
    jobs: Jobs,
    feed: Arc<Feed>,
    position: watch::Receiver<Position>,
    after: u64,
    caught_up: bool,
    ended: bool,
}

impl Reader {
    /// Begins after number `after` of the log of `job`, which is the job as it stands now.
    ///
    /// A position that the log has not reached yet is taken as its end.
    ///
    /// # Errors
    /// If the job is gone or the store fails.
    pub async fn open(feeds: &Feeds, job: &JobView, after: u64) -> Result<Self, Error> {
        let feed = feeds.feed(job.id).await?;
        let position = feed.position();
        let after = after.min(job.last_seq);
        let ended = job.status.is_final() && after == job.last_seq;
        Ok(Self { jobs: feeds.jobs().clone(), feed, position, after, caught_up: false, ended })
    }

    /// Goes on after number `after` for somebody who was up to date and then fell behind.
    pub(super) fn lagging(feeds: &Feeds, feed: Arc<Feed>, after: u64) -> Self {
        let position = feed.position();
        Self { jobs: feeds.jobs().clone(), feed, position, after, caught_up: true, ended: false }
    }

    /// The number of the last event that was read.
    pub fn after(&self) -> u64 {
        self.after
    }

    /// Whether nothing will come any more.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// The feed that this reads along with.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// The next events, as soon as there are any; `None` after the last one or when the server stops telling.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn next(&mut self) -> Result<Option<Vec<Arc<Encoded>>>, Error> {
        loop {
            if let Some(events) = self.ready().await? {
                return Ok(Some(events));
            }
            if self.ended || !self.wait().await {
                return Ok(None);
            }
        }
    }

    /// Waits until more was told; false if nothing will be told here any more.
    pub(super) async fn wait(&mut self) -> bool {
        !self.position.borrow().closed && self.position.changed().await.is_ok()
    }

    /// The next events if there are any now; `None` when this reader is up to date.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn ready(&mut self) -> Result<Option<Vec<Arc<Encoded>>>, Error> {
        let newest = self.position.borrow_and_update().seq;
        if self.ended || self.after >= newest {
            self.caught_up = true;
            return Ok(None);
        }
        let events = match self.feed.tail_after(self.after) {
            Some(events) if !self.lags(newest) => events,
            _ => self.stored(newest).await?,
        };
        let Some(last) = events.last() else { return Ok(None) };
        self.after = last.seq;
        self.ended = last.is_last();
        Ok(Some(events))
    }

    async fn stored(&self, newest: u64) -> Result<Vec<Arc<Encoded>>, Error> {
        let job = self.feed.job();
        let mut events = if self.lags(newest) {
            self.jobs.events_coalesced(job, self.after, CHUNK).await?
        } else {
            self.jobs.events_after(job, self.after, CHUNK).await?
        };
        // The store may be ahead of the feed; a reader that were too could not join it at the exact place.
        events.retain(|event| event.seq <= newest);
        Encoded::all(&events)
    }

    fn lags(&self, newest: u64) -> bool {
        self.caught_up && newest - self.after > LAG
    }
}
