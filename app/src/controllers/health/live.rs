//! `GET /api/health/live`.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;

/// The process works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    /// Always `alive`.
    status: &'static str,
}

/// Ask whether the process works
///
/// For orchestrators, which restart a process that does not answer. Nothing else is looked at: a restart mends neither
/// a proxy nor PingOne. It is answered even when the server takes no more connections.
#[utoipa::path(
    get,
    path = "/api/health/live",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "It does", body = Alive),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn live() -> Json<Alive> {
    Json(Alive { status: "alive" })
}
