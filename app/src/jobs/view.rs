//! What a job looks like from outside: the REST body, the acknowledgement of a subscription, the CLI's list.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::mails::WelcomeMails;
use super::options::JobOptions;

/// The id of a job: a UUID version 7, so that ids sort by the time of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct JobId(Uuid);

impl JobId {
    /// A new id for a job created now.
    #[expect(clippy::new_without_default, reason = "every call gives another id")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What a job does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Users of a file are created in PingOne.
    #[default]
    Import,
    /// Users of PingOne are changed as a file says.
    Modify,
    /// Users of PingOne are deleted.
    Delete,
    /// Users of PingOne are written to a file. It leaves every one of them unchanged, which is how they are counted.
    Export,
}

impl Kind {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Modify => "modify",
            Self::Delete => "delete",
            Self::Export => "export",
        }
    }
}

/// How an import treats the users of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// Every row creates a user; a username that PingOne already has fails its row.
    #[default]
    Create,
    /// A row whose user exists changes it, every other one creates a user.
    Upsert,
    /// A row whose user exists is skipped, every other one creates a user.
    SkipExisting,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobStatus {
    /// Accepted and stored, not yet started.
    Queued,
    /// Rows are being sent.
    Running,
    /// The process that ran it ended without finishing it; it can be resumed.
    Interrupted,
    /// Stopped on request or by trouble with PingOne (then `error` says which); it can be resumed.
    Paused,
    /// Asked to stop for good; rows in flight are settling.
    Cancelling,
    /// Every row has an outcome.
    Completed,
    /// Stopped for good before every row had an outcome.
    Cancelled,
    /// The job itself could not go on, for example because its input disappeared.
    Failed,
}

impl JobStatus {
    /// Whether the job will never change again.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Failed)
    }

    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Paused => "paused",
            Self::Cancelling => "cancelling",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// How many rows have which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// The sum of all the others.
    pub processed: u64,
    /// Users created.
    pub created: u64,
    /// Users changed.
    pub updated: u64,
    /// Users that were already as the row wants them.
    pub unchanged: u64,
    /// Users deleted.
    pub deleted: u64,
    /// Rows left out, with a reason, for example a username repeated in the file.
    pub skipped: u64,
    /// Rows that failed, with a reason.
    pub failed: u64,
}

impl Counts {
    /// Counts one more row with `outcome`.
    pub fn add(&mut self, outcome: Outcome) {
        self.add_many(outcome, 1);
    }

    /// Counts so many more rows with `outcome`.
    pub fn add_many(&mut self, outcome: Outcome, rows: u64) {
        self.processed += rows;
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Deleted => &mut self.deleted,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Failed => &mut self.failed,
        } += rows;
    }
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// PingOne has a new user.
    Created,
    /// PingOne's user was changed.
    Updated,
    /// PingOne's user already was as the row wants it.
    Unchanged,
    /// PingOne no longer has the user.
    Deleted,
    /// The row was left out.
    Skipped,
    /// The row failed.
    Failed,
}

impl Outcome {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// A population as a job names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PopulationRef {
    /// PingOne's id; `null` only in a dry run whose population does not exist yet.
    pub id: Option<String>,
    /// The name at the time the job was created.
    pub name: String,
}

/// Trouble with the job as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobTrouble {
    /// A stable word for programs, for example `unreachable`.
    pub code: String,
    /// What happened, what it means, what to do.
    pub message: String,
}

/// What whoever looks at a job should know, and what it goes on in spite of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobWarning {
    /// A stable word for programs: `same_users` when another job that ran at the same time names users of this one,
    /// `unknown_protected` when a delete protects names that no user has, `ignored_columns` when columns of the file
    /// are left out, `surplus_cells` when some rows have more cells than the others, as if a value were not quoted,
    /// `missing_cells` when some rows have fewer,
    /// `population_kept` when a delete could not delete the population, too.
    pub code: String,
    /// What happened and what it means.
    pub message: String,
    /// With `same_users`: the other job that it is about.
    pub other_job: Option<JobId>,
}

/// A job with what was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobDetails {
    /// The job as it stands.
    #[serde(flatten)]
    pub job: JobView,
    /// What was asked for.
    pub options: JobOptions,
    /// Of a delete that was planned: the job that carried it out, which is done once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_out_by: Option<JobId>,
}

/// A job as everybody outside sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// The job's id.
    pub id: JobId,
    /// What it does.
    pub kind: Kind,
    /// How it treats users.
    pub mode: Mode,
    /// Where it stands.
    pub status: JobStatus,
    /// Whether it only plans and writes nothing to PingOne.
    pub dry_run: bool,
    /// The name of the file that was given.
    pub file: String,
    /// The population of rows that name none.
    pub population: Option<PopulationRef>,
    /// The PingOne environment's id.
    pub environment: String,
    /// Whether that environment is the embedded simulator.
    pub simulator: bool,
    /// Rows of the file; 0 until they are counted.
    pub total: u64,
    /// Outcomes so far.
    #[serde(flatten)]
    pub counts: Counts,
    /// Rows per second over the last seconds; 0 when the job does not run.
    pub rate: f64,
    /// Estimated time left, in seconds.
    pub remaining_seconds: Option<f64>,
    /// Time spent running, in seconds, pauses left out.
    pub seconds: f64,
    /// The number of the newest event; 0 when there is none.
    pub last_seq: u64,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it first ran.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it reached its final status.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Why it paused or failed, if by trouble.
    pub error: Option<JobTrouble>,
    /// The job whose failed rows this one repeats.
    pub retry_of: Option<JobId>,
    /// Of a delete that was planned: what to type to have exactly these users deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
    /// The file that the job wrote, if it wrote one: at `/api/jobs/{id}/file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Whether generated passwords wait to be fetched: once, at `/api/jobs/{id}/passwords`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_passwords: bool,
    /// Of an import that writes to the users whom it has created: what became of the mails so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_mails: Option<WelcomeMails>,
    /// What whoever looks at the job should know: other jobs that changed the same users while this one ran, names
    /// to protect that no user has, columns that are left out, rows that look shifted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<JobWarning>,
}
