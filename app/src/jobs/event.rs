//! The event log of a job, as every reader sees it: Socket.IO, `/ws`, server-sent events, the cursor endpoint.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ignored::IGNORED_COLUMNS;
use super::overlap::SAME_USERS;
use super::protect::UNKNOWN_PROTECTED;
use super::run::POPULATION_KEPT;
use super::view::{Counts, JobId, JobStatus, Outcome};
use super::welcome::WELCOME_FAILED;
use crate::plan::{MISSING_CELLS, SURPLUS_CELLS};

/// One entry of a job's event log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// The job it belongs to.
    pub job: JobId,
    /// Its number, from 1 and without gaps in the store.
    pub seq: u64,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub body: EventBody,
}

/// The four types of event, told apart by `type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBody {
    /// How far the job is; a slow reader may be given only the newest.
    Progress(Progress),
    /// Rows that got their outcome.
    Row(Rows),
    /// Trouble with the job as a whole.
    Error(ErrorEvent),
    /// The job reached its final status: exactly once, and last.
    Completion(Completion),
}

impl EventBody {
    /// The event's name on the wire: `progress`, `row`, `error` or `completion`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Progress(_) => "progress",
            Self::Row(_) => "row",
            Self::Error(_) => "error",
            Self::Completion(_) => "completion",
        }
    }
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Where the job stands.
    pub status: JobStatus,
    /// Rows of the file.
    pub total: u64,
    /// Outcomes so far.
    #[serde(flatten)]
    pub counts: Counts,
    /// Rows per second over the last seconds.
    pub rate: f64,
    /// Estimated time left, in seconds.
    pub remaining_seconds: Option<f64>,
    /// Time spent running, in seconds.
    pub seconds: f64,
}

/// Rows that got their outcome, in the order in which they got it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<LedgerRow>,
}

/// What became of one row, with the reason in PingOne's own words where PingOne gave one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerRow {
    /// The row's number in the file, from 1, the header not counted.
    pub row: u64,
    /// The physical line on which the row begins, from 1.
    pub line: u64,
    /// The column of the file at fault, from 1, where the row failed for one before it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// The name of that column in the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_name: Option<String>,
    /// The username, or an empty text when the row has none.
    pub key: String,
    /// What became of it.
    pub outcome: Outcome,
    /// PingOne's code, or ours for a row that was never sent.
    pub code: Option<String>,
    /// The reason, in words.
    pub message: Option<String>,
    /// The attribute at fault.
    pub target: Option<String>,
    /// The id under which PingOne knows the failed request.
    pub correlation_id: Option<String>,
    /// The user's id in PingOne.
    pub user_id: Option<String>,
    /// Whether the user was created with a password that the tool made up; told to nobody.
    #[serde(skip)]
    pub has_generated_password: bool,
}

impl LedgerRow {
    /// About how many bytes of memory it takes, and how many on the wire.
    pub(crate) fn weight(&self) -> usize {
        let texts =
            [&self.column_name, &self.code, &self.message, &self.target, &self.correlation_id, &self.user_id];
        FIXED + self.key.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }
}

/// What a row takes beside its texts.
const FIXED: usize = 100;

/// Trouble with the job as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorEvent {
    /// A stable word: `throttled`, `unauthorized`, `forbidden`, `unreachable`, ….
    pub code: String,
    /// What happened, what it means, what to do.
    pub message: String,
    /// Whether the job stopped because of it.
    pub fatal: bool,
    /// With `same_users`: the job that names them, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_job: Option<JobId>,
}

impl ErrorEvent {
    /// What somebody should look at, and the job goes on in spite of.
    pub(super) fn warning(code: &str, message: String) -> Self {
        Self { code: code.to_owned(), message, fatal: false, other_job: None }
    }

    /// Whether somebody should look at it before going on, as the job itself has no trouble with it.
    pub fn is_warning(&self) -> bool {
        WARNINGS.contains(&self.code.as_str())
    }
}

/// The codes of [`JobWarning`](super::JobWarning)s.
pub(crate) const WARNINGS: [&str; 7] = [
    SAME_USERS,
    UNKNOWN_PROTECTED,
    IGNORED_COLUMNS,
    SURPLUS_CELLS,
    MISSING_CELLS,
    POPULATION_KEPT,
    WELCOME_FAILED,
];

/// The end of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Completion {
    /// `completed`, `cancelled` or `failed`.
    pub status: JobStatus,
    /// Rows of the file.
    pub total: u64,
    /// Outcomes of all rows.
    #[serde(flatten)]
    pub counts: Counts,
    /// Time spent running, in seconds.
    pub seconds: f64,
}
