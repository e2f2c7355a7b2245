//! `GET /api/health`.
#![expect(unused_qualifications, reason = "written by the macro that documents the parameters")]

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer;
use crate::controllers::extract::Params;
use crate::doctor::{Health, HealthReport};
use crate::error::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HealthQuery {
    /// Run the probes now instead of telling what they found last.
    #[serde(default)]
    check: bool,
}

/// Show the state of live progress
///
/// What the self-test found when it opened every transport through the server's own listener, and through the public
/// URL if there is one.
#[utoipa::path(
    get,
    path = "/api/health",
    tag = "operation",
    security(()),
    params(HealthQuery),
    responses(
        (status = 200, description = "Healthy or degraded", body = HealthReport),
        (status = 503, description = "Critical", body = HealthReport),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn health(State(health): State<Health>, Params(query): Params<HealthQuery>) -> Response {
    answer(if query.check { health.check().await } else { health.report().await })
}
