use std::sync::atomic::{AtomicU64, Ordering};

use crate::Metrics;

/// What is counted for [`Metrics`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) requests: Counter,
    pub(super) retries: Counter,
    pub(super) throttled: Counter,
    pub(super) server_errors: Counter,
    pub(super) timeouts: Counter,
    pub(super) disconnects: Counter,
    pub(super) recovered: Counter,
    pub(super) tokens: Counter,
}

impl Counters {
    pub(super) fn read(&self) -> Metrics {
        Metrics {
            requests: self.requests.read(),
            retries: self.retries.read(),
            throttled: self.throttled.read(),
            server_errors: self.server_errors.read(),
            timeouts: self.timeouts.read(),
            disconnects: self.disconnects.read(),
            recovered: self.recovered.read(),
            tokens: self.tokens.read(),
            ..Metrics::default()
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
