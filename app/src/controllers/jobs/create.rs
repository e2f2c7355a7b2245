//! `POST /api/jobs`.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::IntoResponse;
use utoipa::ToSchema;

use super::NewJob;
use crate::controllers::upload::Upload;
use crate::error::Problem;
use crate::jobs::{JobOptions, Jobs};

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// More characters than a key needs.
const MAX_KEY: usize = 255;

/// The parts of an upload.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the multipart body in the OpenAPI document; the parts are read as a stream"
)]
pub(crate) struct UploadForm {
    /// The file: CSV with a header line, an Excel workbook, or JSON. An export and a delete may go without.
    #[schema(value_type = Option<String>, format = Binary)]
    file: Option<Vec<u8>>,
    /// What to do with it, as JSON; every field has a default.
    options: Option<JobOptions>,
}

/// Create a job
///
/// The file is stored first, then the job exists and starts.
/// Where no file is needed, the options alone may be sent as JSON.
/// A delete takes two jobs: a dry run that plans it, and one that names the plan and its confirmation.
/// The same `Idempotency-Key` again gives the same job, so a request whose answer was lost may be repeated; with another file or
/// other options it is refused with `idempotency_key_reused`.
#[utoipa::path(
    post,
    path = "/api/jobs",
    tag = "jobs",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 255 visible ASCII characters")),
    request_body(content(
        (UploadForm = "multipart/form-data"),
        (JobOptions = "application/json"),
    )),
    responses(
        (status = 201, description = "The job exists; `Location` names it", body = NewJob),
        (status = 413, description = "The file is too big", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The file cannot be imported", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(State(jobs): State<Jobs>, request: Request) -> Result<impl IntoResponse, Problem> {
    let key = idempotency_key(request.headers())?;
    let upload = Upload::receive(&jobs, request).await?;
    let created = jobs.create_from(upload.file, &upload.options, key.as_deref()).await?;
    let location = format!("/api/jobs/{}", created.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(NewJob { id: created.id })))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(&IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=MAX_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => {
            let detail = format!("Idempotency-Key must have 1 to {MAX_KEY} visible ASCII characters.");
            Err(Problem::bad_request("invalid_idempotency_key", detail))
        }
    }
}
