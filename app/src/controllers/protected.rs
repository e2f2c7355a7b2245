//! `POST /api/protected`.

use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::jobs::create::UploadForm;
use super::upload::Upload;
use crate::error::Problem;
use crate::jobs::Jobs;

/// The users whom a file names that are never to be deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProtectedUsers {
    /// Their usernames or ids, for the option `protect` of a delete.
    names: Vec<String>,
}

/// Read a file of protected users
///
/// The file names one user on each line, quoted or not, in any usual encoding. Nothing is kept or sent to PingOne.
#[utoipa::path(
    post,
    path = "/api/protected",
    tag = "jobs",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Whom it names", body = ProtectedUsers),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn protected(
    State(jobs): State<Jobs>,
    request: Request,
) -> Result<Json<ProtectedUsers>, Problem> {
    let (file, _) = Upload::receive(&jobs, request).await?.into_file()?;
    Ok(Json(ProtectedUsers { names: jobs.protected_users(file).await? }))
}
