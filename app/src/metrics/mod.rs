//! What is counted, as Prometheus reads it.
//!
//! Other modules use the macros of the `metrics` crate; here the names are described and the text is made.

mod http;
mod lag;
mod names;
mod process;

use std::fmt;
use std::sync::OnceLock;
use std::time::Instant;

use metrics::{counter, gauge, histogram, set_global_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use pingone::Observer;

use crate::jobs::{JobStatus, Jobs, Kind, Outcome};
pub(crate) use http::{count_handshake, count_request};
pub use lag::watch_lag;
use names::describe;
pub use names::*;

/// Seconds that bound the buckets of durations over a network.
const NETWORK: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The same for what happens on this machine.
const LOCAL: [f64; 10] = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 2.5];

/// The states of a job that has not ended.
const UNFINISHED: [JobStatus; 5] =
    [JobStatus::Queued, JobStatus::Running, JobStatus::Interrupted, JobStatus::Paused, JobStatus::Cancelling];

/// Counts a job that has ended.
pub(crate) fn count_job(kind: Kind, status: JobStatus) {
    counter!(JOBS, "kind" => kind.as_str(), "outcome" => status.as_str()).increment(1);
}

/// Counts a row that got its outcome.
pub(crate) fn count_row(outcome: Outcome) {
    let outcome = match outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        Outcome::Deleted => "deleted",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failed",
    };
    counter!(ROWS, "outcome" => outcome).increment(1);
}

/// Records how long PingOne takes to answer.
pub(crate) fn pingone_observer() -> Observer {
    Observer::new(|took, _| histogram!(PINGONE_DURATION).record(took.as_secs_f64()))
}

/// Records how long something of the store takes, from here until it is dropped.
#[derive(Debug)]
pub(crate) struct Timed {
    operation: &'static str,
    started: Instant,
}

impl Timed {
    /// `operation` is `commit` or `read`.
    pub(crate) fn store(operation: &'static str) -> Self {
        Self { operation, started: Instant::now() }
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        let took = self.started.elapsed().as_secs_f64();
        histogram!(STORE_DURATION, "operation" => self.operation).record(took);
    }
}

/// The recorder of this process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Makes the recorder the process's own; a second call gives another handle to the same.
    pub fn install() -> Self {
        static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            let recorder = builder().build_recorder();
            let handle = recorder.handle();
            // Where a program that embeds this one has its own recorder, ours stays empty.
            let _ = set_global_recorder(recorder);
            describe();
            process::started();
            handle
        });
        Self { handle: handle.clone() }
    }

    /// Writes what is measured only when somebody looks.
    pub async fn sample(&self, jobs: &Jobs) {
        process::sample();
        if let Some(connection) = jobs.connection() {
            let seen = connection.client.metrics();
            counter!(PINGONE_REQUESTS).absolute(seen.requests);
            counter!(PINGONE_RETRIES).absolute(seen.retries);
            counter!(PINGONE_THROTTLED).absolute(seen.throttled);
            let failures = [
                ("throttled", seen.throttled),
                ("server_error", seen.server_errors),
                ("timeout", seen.timeouts),
                ("disconnected", seen.disconnects),
            ];
            for (reason, count) in failures {
                counter!(PINGONE_FAILURES, "reason" => reason).absolute(count);
            }
            gauge!(PINGONE_RATE).set(seen.rate);
            gauge!(PINGONE_IN_FLIGHT).set(u32::try_from(seen.in_flight).unwrap_or(u32::MAX));
        }
        let unfinished = jobs.unfinished().await.unwrap_or_else(|error| {
            tracing::error!(%error, "unfinished jobs cannot be counted");
            Vec::new()
        });
        for status in UNFINISHED {
            let count = unfinished.iter().filter(|job| job.status == status).count();
            // Far below the numbers that a float cannot hold exactly.
            gauge!(UNFINISHED_JOBS, "status" => status.as_str())
                .set(u32::try_from(count).unwrap_or(u32::MAX));
        }
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn builder() -> PrometheusBuilder {
    let buckets: [(&str, &[f64]); 4] =
        [(PROBE_DURATION, &NETWORK), (PINGONE_DURATION, &NETWORK), (STORE_DURATION, &LOCAL), (LAG, &LOCAL)];
    buckets.into_iter().fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
        let with = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds);
        // Only a name without buckets is refused.
        with.unwrap_or_else(|_| PrometheusBuilder::new())
    })
}

/// Counts one thing while it lives.
#[derive(Debug)]
pub struct Counted {
    name: &'static str,
    label: (&'static str, &'static str),
}

impl Counted {
    /// One more of `name` with this label.
    pub fn new(name: &'static str, label: (&'static str, &'static str)) -> Self {
        gauge!(name, label.0 => label.1).increment(1.0);
        Self { name, label }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!(self.name, self.label.0 => self.label.1).decrement(1.0);
    }
}
