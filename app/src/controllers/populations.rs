//! `GET /api/populations`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::jobs::{Error, Jobs};

/// A population of the environment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PopulationView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Whether users go there when nothing else is said.
    default: bool,
    /// How many users it has, if PingOne told.
    user_count: Option<u64>,
}

/// List populations
///
/// All of them, in PingOne's order.
#[utoipa::path(
    get,
    path = "/api/populations",
    tag = "pingone",
    responses(
        (status = 200, description = "The populations", body = [PopulationView]),
        (status = 502, description = "PingOne cannot be asked", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn populations(State(jobs): State<Jobs>) -> Result<Json<Vec<PopulationView>>, Problem> {
    let connection = jobs.connection().ok_or(Error::NotConnected)?;
    let populations = connection.populations().await?.into_iter();
    let view = |population: pingone::Population| PopulationView {
        id: population.id.to_string(),
        name: population.name,
        default: population.default,
        user_count: population.user_count,
    };
    Ok(Json(populations.map(view).collect()))
}
