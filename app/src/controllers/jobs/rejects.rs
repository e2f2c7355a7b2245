//! `GET /api/jobs/{id}/rejects.csv`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use tokio_util::io::ReaderStream;

use crate::controllers::extract::JobPath;
use crate::error::Problem;
use crate::jobs::{JobId, Jobs};

/// Bytes between the store and a slow download.
const BUFFER: usize = 64 * 1024;

/// Download the failed rows
///
/// The original columns with `error_code`, `error_message` and `error_input`, so that the file can be mended and imported again.
#[utoipa::path(
    get,
    path = "/api/jobs/{id}/rejects.csv",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The failed rows", body = String, content_type = "text/csv"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn rejects(State(jobs): State<Jobs>, JobPath(id): JobPath) -> Result<Response, Problem> {
    let job = jobs.job(id).await?;
    let (mut write, read) = tokio::io::duplex(BUFFER);
    let written = async move {
        let result = jobs.rejects(id, &mut write).await;
        // Dropping the writer ends the body; after a failure it must not look complete.
        result.map_err(|error| std::io::Error::other(error.to_string()))
    };
    // One stream drives both, so that a download that is given up stops the reading too.
    let bytes = ReaderStream::new(read);
    let errors = futures_util::stream::once(written).filter_map(async |result| result.err().map(Err));
    let body = futures_util::stream::select(bytes, errors);
    let disposition = format!("attachment; filename=\"{}\"", rejects_name(&job.file));
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// `users.csv` gives `users-rejects.csv`; only characters that every header and file system takes.
fn rejects_name(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let clean: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_. ()".contains(c) { c } else { '_' })
        .take(100)
        .collect();
    format!("{clean}-rejects.csv")
}

#[cfg(test)]
mod tests {
    use super::rejects_name;

    #[test]
    fn the_name_fits_in_a_header() {
        assert_eq!(rejects_name("users.csv"), "users-rejects.csv");
        assert_eq!(rejects_name("a\"b\r\n.csv"), "a_b__-rejects.csv");
        assert_eq!(rejects_name("Müller"), "M_ller-rejects.csv");
    }
}
