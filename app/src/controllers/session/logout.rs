//! `POST /api/logout`.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;

use crate::auth::Access;
use crate::error::Problem;

/// Log out
///
/// Ends the session that the request was sent with.
#[utoipa::path(
    post,
    path = "/api/logout",
    tag = "session",
    responses(
        (status = 204, description = "The session has ended"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn logout(State(access): State<Access>, headers: HeaderMap) -> impl IntoResponse {
    access.end_session(&headers);
    (StatusCode::NO_CONTENT, [(SET_COOKIE, access.clear_cookie())])
}
