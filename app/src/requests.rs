//! A name for each request, in the log and in the answer.

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

/// The header that names a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A longer name is no name.
const MAX_ID: usize = 64;

/// Gives a request its name, or takes over the one that a proxy gave it, and tells it to the log and the client.
///
/// The query is left out of the log: the login link carries a token in it.
pub(crate) async fn name(request: Request<Body>, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(|| Uuid::now_v7().simple().to_string());
    let path: String = request.uri().path().chars().take(MAX_PATH).collect();
    // At the level of errors, so that an error is told with its request whatever the filter lets through.
    let span = tracing::error_span!("request", id = %id, method = %request.method(), path);
    let mut response = async {
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await;
    response.headers_mut().extend(HeaderValue::try_from(id).ok().map(|id| (REQUEST_ID, id)));
    response
}

fn given(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (plain && (8..=MAX_ID).contains(&id.len())).then(|| id.to_owned())
}

const MAX_PATH: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_is_taken_over() {
        let given =
            |id: &str| given(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_str(id).unwrap())]));
        assert_eq!(given("0198c0de-0000-7000").as_deref(), Some("0198c0de-0000-7000"));
        for id in ["short", "with a space", "quote\"and more", &"x".repeat(65)] {
            assert_eq!(given(id), None, "{id}");
        }
    }
}
