//! `POST /api/jobs/{id}/retry`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;

use super::NewJob;
use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{JobId, Jobs};

/// Retry the failed rows
///
/// Makes a new job that holds only the rows that failed.
#[utoipa::path(
    post,
    path = "/api/jobs/{id}/retry",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job, which must have ended")),
    responses(
        (status = 201, description = "The new job; `Location` names it", body = NewJob),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn retry(
    State(jobs): State<Jobs>,
    JobPath(id): JobPath,
) -> Result<impl IntoResponse, Problem> {
    let id = jobs.retry(id).await?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/api/jobs/{id}"))], Json(NewJob { id })))
}
