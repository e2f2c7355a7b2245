//! `GET /api/session`.

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Settings;
use crate::auth::{Principal, Visit};
use crate::error::Problem;

/// Who is logged in, and where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// The version of the server.
    version: String,
    /// Who is logged in.
    user: User,
    /// The address that the server is used under, if it was told.
    public_url: Option<String>,
}

/// Somebody who may use the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    /// What to call them.
    name: String,
    /// What they may do: `administrator`.
    role: String,
}

impl From<Principal> for User {
    fn from(principal: Principal) -> Self {
        let (name, role) = match principal {
            Principal::Administrator => ("local", "administrator"),
            Principal::Probe => ("self-test", "probe"),
        };
        Self { name: name.to_owned(), role: role.to_owned() }
    }
}

/// Show the session
#[utoipa::path(
    get,
    path = "/api/session",
    operation_id = "show_session",
    tag = "session",
    responses(
        (status = 200, description = "Who is logged in", body = SessionView),
        (status = 401, description = "Nobody is", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(settings): State<Settings>,
    Extension(visit): Extension<Visit>,
) -> Json<SessionView> {
    Json(SessionView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        user: User::from(visit.principal),
        public_url: settings.public_url.as_ref().map(ToString::to_string),
    })
}
