//! What is printed of a job at the end.

use pingone_import::jobs::{JobId, JobStatus, JobTrouble, JobView, Jobs, Kind, LedgerRow, Outcome, RowQuery};
use serde::Serialize;

use super::args::Output;
use super::exit::Failure;
use super::output;

/// The result of a job as one line of JSON.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    job: Option<JobId>,
    status: &'a str,
    total: u64,
    processed: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    deleted: u64,
    skipped: u64,
    failed: u64,
    seconds: f64,
    dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<&'a str>,
    error: Option<&'a JobTrouble>,
}

/// Prints the result of `job`.
pub(super) async fn job(jobs: &Jobs, job: &JobView, output: Output) -> Result<(), Failure> {
    if output.json {
        output::json(&summary(job));
        return Ok(());
    }
    output::say(&headline(job));
    if job.counts.failed > 0 {
        let query = RowQuery { outcome: Some(Outcome::Failed), after: 0, limit: SHOWN };
        for row in jobs.rows(job.id, query).await?.rows {
            output::say(&line(&row));
        }
        if job.counts.failed > u64::from(SHOWN) {
            output::say(&format!("  … and {} more", job.counts.failed - u64::from(SHOWN)));
        }
        output::say(&format!(
            "All failed rows, to mend and import: pingone-import jobs rejects {} -o rejects.csv",
            job.id
        ));
    }
    if let Some(advice) = advice(job) {
        output::say(&advice);
    }
    Ok(())
}

/// Prints why there is no job, in the form of a job's result.
pub(super) fn failure(failure: &Failure) {
    let error = JobTrouble { code: failure.code().to_owned(), message: failure.to_string() };
    output::json(&Summary { error: Some(&error), ..nothing("failed") });
}

/// Prints that there was no job to work on, in the form of a job's result.
pub(super) fn no_job(output: Output) {
    if output.json {
        output::json(&nothing("none"));
    } else {
        output::say("There is no unfinished job.");
    }
}

fn summary(job: &JobView) -> Summary<'_> {
    Summary {
        job: Some(job.id),
        status: job.status.as_str(),
        total: job.total,
        processed: job.counts.processed,
        created: job.counts.created,
        updated: job.counts.updated,
        unchanged: job.counts.unchanged,
        deleted: job.counts.deleted,
        skipped: job.counts.skipped,
        failed: job.counts.failed,
        seconds: job.seconds,
        dry_run: job.dry_run,
        confirmation: job.confirmation.as_deref(),
        error: job.error.as_ref(),
    }
}

fn nothing(status: &str) -> Summary<'_> {
    Summary {
        job: None,
        status,
        total: 0,
        processed: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        deleted: 0,
        skipped: 0,
        failed: 0,
        seconds: 0.0,
        dry_run: false,
        confirmation: None,
        error: None,
    }
}

/// One line on a job. An import names its counts whatever they are, other jobs those that are not 0.
pub(super) fn headline(job: &JobView) -> String {
    let would = if job.dry_run { "would be " } else { "" };
    let counts = &job.counts;
    let is_import = job.kind == Kind::Import;
    let named = [
        (counts.created, format!("{would}created"), is_import),
        (counts.updated, format!("{would}updated"), job.kind == Kind::Modify),
        (counts.unchanged, if job.kind == Kind::Export { "exported" } else { "unchanged" }.to_owned(), false),
        (counts.deleted, format!("{would}deleted"), job.kind == Kind::Delete),
        (counts.skipped, "skipped".to_owned(), is_import),
        (counts.failed, "failed".to_owned(), job.kind != Kind::Export),
    ];
    let named = named.into_iter().filter(|(count, _, always)| *always || *count > 0);
    let named: Vec<_> = named.map(|(count, word, _)| format!("{count} {word}")).collect();
    let separator = if named.is_empty() { "" } else { ", " };
    format!(
        "Job {} {}: {} of {} rows{separator}{}, {:.1} s",
        job.id,
        job.status.as_str(),
        counts.processed,
        job.total,
        named.join(", "),
        job.seconds
    )
}

fn line(row: &LedgerRow) -> String {
    let code = row.code.as_deref().unwrap_or_default();
    let message = row.message.as_deref().unwrap_or_default();
    format!("  row {} (line {}) {}: {code}: {message}", row.row, row.line, row.key)
}

fn advice(job: &JobView) -> Option<String> {
    let resume = format!("pingone-import jobs resume {}", job.id);
    match job.status {
        JobStatus::Completed | JobStatus::Cancelled => None,
        _ => match &job.error {
            Some(trouble) => {
                Some(format!("It stopped: {}. Nothing is lost; continue with: {resume}", trouble.message))
            }
            None => Some(format!("Nothing is lost; continue with: {resume}")),
        },
    }
}

const SHOWN: u32 = 10;
