//! `POST /api/jobs/{id}/passwords`.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{JobId, Jobs};

/// Fetch generated passwords
///
/// As CSV, of the users that the job created. They are forgotten with this answer: a second request finds none.
#[utoipa::path(
    post,
    path = "/api/jobs/{id}/passwords",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job, which must have ended")),
    responses(
        (status = 200, description = "The passwords", body = String, content_type = "text/csv"),
        (status = 404, description = "There are none, or no longer", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn passwords(State(jobs): State<Jobs>, JobPath(id): JobPath) -> Result<Response, Problem> {
    let mut text = Vec::new();
    jobs.take_passwords(id, &mut text).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"passwords.csv\""),
    ];
    Ok((headers, text).into_response())
}
