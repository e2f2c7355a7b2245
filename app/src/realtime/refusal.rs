//! Why something that was asked for over a socket is not done.

use serde::Serialize;

use crate::error::Problem;
use crate::jobs;

/// The same names and words as in the answers of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// A stable name for programs, in snake case.
    pub code: &'static str,
    /// What happened, what it means and what to do.
    pub message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn forbidden() -> Self {
        Problem::forbidden().into()
    }

    pub(super) fn session_ended() -> Self {
        Problem::session_ended().into()
    }

    pub(super) fn no_such_job() -> Self {
        Problem::no_such_job().into()
    }

    pub(super) fn invalid_message(error: &serde_json::Error) -> Self {
        Self::new("invalid_message", format!("The message cannot be understood: {error}."))
    }

    pub(super) fn too_many_subscriptions(limit: usize) -> Self {
        let message = format!("A connection can watch {limit} jobs at a time; unsubscribe from one first.");
        Self::new("too_many_subscriptions", message)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code, message: problem.detail }
    }
}

impl From<jobs::Error> for Refusal {
    fn from(error: jobs::Error) -> Self {
        Problem::from(error).into()
    }
}
