//! The log as pages, for plain HTTP.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::encoded::is_last;
use crate::jobs::{Error, Event, JobId, JobStatus, Jobs};

/// No request is held longer than this.
pub const MAX_WAIT: Duration = Duration::from_secs(25);

/// Most events of a page; when they are large it has fewer.
const PAGE: u32 = 500;

/// Events of a job's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    /// The job.
    pub job: JobId,
    /// The events, without gaps.
    pub events: Vec<Event>,
    /// The `after` of the next request.
    pub last_seq: u64,
    /// Nothing will come any more.
    pub done: bool,
    /// When to ask again, in milliseconds; 0 if more is there already or the next request may wait.
    pub poll_after_ms: u64,
}

/// The events after number `after`, held for at most `wait` until there is one.
///
/// # Errors
/// If there is no such job or the store fails.
pub async fn page(jobs: &Jobs, id: JobId, after: u64, wait: Duration) -> Result<Page, Error> {
    let mut newest = jobs.watch(id).await?;
    let job = jobs.job(id).await?;
    let after = after.min(job.last_seq);
    let ended = job.status.is_final() && after == job.last_seq;
    if !ended && !wait.is_zero() {
        // Whether something came, the time is up or the job is gone: what there is now is the answer.
        let _ = tokio::time::timeout(wait.min(MAX_WAIT), newest.wait_for(|newest| *newest > after)).await;
    }
    let events = jobs.events_after(id, after, PAGE).await?;
    let last_seq = events.last().map_or(after, |event| event.seq);
    let done = events.last().map_or(ended, is_last);
    let more = last_seq < *newest.borrow();
    let poll_after_ms = if done || more || !wait.is_zero() { 0 } else { pace(job.status) };
    Ok(Page { job: id, events, last_seq, done, poll_after_ms })
}

/// How often a client that cannot wait should ask.
fn pace(status: JobStatus) -> u64 {
    match status {
        JobStatus::Queued | JobStatus::Running | JobStatus::Cancelling => 1_000,
        _ => 5_000,
    }
}
