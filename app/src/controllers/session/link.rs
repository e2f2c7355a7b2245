//! `GET /login?token=…`, the login link.

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use crate::auth::Access;
use crate::controllers::extract::Params;
use crate::error::Problem;

#[derive(Deserialize)]
pub(crate) struct LinkQuery {
    #[serde(default)]
    token: String,
}

/// Opens a session for the browser and sends it to the page, so that the token leaves the address bar.
pub(crate) async fn link(
    method: Method,
    State(access): State<Access>,
    Params(query): Params<LinkQuery>,
) -> Response {
    // Programs that look at links before somebody opens them must not spend them.
    if method != Method::GET {
        return StatusCode::NO_CONTENT.into_response();
    }
    match access.sessions().redeem(&query.token) {
        Some(redeemed) => {
            let cookie = access.set_cookie(redeemed.session.reveal());
            (StatusCode::SEE_OTHER, [(LOCATION, "/".to_owned()), (SET_COOKIE, cookie)]).into_response()
        }
        None => {
            let problem = Problem::login_refused();
            let page = format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Login refused</title>\
                 <h1>Login refused</h1><p>{}</p><p><a href=\"/\">Go to the page</a></p></html>",
                problem.detail
            );
            (problem.status(), Html(page)).into_response()
        }
    }
}
