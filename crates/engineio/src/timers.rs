use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{clock, connection::Link};

/// The deadlines of all sessions, served by one task.
///
/// Deadlines are rounded up to [`TICK`], so that sessions opened together share an entry and wake together.
#[derive(Debug)]
pub(crate) struct Timers {
    start: Instant,
    ticks: Mutex<BTreeMap<u64, Vec<Weak<Link>>>>,
    earlier: Notify,
}

impl Timers {
    /// Starts the task, which ends when the value is dropped.
    pub(crate) fn start() -> Arc<Self> {
        let timers = Arc::new(Self { start: clock::now(), ticks: Mutex::default(), earlier: Notify::new() });
        tokio::spawn(run(Arc::downgrade(&timers)));
        timers
    }

    /// Calls [`Link::handle_timeout`] at most [`TICK`] after the deadline.
    pub(crate) fn schedule(&self, deadline: Instant, link: Weak<Link>) {
        let since = deadline.saturating_duration_since(self.start);
        #[expect(clippy::cast_possible_truncation, reason = "five milliseconds times 2^64 do not pass")]
        let tick = since.as_nanos().div_ceil(TICK.as_nanos()) as u64;
        let mut ticks = self.ticks.lock();
        let is_first = ticks.first_key_value().is_none_or(|(first, _)| tick < *first);
        ticks.entry(tick).or_default().push(link);
        drop(ticks);
        if is_first {
            self.earlier.notify_one();
        }
    }

    fn next(&self) -> Option<Instant> {
        let ticks = self.ticks.lock();
        let tick = *ticks.first_key_value()?.0;
        // Truncation would be a deadline in 250 days.
        Some(self.start + TICK * u32::try_from(tick).unwrap_or(u32::MAX))
    }

    fn take_first(&self) -> Vec<Weak<Link>> {
        self.ticks.lock().pop_first().map(|(_, links)| links).unwrap_or_default()
    }
}

/// How finely deadlines are told apart.
const TICK: Duration = Duration::from_millis(5);

/// How long the task sleeps when there is nothing to wait for; then it looks whether it is still needed.
const IDLE: Duration = Duration::from_secs(60);

async fn run(timers: Weak<Timers>) {
    while let Some(timers) = timers.upgrade() {
        let now = clock::now();
        let next = timers.next().unwrap_or(now + IDLE);
        if next > now {
            let earlier = timers.earlier.notified();
            let sleep = tokio::time::sleep_until(next.into());
            tokio::select! {
                () = earlier => {}
                () = sleep => {}
            }
            continue;
        }
        for link in timers.take_first() {
            if let Some(link) = link.upgrade() {
                link.handle_timeout();
            }
        }
    }
}
