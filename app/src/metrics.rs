//! What is counted, as Prometheus reads it.
//!
//! Other modules use the macros of the `metrics` crate; here the names are described and the text is made.

use std::fmt;
use std::sync::OnceLock;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::jobs::{JobStatus, Jobs, Outcome};

/// Open real-time connections, by `transport`.
pub const CONNECTIONS: &str = "pingone_import_connections";
/// Jobs that have not ended, by `status`.
pub const UNFINISHED_JOBS: &str = "pingone_import_unfinished_jobs";
/// Rows that got an outcome since the start, by `outcome`.
pub const ROWS: &str = "pingone_import_rows_total";
/// Requests to PingOne since the start.
pub const PINGONE_REQUESTS: &str = "pingone_import_pingone_requests_total";
/// Answers of PingOne with status 429 since the start.
pub const PINGONE_THROTTLED: &str = "pingone_import_pingone_throttled_total";
/// Requests to PingOne that are allowed per second at the moment.
pub const PINGONE_RATE: &str = "pingone_import_pingone_rate_per_second";
/// Whether a tier worked when it was last probed, by `tier`.
pub const PROBE_SUCCESS: &str = "pingone_import_probe_success";
/// How long probes take, by `tier`.
pub const PROBE_DURATION: &str = "pingone_import_probe_duration_seconds";

/// The states of a job that has not ended.
const UNFINISHED: [JobStatus; 5] =
    [JobStatus::Queued, JobStatus::Running, JobStatus::Interrupted, JobStatus::Paused, JobStatus::Cancelling];

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
            let builder = PrometheusBuilder::new();
            let buckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0];
            let builder = builder
                .set_buckets_for_metric(Matcher::Full(PROBE_DURATION.to_owned()), &buckets)
                .unwrap_or_else(|_| PrometheusBuilder::new());
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            // Where a program that embeds this one has its own recorder, ours stays empty.
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        });
        Self { handle: handle.clone() }
    }

    /// Writes what is measured only when somebody looks.
    pub async fn sample(&self, jobs: &Jobs) {
        if let Some(connection) = jobs.connection() {
            let seen = connection.client.metrics();
            counter!(PINGONE_REQUESTS).absolute(seen.requests);
            counter!(PINGONE_THROTTLED).absolute(seen.throttled);
            gauge!(PINGONE_RATE).set(seen.rate);
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

fn describe() {
    describe_gauge!(CONNECTIONS, "Open real-time connections");
    describe_gauge!(UNFINISHED_JOBS, "Jobs that have not ended");
    describe_counter!(ROWS, "Rows that got an outcome");
    describe_counter!(PINGONE_REQUESTS, "Requests to PingOne");
    describe_counter!(PINGONE_THROTTLED, "Answers of PingOne with status 429");
    describe_gauge!(PINGONE_RATE, "Requests to PingOne allowed per second");
    describe_gauge!(PROBE_SUCCESS, "Whether a tier worked when it was last probed");
    describe_histogram!(PROBE_DURATION, Unit::Seconds, "How long probes take");
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
