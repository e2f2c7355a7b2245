//! Jobs: create, watch, control, and read what became of each row.

pub(crate) mod control;
pub(crate) mod create;
pub(crate) mod events;
pub(crate) mod file;
pub(crate) mod list;
pub(crate) mod passwords;
pub(crate) mod rejects;
pub(crate) mod result;
pub(crate) mod retry;
pub(crate) mod rows;
pub(crate) mod show;

use serde::Serialize;
use utoipa::ToSchema;

use crate::jobs::JobId;

/// The id of a new job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewJob {
    /// Its id, to be used in paths and subscriptions.
    pub(crate) id: JobId,
}
