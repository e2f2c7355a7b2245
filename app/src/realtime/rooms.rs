//! The Socket.IO clients that are up to date with a job: one room, one encoding, one pass.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use socketio::{Namespace, SocketRef};

use super::encoded::Encoded;
use super::feed::{Broadcast, Feed};
use super::socketio::Shared;
use super::subscriptions::Subscriptions;
use crate::jobs::JobId;

/// After so many bytes the room is searched for clients that do not keep up.
const SEARCH_INTERVAL: usize = 128 * 1024;

/// A client with more bytes waiting does not keep up.
const SLOW: usize = 256 * 1024;

/// The name of a job's room.
pub(super) fn room(job: JobId) -> String {
    format!("job:{job}")
}

/// The room of one job.
pub(super) struct Rooms {
    room: String,
    namespace: Namespace,
    shared: Shared,
    feed: Weak<Feed>,
    unsearched: AtomicUsize,
}

impl Rooms {
    pub(super) fn new(socket: &SocketRef, shared: &Shared, feed: &Arc<Feed>) -> Self {
        Self {
            room: room(feed.job()),
            namespace: socket.namespace(),
            shared: shared.clone(),
            feed: Arc::downgrade(feed),
            unsearched: AtomicUsize::new(0),
        }
    }

    /// Tells those in the room that nothing will come any more.
    fn finish(&self) {
        let Some(feed) = self.feed.upgrade() else { return };
        for socket in self.namespace.to(&self.room).sockets() {
            if let Some(subscriptions) = socket.data::<Subscriptions>() {
                subscriptions.finish(&socket, &self.shared, feed.job());
            }
        }
    }

    fn demote_the_slow(&self, after: u64) {
        let Some(feed) = self.feed.upgrade() else { return };
        for socket in self.namespace.to(&self.room).sockets() {
            if socket.queued_bytes() > SLOW
                && let Some(subscriptions) = socket.data::<Subscriptions>()
            {
                subscriptions.demote(&socket, &self.shared, &feed, after);
            }
        }
    }
}

impl Broadcast for Rooms {
    fn broadcast(&self, event: &Encoded) {
        self.namespace.to(&self.room).emit(event.name, &*event.json);
        if self.unsearched.fetch_add(event.size(), Ordering::Relaxed) + event.size() > SEARCH_INTERVAL {
            self.unsearched.store(0, Ordering::Relaxed);
            self.demote_the_slow(event.seq);
        }
        if event.is_last() {
            self.finish();
        }
    }

    fn fail(&self) {
        self.namespace.to(&self.room).disconnect_sockets(true);
    }
}
