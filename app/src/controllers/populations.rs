//! `/api/populations`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use pingone::{NewPopulation, Population, PopulationChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::Problem;
use crate::jobs::{Connection, Error, Jobs};

/// A population of the environment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PopulationView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Whether users go there when nothing else is said.
    default: bool,
    /// How many users it has, if PingOne told.
    user_count: Option<u64>,
}

/// A population to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PopulationDraft {
    /// Its name, which no other population has.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// Whether users go there from now on when nothing else is said. Default: no.
    #[serde(default)]
    default: bool,
}

/// What to change of a population; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PopulationPatch {
    /// Its name, which no other population has.
    name: Option<String>,
    /// What it is for; an empty text clears it.
    description: Option<String>,
    /// `true` makes it the default population; another one then no longer is.
    default: Option<bool>,
}

impl From<Population> for PopulationView {
    fn from(population: Population) -> Self {
        Self {
            id: population.id.to_string(),
            name: population.name,
            description: population.description,
            default: population.default,
            user_count: population.user_count,
        }
    }
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
    let populations = connection(&jobs)?.populations().await?;
    Ok(Json(populations.into_iter().map(PopulationView::from).collect()))
}

/// Create a population
#[utoipa::path(
    post,
    path = "/api/populations",
    operation_id = "create_population",
    tag = "pingone",
    request_body = PopulationDraft,
    responses(
        (status = 201, description = "It exists", body = PopulationView),
        (status = 422, description = "PingOne refuses it, for example because the name is taken", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    State(jobs): State<Jobs>,
    body: Result<Json<PopulationDraft>, JsonRejection>,
) -> Result<(StatusCode, Json<PopulationView>), Problem> {
    let Json(PopulationDraft { name, description, default }) = parsed(body)?;
    let population = NewPopulation { name, description, default };
    let created = connection(&jobs)?.add_population(&population).await?;
    Ok((StatusCode::CREATED, Json(created.into())))
}

/// Rename a population, describe it, or make it the default
#[utoipa::path(
    patch,
    path = "/api/populations/{id}",
    operation_id = "change_population",
    tag = "pingone",
    params(("id" = Uuid, Path, description = "The population")),
    request_body = PopulationPatch,
    responses(
        (status = 200, description = "It as it is now", body = PopulationView),
        (status = 422, description = "PingOne refuses it", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change(
    State(jobs): State<Jobs>,
    Path(id): Path<String>,
    body: Result<Json<PopulationPatch>, JsonRejection>,
) -> Result<Json<PopulationView>, Problem> {
    let Json(PopulationPatch { name, description, default }) = parsed(body)?;
    let change = PopulationChange { name, description, default };
    let changed = connection(&jobs)?.change_population(population(&id)?, &change).await?;
    Ok(Json(changed.into()))
}

/// Delete an empty population
///
/// One with users is refused: they are deleted by a job first, which can delete the population at its end.
#[utoipa::path(
    delete,
    path = "/api/populations/{id}",
    operation_id = "delete_population",
    tag = "pingone",
    params(("id" = Uuid, Path, description = "The population")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 422, description = "It has users, or is the last one", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(State(jobs): State<Jobs>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    connection(&jobs)?.delete_population(population(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn connection(jobs: &Jobs) -> Result<&Connection, Problem> {
    Ok(jobs.connection().ok_or(Error::NotConnected)?)
}

fn population(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| {
        Problem::not_found(
            "population_not_found",
            "There is no such population; list the populations to see which there are.",
        )
    })
}

fn parsed<T>(body: Result<Json<T>, JsonRejection>) -> Result<Json<T>, Problem> {
    body.map_err(|error| Problem::bad_request("invalid_body", error.body_text()))
}
