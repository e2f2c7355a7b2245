//! `POST /api/login`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::show::User;
use crate::auth::{Access, Principal};
use crate::error::Problem;

/// The token of a login link.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Login {
    /// What stands behind `token=` in the link.
    token: String,
}

/// A new session.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoggedIn {
    /// For programs: send it as `Authorization: Bearer <token>`. Browsers have it as a cookie.
    token: String,
    /// Who is logged in.
    user: User,
}

/// Log in
///
/// Exchanges the token of the login link, which works once, for a session.
#[utoipa::path(
    post,
    path = "/api/login",
    tag = "session",
    security(()),
    request_body = Login,
    responses(
        (status = 200, description = "A session, also set as a cookie", body = LoggedIn),
        (status = 403, description = "The token is spent or wrong", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn login(
    State(access): State<Access>,
    headers: HeaderMap,
    body: Result<Json<Login>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    access.check_origin(&headers)?;
    let Json(login) = body.map_err(|error| Problem::bad_request("invalid_body", error.body_text()))?;
    let redeemed = access.sessions().redeem(&login.token).ok_or_else(Problem::login_refused)?;
    let token = redeemed.session.reveal().to_owned();
    let cookie = access.set_cookie(&token);
    Ok(([(SET_COOKIE, cookie)], Json(LoggedIn { token, user: User::from(Principal::Administrator) })))
}
