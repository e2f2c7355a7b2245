//! `GET /api/jobs/{id}`.

use axum::Json;
use axum::extract::State;

use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{JobDetails, JobId, Jobs};

/// Show a job
#[utoipa::path(
    get,
    path = "/api/jobs/{id}",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The job as it stands", body = JobDetails),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(jobs): State<Jobs>,
    JobPath(id): JobPath,
) -> Result<Json<JobDetails>, Problem> {
    Ok(Json(jobs.details(id).await?))
}
