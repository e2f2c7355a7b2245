//! `GET /api/connection`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::jobs::{Error, Jobs};

/// The PingOne environment that jobs run against.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionView {
    /// Whether it is the embedded simulator.
    simulator: bool,
    /// The environment's id.
    environment: String,
    /// The region's code; null with hosts of your own.
    region: Option<String>,
    /// The host name of the API.
    api_host: String,
}

/// Show the connection
#[utoipa::path(
    get,
    path = "/api/connection",
    tag = "pingone",
    responses(
        (status = 200, description = "Where users go", body = ConnectionView),
        (status = 409, description = "No connection is configured", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn connection(State(jobs): State<Jobs>) -> Result<Json<ConnectionView>, Problem> {
    let connection = jobs.connection().ok_or(Error::NotConnected)?;
    Ok(Json(ConnectionView {
        simulator: connection.simulator,
        environment: connection.environment.clone(),
        region: connection.region.clone(),
        api_host: connection.api_host.clone(),
    }))
}
