//! What is printed of a job at the end.

use std::path::Path;

use jiff::{Timestamp, tz::TimeZone};
use pingone_import::jobs::{
    JobDetails, JobId, JobOptions, JobStatus, JobTrouble, JobView, JobWarning, Jobs, Kind, LedgerRow, Mode,
    Outcome, RowQuery, WelcomeMails,
};
use serde::Serialize;

use super::args::Output;
use super::exit::Failure;
use super::files::Written;
use super::hint::Hint;
use super::{again, mails, output};

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
    /// The file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a Path>,
    /// What became of the mails to users who were created.
    #[serde(skip_serializing_if = "Option::is_none")]
    welcome_mails: Option<WelcomeMails>,
    error: Option<&'a JobTrouble>,
    warnings: &'a [JobWarning],
}

/// Prints the result of `job`, which may have `written` a file.
pub(super) async fn job(
    jobs: &Jobs,
    job: &JobView,
    written: Option<&Written>,
    output: Output,
    hint: &Hint,
) -> Result<(), Failure> {
    if output.json {
        output::json(&Summary { file: written.map(|written| written.file.as_path()), ..summary(job) });
        return Ok(());
    }
    told(jobs, job, hint).await?;
    advice(job, hint).iter().for_each(|advice| output::say(advice));
    Ok(())
}

/// Prints the result of a job for people, and what to do with its rows.
async fn told(jobs: &Jobs, job: &JobView, hint: &Hint) -> Result<(), Failure> {
    output::say(&headline(job));
    mails::told(job).iter().for_each(|line| output::say(line));
    let id = job.id.to_string();
    if job.counts.failed > 0 {
        let shown = examples(jobs, job, Outcome::Failed, job.counts.failed, hint).await?;
        let command = hint.command(&["jobs", "rejects", &id, "-o", REJECTS]);
        output::say(&format!("All failed rows, to mend and {}: {command}", job.kind.as_str()));
        let options = asked(jobs, job).await?;
        remedies(&options, &shown).for_each(output::say);
        if let Some(command) = again::mended(REJECTS, &options, job.simulator, hint) {
            output::say(&format!("When they are mended: {command}"));
        }
    }
    if job.counts.skipped > 0 {
        examples(jobs, job, Outcome::Skipped, job.counts.skipped, hint).await?;
    }
    if job.dry_run && job.kind == Kind::Import && job.mode == Mode::Create {
        output::say(
            "Nobody was looked for at PingOne: rows whose users exist already will fail. \
             With --mode skip-existing or --mode upsert a dry run looks each one up.",
        );
    }
    Ok(())
}

/// Prints a job as it stands, with what whoever began it was told on the way.
pub(super) async fn show(jobs: &Jobs, details: &JobDetails, hint: &Hint) -> Result<(), Failure> {
    let JobDetails { job: shown, carried_out_by, .. } = details;
    output::say(&about(shown));
    told(jobs, shown, hint).await?;
    match shown.status {
        JobStatus::Queued | JobStatus::Running | JobStatus::Cancelling => {
            output::say("Another process is at work on it.");
        }
        _ => advice(shown, hint).iter().for_each(|advice| output::say(advice)),
    }
    if shown.simulator {
        output::say("It is about an embedded PingOne (--simulator), which has forgotten its users since.");
    }
    for JobWarning { code, message, .. } in &shown.warnings {
        output::say(&format!("warning: {code}: {message}"));
    }
    match (&shown.confirmation, carried_out_by) {
        (Some(_), Some(by)) => output::say(&format!("This plan was carried out by job {by}.")),
        (Some(expected), None) if !shown.simulator => {
            let id = shown.id.to_string();
            let command = hint.command(&["delete", "--plan", &id, "--confirm", expected]);
            output::say(&format!("To confirm the delete, this has to be typed: {expected}"));
            output::say(&format!("To carry out this plan within a day of it, run: {command}"));
        }
        _ => {}
    }
    Ok(())
}

/// The first rows with an outcome, and how to see the others.
async fn examples(
    jobs: &Jobs,
    job: &JobView,
    outcome: Outcome,
    count: u64,
    hint: &Hint,
) -> Result<Vec<LedgerRow>, Failure> {
    let query = RowQuery { outcome: Some(outcome), after: 0, limit: SHOWN };
    let has_lines = has_lines(jobs, job.id).await?;
    let rows = jobs.rows(job.id, query).await?.rows;
    for shown in &rows {
        output::say(&format!("  {}", row(job, shown, has_lines)));
    }
    if count > u64::from(SHOWN) {
        let word = outcome.as_str();
        let command = hint.command(&["jobs", "rows", &job.id.to_string(), "--outcome", word]);
        output::say(&format!("  … and {} more {word}: {command}", count - u64::from(SHOWN)));
    }
    Ok(rows)
}

/// What was asked for when the rows of a job were tried first: a retry names populations that nobody has typed.
async fn asked(jobs: &Jobs, job: &JobView) -> Result<JobOptions, Failure> {
    let JobDetails { options, job, .. } = jobs.details(job.id).await?;
    let (mut population, mut earlier) = (options.population.clone(), job.retry_of);
    while let Some(id) = earlier {
        // It may have been pruned.
        let Ok(JobDetails { options, job, .. }) = jobs.details(id).await else { break };
        (population, earlier) = (options.population, job.retry_of);
    }
    Ok(JobOptions { population, ..options })
}

