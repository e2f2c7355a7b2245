//! `POST /api/jobs/{id}/passwords`.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{once, select};
use futures_util::{Stream, StreamExt as _};
use tokio_util::io::ReaderStream;

use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{Error, JobId, Jobs};

/// Bytes between the store and a slow download.
const BUFFER: usize = 64 * 1024;

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
    let passwords = Arc::new(jobs.generated_passwords(id).await?);
    let source = Arc::clone(&passwords);
    let (mut write, read) = tokio::io::duplex(BUFFER);
    let written = async move { source.write(&mut write).await.map(drop) };
    // They are forgotten when the last of them is on its way: a download that breaks off may be repeated.
    let forgotten = async move {
        tokio::task::yield_now().await;
        passwords.forget()
    };
    let body = select(ReaderStream::new(read), failure(written)).chain(failure(forgotten));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"passwords.csv\""),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// What goes wrong in `work` breaks the answer off.
fn failure(work: impl Future<Output = Result<(), Error>>) -> impl Stream<Item = io::Result<Bytes>> {
    once(work).filter_map(async |result| result.err().map(|error| Err(io::Error::other(error.to_string()))))
}
