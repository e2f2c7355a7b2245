use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// What a simulator has seen so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Requests of any kind that arrived, faulty ones included.
    pub requests: u64,
    /// Requests that are being worked on or held.
    pub in_flight: u64,
    /// Most requests in flight at one time.
    pub peak_in_flight: u64,
    /// Requests for a token.
    pub token_requests: u64,
    /// Users created.
    pub created: u64,
    /// Users changed, each request counted.
    pub updated: u64,
    /// Users deleted.
    pub deleted: u64,
    /// Requests refused with 429.
    pub throttled: u64,
    /// Requests refused with 401.
    pub unauthorized: u64,
    /// Faults met, throttling by the rate limit not included.
    pub faults: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) in_flight: AtomicU64,
    pub(crate) peak_in_flight: AtomicU64,
    pub(crate) token_requests: AtomicU64,
    pub(crate) created: AtomicU64,
    pub(crate) updated: AtomicU64,
    pub(crate) deleted: AtomicU64,
    pub(crate) throttled: AtomicU64,
    pub(crate) unauthorized: AtomicU64,
    pub(crate) faults: AtomicU64,
    changed: Notify,
}

impl Counters {
    /// Counts a request until the guard is dropped.
    pub(crate) fn enter(&self) -> InFlight<'_> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak_in_flight.fetch_max(now, Ordering::Relaxed);
        self.changed.notify_waiters();
        InFlight(self)
    }

    pub(crate) fn snapshot(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            requests: read(&self.requests),
            in_flight: read(&self.in_flight),
            peak_in_flight: read(&self.peak_in_flight),
            token_requests: read(&self.token_requests),
            created: read(&self.created),
            updated: read(&self.updated),
            deleted: read(&self.deleted),
            throttled: read(&self.throttled),
            unauthorized: read(&self.unauthorized),
            faults: read(&self.faults),
        }
    }

    pub(crate) async fn wait_until(&self, holds: impl Fn(&Stats) -> bool) -> Stats {
        loop {
            let changed = self.changed.notified();
            let stats = self.snapshot();
            if holds(&stats) {
                return stats;
            }
            changed.await;
        }
    }
}

/// A request that is being worked on.
#[derive(Debug)]
pub(crate) struct InFlight<'a>(&'a Counters);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.0.changed.notify_waiters();
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
