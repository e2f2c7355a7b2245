//! A job as the store has it.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::StoreError;
use crate::jobs::{Counts, JobId, JobOptions, JobStatus, JobTrouble, Outcome, PopulationRef, WelcomeMails};

/// A job as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// The short key under which its ledger and events are stored; 0 before it is stored.
    pub number: i64,
    /// Its id.
    pub id: JobId,
    /// Where it stands; never [`JobStatus::Interrupted`], which is not stored but found out.
    pub status: JobStatus,
    /// The name of the file that was given.
    pub file: String,
    /// What was asked for.
    pub options: JobOptions,
    /// The population of rows that name none.
    pub population: Option<PopulationRef>,
    /// The environment's id.
    pub environment: String,
    /// Whether that is the embedded simulator.
    pub simulator: bool,
    /// Rows of the file; 0 until they are counted.
    pub total: u64,
    /// Outcomes so far.
    pub counts: Counts,
    /// Rows up to this one may have been sent; rows beyond it never were.
    pub dispatched_through: u64,
    /// Users of rows up to this one were written to, or no longer will be.
    pub welcomed_through: u64,
    /// What became of their mails, if it writes to them.
    pub welcome_mails: Option<WelcomeMails>,
    /// Time spent running.
    pub elapsed_ms: u64,
    /// The number of the newest event.
    pub last_seq: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it first ran.
    pub started_at: Option<Timestamp>,
    /// The same by PingOne's clock, if that was known.
    pub remote_started_at: Option<Timestamp>,
    /// When it reached its final status.
    pub finished_at: Option<Timestamp>,
    /// Why it paused or failed, if by trouble.
    pub error: Option<JobTrouble>,
    /// The job whose failed rows this one repeats.
    pub retry_of: Option<JobId>,
}

impl JobRecord {
    pub(super) fn from_row(row: &SqliteRow) -> Result<Self, StoreError> {
        let count = |name: &str| row.try_get::<i64, _>(name).map(unsigned);
        let time = |name: &str| row.try_get::<Option<i64>, _>(name)?.map(timestamp).transpose();
        let mut counts = Counts {
            processed: 0,
            created: count("created")?,
            updated: count("updated")?,
            unchanged: count("unchanged")?,
            deleted: count("deleted")?,
            skipped: count("skipped")?,
            failed: count("failed")?,
        };
        counts.processed = counts.created
            + counts.updated
            + counts.unchanged
            + counts.deleted
            + counts.skipped
            + counts.failed;
        let options: String = row.try_get("options")?;
        let error_code: Option<String> = row.try_get("error_code")?;
        let population_name: Option<String> = row.try_get("population_name")?;
        Ok(Self {
            number: row.try_get("number")?,
            id: parse(row.try_get("id")?)?,
            status: status(row.try_get("status")?)?,
            file: row.try_get("file")?,
            options: serde_json::from_str(&options)
                .map_err(|error| StoreError::Damaged(error.to_string()))?,
            population: match population_name {
                Some(name) => Some(PopulationRef { id: row.try_get("population_id")?, name }),
                None => None,
            },
            environment: row.try_get("environment")?,
            simulator: row.try_get("simulator")?,
            total: count("total")?,
            counts,
            dispatched_through: count("dispatched_through")?,
            welcomed_through: count("welcomed_through")?,
            welcome_mails: welcome_mails(row.try_get("welcome_mails")?)?,
            elapsed_ms: count("elapsed_ms")?,
            last_seq: count("last_seq")?,
            created_at: timestamp(row.try_get("created_at")?)?,
            started_at: time("started_at")?,
            remote_started_at: time("remote_started_at")?,
            finished_at: time("finished_at")?,
            error: match error_code {
                Some(code) => Some(JobTrouble { code, message: row.try_get("error_message")? }),
                None => None,
            },
            retry_of: row.try_get::<Option<&str>, _>("retry_of")?.map(parse).transpose()?,
        })
    }
}

pub(super) fn timestamp(milliseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// SQLite has signed integers only; ours never reach the sign.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// The number of an outcome in the ledger; exceptions are numbered last, see the partial index.
pub(super) fn outcome_number(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Created => 0,
        Outcome::Updated => 1,
        Outcome::Unchanged => 2,
        Outcome::Deleted => 3,
        Outcome::Skipped => 4,
        Outcome::Failed => 5,
    }
}

pub(super) fn outcome(number: i64) -> Result<Outcome, StoreError> {
    Ok(match number {
        0 => Outcome::Created,
        1 => Outcome::Updated,
        2 => Outcome::Unchanged,
        3 => Outcome::Deleted,
        4 => Outcome::Skipped,
        5 => Outcome::Failed,
        _ => return Err(StoreError::Damaged(format!("outcome {number}"))),
    })
}

fn status(word: &str) -> Result<JobStatus, StoreError> {
    Ok(match word {
        "queued" => JobStatus::Queued,
        "running" => JobStatus::Running,
        "paused" => JobStatus::Paused,
        "cancelling" => JobStatus::Cancelling,
        "completed" => JobStatus::Completed,
        "cancelled" => JobStatus::Cancelled,
        "failed" => JobStatus::Failed,
        _ => return Err(StoreError::Damaged(format!("status {word:?}"))),
    })
}

fn welcome_mails(text: Option<&str>) -> Result<Option<WelcomeMails>, StoreError> {
    text.map(serde_json::from_str).transpose().map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(super) fn welcome_mails_text(mails: Option<&WelcomeMails>) -> Result<Option<String>, StoreError> {
    mails.map(serde_json::to_string).transpose().map_err(|error| StoreError::Damaged(error.to_string()))
}

fn parse(id: &str) -> Result<JobId, StoreError> {
    id.parse().map_err(|_| StoreError::Damaged(format!("job id {id:?}")))
}
