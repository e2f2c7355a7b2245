//! What can go wrong when somebody asks for something to be done with a job.

use std::io;

use thiserror::Error;

use super::view::{JobId, JobStatus, JobTrouble};
use crate::disk::{DISK_FULL, is_forbidden, is_full};
use crate::plan::FileError;
use crate::program;
use crate::store::StoreError;

/// A request about jobs that was not done.
///
/// Messages say what happened, what it means and what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be imported.
    #[error(transparent)]
    File(#[from] FileError),
    /// The population asked for does not exist.
    #[error(
        "PingOne has no population {asked:?} in environment {environment}{}; {}",
        similar.as_ref().map(|name| format!("; did you mean {name:?}?")).unwrap_or_default(),
        match may_create {
            true => "choose one that exists, or create it with --create-population".to_owned(),
            false => format!("choose one that exists: {} populations list shows them", program::name()),
        }
    )]
    UnknownPopulation {
        /// What was asked for.
        asked: String,
        /// Where it was looked for.
        environment: String,
        /// The name that is most like it.
        similar: Option<String>,
        /// Whether what was asked for can create it.
        may_create: bool,
    },
    /// No population was asked for and the environment has no default.
    #[error("environment {environment} has no default population; name one with --population")]
    NoPopulation {
        /// The environment.
        environment: String,
    },
    /// The options make no sense together.
    #[error("{0}")]
    Options(String),
    /// The filter is none, or PingOne does not take it.
    #[error("the filter cannot be used: {0}")]
    Filter(String),
    /// Nobody confirmed that users are to be deleted.
    #[error(
        "a delete needs a plan and its confirmation: make the plan with \"dry_run\": true, look at it, then ask for \
         the delete with \"plan\": its id and \"confirm\": its confirmation"
    )]
    Unconfirmed,
    /// A key that makes a request be done once was given to another request before.
    #[error(
        "this Idempotency-Key was used before with another file or other options, for job {job}; give each request \
         a key of its own"
    )]
    KeyReused {
        /// The job of the earlier request.
        job: JobId,
    },
    /// What was typed is not the plan's confirmation.
    #[error("the confirmation of this plan is {expected:?} and not {typed:?}; nobody was deleted")]
    WrongConfirmation {
        /// What has to be typed.
        expected: String,
        /// What was typed.
        typed: String,
    },
    /// The job is no plan that can be carried out.
    #[error("job {job} is no plan that can be carried out: {reason}")]
    NoPlan {
        /// The job.
        job: JobId,
        /// Why not.
        reason: &'static str,
    },
    /// The job has no file of its own, or no longer.
    #[error("job {0} has no such file; it was not asked for, is not written yet, or was fetched already")]
    NoOutput(JobId),
    /// No mapping was saved under this name.
    #[error("no mapping is saved as {name:?}; {known}")]
    NoMapping {
        /// The name.
        name: String,
        /// `there are: …`, or that there are none.
        known: String,
    },
    /// PingOne understood what was asked for and does not want it.
    #[error("PingOne refuses this: {0}")]
    Refused(String),
    /// PingOne would not want what was only tried.
    #[error("PingOne would refuse this: {0}")]
    WouldBeRefused(String),
    /// The upload is bigger than allowed.
    #[error("the file is bigger than {limit} bytes; split it into smaller files")]
    TooBig {
        /// The limit in bytes.
        limit: u64,
    },
    /// There is no such job.
    #[error("there is no job {0}; list the jobs to see which there are")]
    NotFound(JobId),
    /// No job's id begins like this.
    #[error("there is no job whose id begins with {0}; list the jobs to see which there are")]
    NotNamed(String),
    /// The ids of several jobs begin like this.
    #[error("several jobs have ids that begin with {text}: {ids}; give more of the id")]
    Ambiguous {
        /// What was given.
        text: String,
        /// Some of the ids.
        ids: String,
    },
    /// The job is in a state in which this cannot be done.
    #[error("job {job} is {}, so it cannot be {action}", status.as_str())]
    Conflict {
        /// The job.
        job: JobId,
        /// Its state.
        status: JobStatus,
        /// What was asked, as a participle.
        action: &'static str,
    },
    /// A retry was asked for and no row failed.
    #[error("no row of job {0} failed, so there is nothing to retry")]
    NothingFailed(JobId),
    /// A retry was asked for of a job that has no file.
    #[error(
        "job {0} has no file whose failed rows could be repeated; create such a job anew, which leaves out users \
         that are gone already"
    )]
    NoRetry(JobId),
    /// The configuration of the connection cannot work.
    #[error("the connection to PingOne is not configured rightly: {0}")]
    Misconfigured(String),
    /// The job belongs to another environment than the one we are connected to.
    #[error(
        "job {job} belongs to environment {expected}, but the connection is to {actual}; connect to the former"
    )]
    WrongEnvironment {
        /// The job.
        job: JobId,
        /// The job's environment.
        expected: String,
        /// The connection's environment.
        actual: String,
    },
    /// No connection to PingOne is configured.
    #[error(
        "no connection to PingOne is configured; set PINGONE_ENVIRONMENT_ID, PINGONE_CLIENT_ID, \
         PINGONE_CLIENT_SECRET and PINGONE_REGION (or PINGONE_API_URL and PINGONE_AUTH_URL), or use --simulator"
    )]
    NotConnected,
    /// PingOne cannot be used; `code` says why in one word.
    #[error("{message}")]
    PingOne {
        /// `unauthorized`, `forbidden`, `unreachable` or `pingone_error`.
        code: &'static str,
        /// What happened, what it means, what to do.
        message: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was asked for cannot be written where it is to go.
    #[error("what was asked for cannot be written: {0}")]
    Output(#[source] io::Error),
    /// The data directory failed.
    #[error("the data directory failed: {}{}", .0, advice(.0))]
    Io(#[from] io::Error),
}

/// Who has to do something about an [`enum@Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller: the file or the options are wrong. Exit code 2, HTTP 422 or 413.
    Request,
    /// The caller: there is no such job. Exit code 2, HTTP 404.
    NotFound,
    /// The caller: not in this state. Exit code 2, HTTP 409.
    Conflict,
    /// PingOne cannot be reached or does not let us. Exit code 3, HTTP 502.
    PingOne,
    /// This machine. Exit code 2, HTTP 500.
    Internal,
}

impl Error {
    /// Who has to do something about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::File(FileError::Unwritable { .. }) => Fault::Internal,
            Self::File(_)
            | Self::UnknownPopulation { .. }
            | Self::NoPopulation { .. }
            | Self::Options(_)
            | Self::Refused(_)
            | Self::WouldBeRefused(_)
            | Self::Filter(_)
            | Self::Unconfirmed
            | Self::KeyReused { .. }
            | Self::WrongConfirmation { .. }
            | Self::TooBig { .. }
            | Self::Ambiguous { .. }
            | Self::Misconfigured(_) => Fault::Request,
            Self::NotFound(_) | Self::NotNamed(_) | Self::NoOutput(_) | Self::NoMapping { .. } => {
                Fault::NotFound
            }
            Self::Conflict { .. }
            | Self::NoPlan { .. }
            | Self::NothingFailed(_)
            | Self::NoRetry(_)
            | Self::WrongEnvironment { .. }
            | Self::NotConnected => Fault::Conflict,
            Self::PingOne { .. } => Fault::PingOne,
            Self::Store(_) | Self::Io(_) | Self::Output(_) => Fault::Internal,
        }
    }

    /// What a failed call to PingOne means for whoever asked for something.
    pub(crate) fn pingone(error: &pingone::Error) -> Self {
        let JobTrouble { code, message } = trouble(error);
        let code = match code.as_str() {
            "unauthorized" => "unauthorized",
            "forbidden" => "forbidden",
            "unreachable" => "unreachable",
            _ => "pingone_error",
        };
        Self::PingOne { code, message }
    }

    /// As [`Self::pingone`], for a call that the caller may have got wrong.
    pub(super) fn refused(error: &pingone::Error) -> Self {
        match error {
            pingone::Error::Rejected(refusal) => Self::Refused(refusal.to_string()),
            error => Self::pingone(error),
        }
    }

    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::UnknownPopulation { .. } => "unknown_population",
            Self::NoPopulation { .. } => "no_population",
            Self::Options(_) => "invalid_options",
            Self::Refused(_) | Self::WouldBeRefused(_) => "refused_by_pingone",
            Self::Filter(_) => "invalid_filter",
            Self::Unconfirmed => "unconfirmed",
            Self::KeyReused { .. } => "idempotency_key_reused",
            Self::WrongConfirmation { .. } => "wrong_confirmation",
            Self::NoPlan { .. } => "no_plan",
            Self::NoOutput(_) => "no_output",
            Self::NoMapping { .. } => "mapping_not_found",
            Self::TooBig { .. } => "file_too_big",
            Self::NotFound(_) | Self::NotNamed(_) => "job_not_found",
            Self::Ambiguous { .. } => "job_ambiguous",
            Self::Conflict { .. } => "job_conflict",
            Self::NothingFailed(_) => "nothing_to_retry",
            Self::NoRetry(_) => "no_retry",
            Self::WrongEnvironment { .. } => "wrong_environment",
            Self::NotConnected => "not_connected",
            Self::Misconfigured(_) => "misconfigured",
            Self::PingOne { code, .. } => code,
            Self::Io(error) | Self::Output(error) if is_full(error) => DISK_FULL,
            Self::Store(error) if error.is_full() => DISK_FULL,
            Self::Output(_) => "output_failed",
            Self::Store(StoreError::InUse { .. }) => "in_use",
            Self::Store(_) | Self::Io(_) => "internal",
        }
    }

    /// What is said of a disk that something cannot be written to.
    pub(crate) fn disk(&self) -> Option<&dyn std::error::Error> {
        match self {
            Self::Io(error) | Self::File(FileError::Unwritable { source: error }) => {
                (is_full(error) || is_forbidden(error)).then_some(error)
            }
            Self::Store(error) => error.is_full().then_some(error),
            _ => None,
        }
    }

    /// The physical line of the file at fault.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::File(error) => error.line(),
            _ => None,
        }
    }

    /// The column of the file at fault.
    pub fn column(&self) -> Option<u64> {
        match self {
            Self::File(error) => error.column(),
            _ => None,
        }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error {
        error if is_full(error) => "; make room on its disk and try again",
        error if is_forbidden(error) => "; see to it that it may be written to and try again",
        _ => "",
    }
}

/// What a failed call to PingOne means for a job as a whole.
pub(super) fn trouble(error: &pingone::Error) -> JobTrouble {
    let (code, advice) = match error {
        pingone::Error::Unauthorized(_) => (
            "unauthorized",
            "check PINGONE_ENVIRONMENT_ID, PINGONE_CLIENT_ID, PINGONE_CLIENT_SECRET and the region",
        ),
        pingone::Error::Forbidden(_) => {
            ("forbidden", "give the worker application the role Identity Data Admin for this environment")
        }
        pingone::Error::Unreachable { .. }
        | pingone::Error::Timeout { .. }
        | pingone::Error::Disconnected { .. } => {
            ("unreachable", "check the network, a proxy on the way, and PINGONE_REGION or PINGONE_API_URL")
        }
        pingone::Error::ResponseLost { source } if source.concerns_connection() => return trouble(source),
        pingone::Error::Throttled { .. } => {
            ("throttled", "wait until other users of the same licence are done")
        }
        _ => ("pingone_error", "try again later; PingOne's status page may say more"),
    };
    JobTrouble { code: code.to_owned(), message: format!("{error}; {advice}") }
}
