//! Tells of trouble that a job may get over by itself.

use pingone::{Client, Metrics};
use tokio::time::{Duration, Instant};

use super::event::{ErrorEvent, EventBody};

/// Watches the client of a running job.
#[derive(Debug)]
pub(super) struct Watchdog {
    client: Option<Client>,
    seen: Metrics,
    /// When the number of processed rows last changed, and that number.
    moved: (Instant, u64),
    told_throttled: Option<Instant>,
    told_stuck: Option<Instant>,
}

impl Watchdog {
    /// Watches `client`; without one there is nothing to tell.
    pub(super) fn new(client: Option<Client>, processed: u64) -> Self {
        let seen = client.as_ref().map(Client::metrics).unwrap_or_default();
        Self { client, seen, moved: (Instant::now(), processed), told_throttled: None, told_stuck: None }
    }

    /// What has to be told now.
    pub(super) fn look(&mut self, now: Instant, processed: u64) -> Vec<EventBody> {
        let Some(client) = &self.client else { return Vec::new() };
        let metrics = client.metrics();
        let mut events = Vec::new();
        if processed != self.moved.1 {
            self.moved = (now, processed);
        }
        if metrics.throttled > self.seen.throttled && is_due(self.told_throttled, now) {
            self.told_throttled = Some(now);
            events.push(warning("throttled", throttled(&metrics)));
        }
        let failing = failures(&metrics) > failures(&self.seen);
        if failing && now - self.moved.0 >= PATIENCE && is_due(self.told_stuck, now) {
            self.told_stuck = Some(now);
            let message = "PingOne does not answer, or answers with errors; requests are being repeated, \
                           and the job pauses by itself if that does not help";
            events.push(warning("unreachable", message.to_owned()));
        }
        self.seen = metrics;
        events
    }
}

fn throttled(metrics: &Metrics) -> String {
    let pace =
        if metrics.rate.is_finite() { format!(" to {:.0} requests/s", metrics.rate) } else { String::new() };
    format!("PingOne limits the rate of requests; slowing down{pace}. No row fails because of this")
}

fn failures(metrics: &Metrics) -> u64 {
    metrics.server_errors + metrics.timeouts + metrics.disconnects
}

fn warning(code: &str, message: String) -> EventBody {
    EventBody::Error(ErrorEvent::warning(code, message))
}

fn is_due(told: Option<Instant>, now: Instant) -> bool {
    told.is_none_or(|told| now - told >= SPACING)
}

/// How long no row may get an outcome before failures are worth telling.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the same trouble is not told again.
const SPACING: Duration = Duration::from_secs(30);
