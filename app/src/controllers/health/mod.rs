//! The state of the server.

pub(crate) mod check;
pub(crate) mod events;
pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod pulse;
pub(crate) mod ready;
pub(crate) mod show;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::doctor::{HealthReport, Status};

/// The report, with the status that monitors look at.
fn answer(report: HealthReport) -> Response {
    let status = match report.status {
        Status::Healthy | Status::Degraded => StatusCode::OK,
        Status::Critical => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(report)).into_response()
}
