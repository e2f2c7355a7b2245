//! How the process ends.

use std::path::Path;
use std::process::ExitCode;

use pingone_import::config::{ConnectionError, NamedError, NoDataDir, SettingErrors};
use pingone_import::disk::{DISK_FULL, is_full};
use pingone_import::jobs::{self, Fault, JobStatus, JobView};
use pingone_import::notify::InvalidNotification;
use pingone_import::program;
use pingone_import::remote::RemoteError;
use pingone_import::serve::ServeError;
use pingone_import::store::StoreError;
use thiserror::Error;

/// The exit codes, in the order in which the worse one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    Done,
    RowsFailed,
    Stopped,
    Usage,
    PingOne,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::RowsFailed => 1,
            Exit::Usage => 2,
            Exit::PingOne => 3,
            Exit::Stopped => 4,
        })
    }
}

impl Exit {
    /// What a job that does not run any more means for the process.
    pub(super) fn of_job(job: &JobView) -> Self {
        let is_ours = job.error.as_ref().is_some_and(|it| OURS.contains(&it.code.as_str()));
        match job.status {
            _ if is_ours => Self::Usage,
            JobStatus::Completed if job.counts.failed > 0 => Self::RowsFailed,
            JobStatus::Completed => Self::Done,
            JobStatus::Failed => Self::Usage,
            _ if job.error.is_some() => Self::PingOne,
            _ => Self::Stopped,
        }
    }
}

/// Trouble of this machine.
const OURS: [&str; 3] = ["output_failed", "store_failed", DISK_FULL];

/// Why a command was not done.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Jobs(#[from] jobs::Error),
    #[error("{0}; correct that, or use --simulator to try without PingOne")]
    Connection(#[from] ConnectionError),
    /// The file cannot be imported, and the reason does not name it.
    #[error("{path}: {source}")]
    File { path: String, source: jobs::Error },
    #[error(transparent)]
    Notification(#[from] InvalidNotification),
    #[error(
        "connection {name:?} was asked for, and there is no file of settings: name it with --config or \
         PINGONE_IMPORT_CONFIG, or put it where docs/operations.md says"
    )]
    NoSettings { name: String },
    #[error(transparent)]
    Named(#[from] NamedError),
    #[error(transparent)]
    Settings(#[from] SettingErrors),
    #[error(transparent)]
    DataDir(#[from] NoDataDir),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("the embedded PingOne could not be started: {0}")]
    Simulator(#[source] std::io::Error),
    #[error("the file {path} names nobody to protect; name one user on each line, or leave it out")]
    ProtectsNobody { path: String },
    #[error("nobody was deleted: the plan was not confirmed; to carry it out, run: {command}")]
    Unconfirmed { command: String },
    #[error(
        "the file {path} exists already, and nothing was written; name another file, or overwrite it with --force"
    )]
    Exists { path: String },
    #[error(
        "standard output cannot hold both the file and JSON; write the file somewhere with --output, or leave out --json"
    )]
    Mixed,
    #[error(
        "users are written as CSV, NDJSON or a workbook, and the name {path} says something else; end it in .csv, \
         .ndjson or .xlsx, or say with --format what it is to be"
    )]
    Ending { path: String },
    #[error("{path} cannot be written: {source}")]
    Output { path: String, source: std::io::Error },
    #[error(
        "no server runs with the data directory {dir}; start one with {} serve, which prints a login link",
        program::name()
    )]
    NoServer { dir: String },
    #[error(
        "there is no data in {dir}, not even such a directory; name the one that the server was started with, by \
         --data-dir or PINGONE_IMPORT_DATA_DIR"
    )]
    NoData { dir: String },
    #[error(
        "another process works with this data directory, and it is no server that can be asked: wait until it is done, \
         or end it with Ctrl-C, which pauses its job; then try again"
    )]
    Elsewhere,
    #[error(
        "the server at {address} works with this data directory, and goes on with interrupted jobs by itself; to resume \
         one that is paused, name it: {} jobs resume JOB",
        program::name()
    )]
    GoesOn { address: String },
    #[error("the server that has the data directory does not do it: {0}")]
    Remote(String),
    #[error("the system gives this process no threads: {0}; raise its limit of processes")]
    NoRuntime(String),
    #[error("{0}")]
    Doctor(String),
    #[error(transparent)]
    Watch(#[from] RemoteError),
    #[error("the sample import went wrong: {0}")]
    Sample(String),
}

impl Failure {
    /// Why nothing came of a job, or of a look at its `file`, which is named if it is to blame.
    pub(super) fn of_file(source: jobs::Error, file: Option<&Path>) -> Self {
        match (source, file) {
            (source @ jobs::Error::File(_), Some(file)) => {
                Self::File { path: file.display().to_string(), source }
            }
            (source, _) => source.into(),
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Jobs(error) | Self::File { source: error, .. } if error.fault() == Fault::PingOne => {
                Exit::PingOne
            }
            _ => Exit::Usage,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Jobs(error) | Self::File { source: error, .. } => error.code(),
            Self::Connection(_) | Self::Notification(_) => "misconfigured",
            Self::Named(NamedError::Unknown { .. }) | Self::NoSettings { .. } => "unknown_connection",
            Self::Named(_) => "misconfigured",
            Self::Settings(_) => "invalid_settings",
            Self::DataDir(_) => "no_data_dir",
            Self::Serve(_) => "not_served",
            Self::Simulator(_) => "no_simulator",
            Self::ProtectsNobody { .. } => "protects_nobody",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Exists { .. } => "file_exists",
            Self::Mixed | Self::Ending { .. } => "invalid_options",
            Self::Output { source, .. } if is_full(source) => DISK_FULL,
            Self::Output { .. } => "output_failed",
            Self::NoRuntime(_) => "no_runtime",
            Self::NoServer { .. } | Self::NoData { .. } => "no_server",
            Self::Elsewhere => "runs_elsewhere",
            Self::GoesOn { .. } => "in_use",
            Self::Remote(_) => "refused_by_server",
            Self::Doctor(_) => "invalid_target",
            Self::Watch(_) => "not_watched",
            Self::Sample(_) => "sample_failed",
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Jobs(error.into())
    }
}
