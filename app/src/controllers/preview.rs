//! `POST /api/preview`.

use axum::Json;
use axum::extract::{Request, State};

use super::jobs::create::UploadForm;
use super::upload::Upload;
use crate::error::Problem;
use crate::jobs::Jobs;
use crate::plan::Preview;

/// Preview a file
///
/// How the file would be understood and what is wrong with its rows. Nothing is kept or sent to PingOne.
#[utoipa::path(
    post,
    path = "/api/preview",
    tag = "jobs",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "How it is understood", body = Preview),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn preview(State(jobs): State<Jobs>, request: Request) -> Result<Json<Preview>, Problem> {
    let (file, options) = Upload::receive(&jobs, request).await?.into_file()?;
    Ok(Json(jobs.preview(file, &options).await?))
}
