//! `GET /api/jobs/{id}/file`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;

use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{Error, JobId, Jobs};

/// Download what the job wrote
///
/// The users of an export, or the backup that a delete made first.
#[utoipa::path(
    get,
    path = "/api/jobs/{id}/file",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 404, description = "There is none, or not yet", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn file(State(jobs): State<Jobs>, JobPath(id): JobPath) -> Result<Response, Problem> {
    let output = jobs.output(id).await?;
    let file = tokio::fs::File::open(&output.path).await.map_err(Error::from)?;
    let length = file.metadata().await.map_err(Error::from)?.len();
    let headers = [
        (CONTENT_TYPE, output.format.media_type().to_owned()),
        (CONTENT_LENGTH, length.to_string()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", output.name)),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}
