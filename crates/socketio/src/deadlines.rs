//! Connections that must join a namespace in time.

use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::{clock, connection::Connection};

/// All connections have the same time, hence a queue and one task instead of a timer for each.
#[derive(Default)]
pub(crate) struct Deadlines(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    /// Invariant: ordered by time.
    waiting: VecDeque<(Instant, Weak<Connection>)>,
    /// Invariant: while this is set a task removes what is due.
    is_watched: bool,
}

impl Deadlines {
    /// Must be called within a runtime.
    pub(crate) fn push(self: &Arc<Self>, connection: &Arc<Connection>, timeout: Duration) {
        let mut queue = self.0.lock();
        queue.waiting.push_back((clock::after(timeout), Arc::downgrade(connection)));
        if !queue.is_watched {
            queue.is_watched = true;
            tokio::spawn(Arc::clone(self).watch());
        }
    }

    async fn watch(self: Arc<Self>) {
        while let Some(next) = self.next() {
            sleep_until(next).await;
            for connection in self.due() {
                connection.expect_joined();
            }
        }
    }

    /// When something is due; `None` ends the task, as nothing waits.
    fn next(&self) -> Option<Instant> {
        let mut queue = self.0.lock();
        let next = queue.waiting.front().map(|(deadline, _)| *deadline);
        if next.is_none() {
            *queue = Queue::default();
        }
        next
    }

    fn due(&self) -> Vec<Arc<Connection>> {
        let now = Instant::now();
        let mut queue = self.0.lock();
        let count = queue.waiting.partition_point(|(deadline, _)| *deadline <= now);
        queue.waiting.drain(..count).filter_map(|(_, connection)| connection.upgrade()).collect()
    }
}
