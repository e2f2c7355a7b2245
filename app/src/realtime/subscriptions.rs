//! The jobs that one Socket.IO client watches: each first replayed to it alone, then told in a room.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use socketio::SocketRef;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use super::encoded::Encoded;
use super::feed::Feed;
use super::reader::Reader;
use super::refusal::Refusal;
use super::rooms::{Rooms, room};
use super::socketio::Shared;
use crate::jobs::JobId;

/// Jobs that one client may watch at a time.
const MAX_SUBSCRIPTIONS: usize = 32;

/// Bytes that may wait for a client before a replay pauses; far below the limit at which it is disconnected.
const HIGH_WATER: usize = 256 * 1024;

/// A client with more bytes waiting does not join the room, where nobody waits for it.
const LOW_WATER: usize = 64 * 1024;

/// A paused replay looks this often whether the client has caught up.
const DRAIN_INTERVAL: Duration = Duration::from_millis(10);

/// Time between two requests of a client that nothing but short requests reaches, while a job goes on that it watches.
const WATCHING_PERIOD: Duration = Duration::from_secs(1);

/// The subscriptions of one socket; kept with it.
#[derive(Clone, Default)]
pub(super) struct Subscriptions {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    jobs: HashMap<JobId, Subscription>,
    /// Those of the jobs that go on.
    unfinished: HashSet<JobId>,
    /// Tells apart an earlier subscription to the same job.
    generations: u64,
    health: Option<AbortOnDropHandle<()>>,
    /// Waits for the end of the session that the client logged in with.
    session: Option<AbortOnDropHandle<()>>,
}

struct Subscription {
    generation: u64,
    /// Keeps the feed alive while the socket is in its room.
    _feed: Arc<Feed>,
    /// The replay; it has ended when the socket is in the room.
    _replay: AbortOnDropHandle<()>,
}

impl Subscriptions {
    /// Begins a subscription, which replaces an earlier one to the same job; `goes_on` if that is not finished.
    ///
    /// `accepted` is called before the first event is sent.
    pub(super) fn add(
        &self,
        socket: &SocketRef,
        shared: &Shared,
        reader: Reader,
        goes_on: bool,
        accepted: impl FnOnce(),
    ) -> Result<(), Refusal> {
        let mut inner = self.inner.lock();
        let job = reader.feed().job();
        if inner.jobs.len() >= MAX_SUBSCRIPTIONS && !inner.jobs.contains_key(&job) {
            return Err(Refusal::too_many_subscriptions(MAX_SUBSCRIPTIONS));
        }
        if goes_on {
            inner.unfinished.insert(job);
            inner.set_pace(socket, shared);
        }
        accepted();
        socket.leave(room(job));
        self.start(&mut inner, socket, shared, reader);
        Ok(())
    }

    /// Ends the subscription to a job.
    pub(super) fn remove(&self, socket: &SocketRef, shared: &Shared, job: JobId) {
        let mut inner = self.inner.lock();
        inner.jobs.remove(&job);
        inner.finish(socket, shared, job);
        socket.leave(room(job));
    }

    /// The last event of a job was sent to the client.
    pub(super) fn finish(&self, socket: &SocketRef, shared: &Shared, job: JobId) {
        self.inner.lock().finish(socket, shared, job);
    }

    /// Takes a client that cannot keep up out of the room and lets it read at its own pace after number `after`.
    pub(super) fn demote(&self, socket: &SocketRef, shared: &Shared, feed: &Arc<Feed>, after: u64) {
        let mut inner = self.inner.lock();
        socket.leave(room(feed.job()));
        if inner.jobs.contains_key(&feed.job()) {
            tracing::debug!(socket = %socket.id(), job = %feed.job(), "a slow client reads on its own");
            let reader = Reader::lagging(&shared.feeds, Arc::clone(feed), after);
            self.start(&mut inner, socket, shared, reader);
        }
    }

    /// Replaces the task that tells the client of the server's health.
    pub(super) fn watch_health(&self, task: JoinHandle<()>) {
        self.inner.lock().health = Some(AbortOnDropHandle::new(task));
    }

