//! `GET /api/health/history`.

use axum::Json;
use axum::extract::State;

use crate::doctor::{Health, HealthHistory};
use crate::error::Problem;

/// Show how the state of live progress changed
///
/// Since the server started: the latest 50 changes and the latest 120 runs of the probes, oldest first.
#[utoipa::path(
    get,
    path = "/api/health/history",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "The history", body = HealthHistory),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn history(State(health): State<Health>) -> Json<HealthHistory> {
    Json(health.history())
}