/// What would have kept rows from failing as these did.
fn remedies(options: &JobOptions, failed: &[LedgerRow]) -> impl Iterator<Item = &'static str> {
    let is_import = options.kind == Kind::Import;
    let table = [
        (
            "UNIQUENESS_VIOLATION",
            is_import && options.mode == Mode::Create,
            "Users who exist already are changed with --mode upsert, and left as they are with --mode skip-existing.",
        ),
        (
            "UNKNOWN_POPULATION",
            (is_import || options.create_missing) && !options.create_population,
            "Populations that do not exist are created with --create-population.",
        ),
    ];
    let has = |code: &str| failed.iter().any(|row| row.code.as_deref() == Some(code));
    table.into_iter().filter(move |(code, helps, _)| *helps && has(code)).map(|(_, _, told)| told)
}

/// Prints the result of a job whose rows are elsewhere.
pub(super) fn elsewhere(job: &JobView, output: Output) {
    if output.json {
        output::json(&summary(job));
    } else {
        output::say(&headline(job));
        mails::told(job).iter().for_each(|line| output::say(line));
    }
}

/// Prints why there is no job, in the form of a job's result.
pub(super) fn failure(failure: &Failure, dry_run: bool) {
    let error = JobTrouble { code: failure.code().to_owned(), message: failure.to_string() };
    output::json(&Summary { error: Some(&error), dry_run, ..nothing("failed") });
}

/// Prints why a job was not done, in the form of its result.
pub(super) fn failure_of(job: &JobView, failure: &Failure) {
    let error = JobTrouble { code: failure.code().to_owned(), message: failure.to_string() };
    output::json(&Summary { error: Some(&error), ..summary(job) });
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
        file: None,
        welcome_mails: job.welcome_mails,
        error: job.error.as_ref(),
        warnings: &job.warnings,
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
        file: None,
        welcome_mails: None,
        error: None,
        warnings: &[],
    }
}

/// One line on a job at its end.
fn headline(job: &JobView) -> String {
    format!("Job {} {}", job.id, progress(job))
}

/// What a job is, and when it began and ended.
fn about(job: &JobView) -> String {
    let mode = match job.mode {
        Mode::Upsert if job.kind == Kind::Import => " (upsert)",
        Mode::SkipExisting if job.kind == Kind::Import => " (skip existing)",
        _ => "",
    };
    let of = if job.file.is_empty() { String::new() } else { format!(" of {}", job.file) };
    let population =
        job.population.as_ref().map(|it| format!(", population {}", it.name)).unwrap_or_default();
    let notes: String = notes(job).iter().map(|note| format!(", {note}")).collect();
    let ended = job.finished_at.map(|at| format!(", ended {}", time(at))).unwrap_or_default();
    format!("{}{mode}{of}{population}{notes}; created {}{ended}", job.kind.as_str(), time(job.created_at))
}

fn notes(job: &JobView) -> Vec<&'static str> {
    let notes = [(job.dry_run, "dry run"), (job.simulator, "simulator")];
    notes.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect()
}

fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// One line on a job among others.
pub(super) fn listed(job: &JobView) -> String {
    let created = time(job.created_at);
    let notes = notes(job);
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
    let kind = format!("{}{notes}", job.kind.as_str());
    let warned = match job.warnings.len() {
        0 => String::new(),
        1 => "  1 warning".to_owned(),
        several => format!("  {several} warnings"),
    };
    let line = format!("{}  {created}  {kind:<16}  {}  {}{warned}", job.id, progress(job), job.file);
    line.trim_end().to_owned()
}

/// Where a job stands. An import names its counts whatever they are, other jobs those that are not 0.
fn progress(job: &JobView) -> String {
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
        "{}: {} of {}{separator}{}, {:.1} s",
        job.status.as_str(),
        counts.processed,
        output::counted(job.total, "row", "rows"),
        named.join(", "),
        job.seconds
    )
}

/// Whether the rows of a job are lines of a file that somebody gave.
pub(super) async fn has_lines(jobs: &Jobs, job: JobId) -> Result<bool, Failure> {
    let options = jobs.details(job).await?.options;
    match options.plan {
        // It may have been pruned.
        Some(plan) => Ok(jobs.details(plan).await.is_ok_and(|plan| !plan.options.selects())),
        None => Ok(!options.selects()),
    }
}

/// A row with its reason. A row that names nobody, has no reason, or is not of a file, leaves that out.
pub(super) fn row(job: &JobView, row: &LedgerRow, has_lines: bool) -> String {
    let column = column(row.column, row.column_name.as_deref());
    let line = if has_lines { format!(" (line {}{column})", row.line) } else { String::new() };
    let key = if row.key.is_empty() { String::new() } else { format!(" {}", row.key) };
    let reason: Vec<_> = row.code.iter().chain(&row.message).map(String::as_str).collect();
    let reason = if reason.is_empty() { outcome(job, row.outcome) } else { reason.join(": ") };
    format!("row {}{line}{key}: {reason}", row.row)
}

/// The column at fault, behind the line: by its place and by its name, as far as it has them.
pub(super) fn column(number: Option<u64>, name: Option<&str>) -> String {
    match (number, name.filter(|name| !name.is_empty())) {
        (Some(number), Some(name)) => format!(", column {number} {name:?}"),
        (Some(number), None) => format!(", column {number}"),
        (None, Some(name)) => format!(", column {name:?}"),
        (None, None) => String::new(),
    }
}

/// What became of a row, or would.
fn outcome(job: &JobView, outcome: Outcome) -> String {
    let would = match outcome {
        Outcome::Created | Outcome::Updated | Outcome::Deleted if job.dry_run => "would be ",
        _ => "",
    };
    format!("{would}{}", outcome.as_str())
}

fn advice(job: &JobView, hint: &Hint) -> Option<String> {
    let resume = hint.connected(&["jobs", "resume", &job.id.to_string()]);
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
const REJECTS: &str = "rejects.csv";