    /// Names the task that ends the connection with the session.
    pub(super) fn until(&self, task: JoinHandle<()>) {
        self.inner.lock().session = Some(AbortOnDropHandle::new(task));
    }

    /// Ends everything.
    pub(super) fn clear(&self) {
        let inner = std::mem::take(&mut *self.inner.lock());
        drop(inner);
    }

    fn start(&self, inner: &mut Inner, socket: &SocketRef, shared: &Shared, reader: Reader) {
        inner.generations += 1;
        let generation = inner.generations;
        let feed = Arc::clone(reader.feed());
        let replay = Replay {
            subscriptions: self.clone(),
            socket: socket.clone(),
            shared: shared.clone(),
            generation,
        };
        let task = AbortOnDropHandle::new(tokio::spawn(replay.run(reader)));
        inner.jobs.insert(feed.job(), Subscription { generation, _feed: feed, _replay: task });
    }

    /// Runs `act` if this generation of the subscription is the current one; it stays so meanwhile.
    fn if_current(&self, job: JobId, generation: u64, act: impl FnOnce()) -> bool {
        let inner = self.inner.lock();
        let current = inner.jobs.get(&job).is_some_and(|subscription| subscription.generation == generation);
        if current {
            act();
        }
        current
    }
}

impl Inner {
    fn finish(&mut self, socket: &SocketRef, shared: &Shared, job: JobId) {
        if self.unfinished.remove(&job) {
            self.set_pace(socket, shared);
        }
    }

    /// Has the client ask often while something goes on.
    fn set_pace(&self, socket: &SocketRef, shared: &Shared) {
        let often = !self.unfinished.is_empty();
        socket.set_poll_period(if often { WATCHING_PERIOD } else { shared.poll_period });
    }
}

impl fmt::Debug for Subscriptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriptions").field("jobs", &self.inner.lock().jobs.len()).finish_non_exhaustive()
    }
}

/// Sends a client what it has missed, at its own pace, and joins the room at the exact place.
struct Replay {
    subscriptions: Subscriptions,
    socket: SocketRef,
    shared: Shared,
    generation: u64,
}

impl Replay {
    async fn run(self, mut reader: Reader) {
        let feed = Arc::clone(reader.feed());
        let rooms = Arc::new(Rooms::new(&self.socket, &self.shared, &feed));
        while self.drained(LOW_WATER).await {
            match reader.ready().await {
                Ok(Some(events)) => {
                    if !self.send(feed.job(), &events).await {
                        return;
                    }
                }
                Ok(None) if reader.is_ended() => {
                    return self.subscriptions.finish(&self.socket, &self.shared, feed.job());
                }
                Ok(None) if self.join(&feed, &rooms, reader.after()) => return,
                Ok(None) => {
                    // Something was told in this moment, or is about to be.
                    if !reader.wait().await {
                        self.socket.disconnect(true);
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(job = %feed.job(), %error, "a subscription ends early");
                    self.socket.disconnect(true);
                    return;
                }
            }
        }
    }

    /// Sends events; false if the client or the subscription is gone.
    async fn send(&self, job: JobId, events: &[Arc<Encoded>]) -> bool {
        for event in events {
            if !self.drained(HIGH_WATER).await {
                return false;
            }
            let emit = || drop(self.socket.emit(event.name, &*event.json));
            if !self.subscriptions.if_current(job, self.generation, emit) {
                return false;
            }
        }
        true
    }

    /// Waits until no more than `limit` bytes wait for the client; false if it is gone.
    async fn drained(&self, limit: usize) -> bool {
        while self.socket.is_connected() && self.socket.queued_bytes() > limit {
            tokio::time::sleep(DRAIN_INTERVAL).await;
        }
        self.socket.is_connected()
    }

    /// True if there is nothing more to do: the socket is in the room, or the subscription is gone.
    fn join(&self, feed: &Arc<Feed>, rooms: &Arc<Rooms>, after: u64) -> bool {
        let mut current = true;
        let joined = feed.join_at(after, rooms, || {
            let join = || self.socket.join(room(feed.job()));
            current = self.subscriptions.if_current(feed.job(), self.generation, join);
        });
        joined || !current || !self.socket.is_connected()
    }
}
