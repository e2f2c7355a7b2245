//! `POST /api/jobs/{id}/pause`, `…/resume` and `…/cancel`.

use axum::Json;
use axum::extract::State;

use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{JobId, JobView, Jobs};

/// Pause a job
///
/// Rows in flight settle first; the answer comes when the job stands still.
#[utoipa::path(
    post,
    path = "/api/jobs/{id}/pause",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The job as it stands now", body = JobView),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn pause(State(jobs): State<Jobs>, JobPath(id): JobPath) -> Result<Json<JobView>, Problem> {
    Ok(Json(jobs.pause(id).await?))
}

/// Resume a paused or interrupted job
#[utoipa::path(
    post,
    path = "/api/jobs/{id}/resume",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The job as it stands now", body = JobView),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn resume(State(jobs): State<Jobs>, JobPath(id): JobPath) -> Result<Json<JobView>, Problem> {
    Ok(Json(jobs.resume(id).await?))
}

/// Cancel a job for good
///
/// Rows in flight settle first, in the background; the job's `completion` event tells the end.
#[utoipa::path(
    post,
    path = "/api/jobs/{id}/cancel",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The job as it stands now", body = JobView),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn cancel(State(jobs): State<Jobs>, JobPath(id): JobPath) -> Result<Json<JobView>, Problem> {
    Ok(Json(jobs.cancel(id).await?))
}
