//! `POST /api/health/check`.

use axum::extract::State;
use axum::response::Response;

use super::answer;
use crate::doctor::{Health, HealthReport};
use crate::error::Problem;

/// Test live progress now
///
/// Runs the probes; a result that disagrees with the state is confirmed by a second run before the answer.
#[utoipa::path(
    post,
    path = "/api/health/check",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "Healthy or degraded", body = HealthReport),
        (status = 503, description = "Critical", body = HealthReport),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn check(State(health): State<Health>) -> Response {
    answer(health.check().await)
}
