//! `GET /api/jobs/{id}/result`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{Counts, JobId, JobStatus, JobTrouble, JobView, Jobs};

/// How a job ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobResult {
    /// The job.
    job: JobId,
    /// `completed`, `cancelled` or `failed`.
    status: JobStatus,
    /// Rows of the file.
    total: u64,
    /// Outcomes of all rows.
    #[serde(flatten)]
    counts: Counts,
    /// Time spent running, in seconds.
    seconds: f64,
    /// Why it failed, if it did.
    error: Option<JobTrouble>,
}

impl From<JobView> for JobResult {
    fn from(job: JobView) -> Self {
        Self {
            job: job.id,
            status: job.status,
            total: job.total,
            counts: job.counts,
            seconds: job.seconds,
            error: job.error,
        }
    }
}

/// Read the result
#[utoipa::path(
    get,
    path = "/api/jobs/{id}/result",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "How it ended", body = JobResult),
        (status = 409, description = "It has not ended yet", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn result(
    State(jobs): State<Jobs>,
    JobPath(id): JobPath,
) -> Result<Json<JobResult>, Problem> {
    let job = jobs.job(id).await?;
    if job.status.is_final() {
        return Ok(Json(job.into()));
    }
    let detail = format!("The job is {}; its result exists when it has ended.", job.status.as_str());
    Err(Problem::new(StatusCode::CONFLICT, "job_not_finished", detail))
}
