//! `GET /api/health/ready`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Problem;

/// A store that answers later than this serves nobody.
const STORE_DEADLINE: Duration = Duration::from_secs(2);

/// Whether requests should be sent here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    /// Why not: `stopping`, `store_failed` or `store_slow`; empty if it is ready.
    reasons: Vec<&'static str>,
}

/// Ask whether the server takes requests
///
/// For balancers: 503 while the server stops, and while its store does not answer.
/// It does not depend on the probes, so that a fault of the way to the server does not take the server itself away.
#[utoipa::path(
    get,
    path = "/api/health/ready",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "It does", body = Readiness),
        (status = 503, description = "It does not", body = Readiness),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let mut reasons = Vec::new();
    if app.stopping.is_cancelled() {
        reasons.push("stopping");
    }
    match tokio::time::timeout(STORE_DEADLINE, app.jobs.list(1, None)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::error!(%error, "the store does not answer");
            reasons.push("store_failed");
        }
        Err(_) => reasons.push("store_slow"),
    }
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reasons.is_empty(), reasons })).into_response()
}
