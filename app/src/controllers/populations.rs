//! `/api/populations`.
#![expect(unused_qualifications, reason = "written by the macro that documents the parameters")]

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use pingone::{NewPopulation, Population, PopulationChange};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::controllers::extract::Params;
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrialQuery {
    /// Whether to say only what would be done, and to change nothing. Default: no.
    #[serde(default)]
    dry_run: bool,
}

/// What a change would do, had it not been a dry run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PopulationTrial {
    would: Would,
    /// Its id; none of one that would be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The name that it would have.
    name: String,
    /// The description that it would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Whether it would be the default.
    default: bool,
    /// The name of the population that would no longer be the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_longer_default: Option<String>,
}

/// A population that was changed, or what a dry run says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Changed {
    View(PopulationView),
    Trial(PopulationTrial),
}

/// What would be done to a population.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Would {
    /// It would be made.
    Create,
    /// It would become what the answer says.
    Change,
    /// It would be deleted.
    Delete,
    /// It is so already.
    Nothing,
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
    params(TrialQuery),
    request_body = PopulationDraft,
    responses(
        (status = 200, description = "What would be done, in a dry run", body = PopulationTrial),
        (status = 201, description = "It exists", body = PopulationView),
        (status = 422, description = "PingOne refuses it, for example because the name is taken", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    State(jobs): State<Jobs>,
    Params(trial): Params<TrialQuery>,
    body: Result<Json<PopulationDraft>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(PopulationDraft { name, description, default }) = parsed(body)?;
    let (connection, population) = (connection(&jobs)?, NewPopulation { name, description, default });
    if trial.dry_run {
        return Ok(Json(try_create(connection, population).await?).into_response());
    }
    let created = PopulationView::from(connection.add_population(&population).await?);
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

/// Rename a population, describe it, or make it the default
#[utoipa::path(
    patch,
    path = "/api/populations/{id}",
    operation_id = "change_population",
    tag = "pingone",
    params(("id" = Uuid, Path, description = "The population"), TrialQuery),
    request_body = PopulationPatch,
    responses(
        (status = 200, description = "It as it is now, or what would be done in a dry run", body = inline(Changed)),
        (status = 422, description = "PingOne refuses it", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change(
    State(jobs): State<Jobs>,
    Path(id): Path<String>,
    Params(trial): Params<TrialQuery>,
    body: Result<Json<PopulationPatch>, JsonRejection>,
) -> Result<Json<Changed>, Problem> {
    let Json(PopulationPatch { name, description, default }) = parsed(body)?;
    let (connection, id) = (connection(&jobs)?, population(&id)?);
    let change = PopulationChange { name, description, default };
    if trial.dry_run {
        return Ok(Json(Changed::Trial(try_change(connection, id, change).await?)));
    }
    Ok(Json(Changed::View(connection.change_population(id, &change).await?.into())))
}

/// Delete an empty population
///
/// One with users is refused: they are deleted by a job first, which can delete the population at its end.
#[utoipa::path(
    delete,
    path = "/api/populations/{id}",
    operation_id = "delete_population",
    tag = "pingone",
    params(("id" = Uuid, Path, description = "The population"), TrialQuery),
    responses(
        (status = 200, description = "What would be done, in a dry run", body = PopulationTrial),
        (status = 204, description = "It is gone"),
        (status = 422, description = "It has users, or is the last one", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(jobs): State<Jobs>,
    Path(id): Path<String>,
    Params(trial): Params<TrialQuery>,
) -> Result<Response, Problem> {
    let (connection, id) = (connection(&jobs)?, population(&id)?);
    if trial.dry_run {
        let found = find(&connection.populations().await?, id)?.clone();
        connection.check_population_goes(&found).await?;
        return Ok(Json(PopulationTrial::of(found, Would::Delete)).into_response());
    }
    connection.delete_population(id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn try_create(connection: &Connection, draft: NewPopulation) -> Result<PopulationTrial, Problem> {
    connection.check_population_name(&draft.name, None).await?;
    let before = connection.populations().await?.into_iter().find(|it| it.default && draft.default);
    Ok(PopulationTrial {
        would: Would::Create,
        id: None,
        name: draft.name.trim().to_owned(),
        description: draft.description,
        default: draft.default,
        no_longer_default: before.map(|it| it.name),
    })
}

async fn try_change(
    connection: &Connection,
    id: Uuid,
    change: PopulationChange,
) -> Result<PopulationTrial, Problem> {
    let populations = connection.populations().await?;
    let mut changed = find(&populations, id)?.clone();
    if let Some(name) = &change.name {
        connection.check_population_name(name, Some(id)).await?;
        changed.name = name.trim().to_owned();
    }
    if let Some(description) = change.description {
        changed.description = Some(description).filter(|it| !it.is_empty());
    }
    changed.default = change.default.unwrap_or(changed.default);
    let would = if *find(&populations, id)? == changed { Would::Nothing } else { Would::Change };
    let before = populations.into_iter().find(|it| it.default && it.id != id && changed.default);
    let no_longer_default = before.map(|it| it.name);
    Ok(PopulationTrial { no_longer_default, ..PopulationTrial::of(changed, would) })
}

impl PopulationTrial {
    fn of(population: Population, would: Would) -> Self {
        Self {
            would,
            id: Some(population.id.to_string()),
            name: population.name,
            description: population.description,
            default: population.default,
            no_longer_default: None,
        }
    }
}

fn connection(jobs: &Jobs) -> Result<&Connection, Problem> {
    Ok(jobs.connection().ok_or(Error::NotConnected)?)
}

fn find(populations: &[Population], id: Uuid) -> Result<&Population, Problem> {
    populations.iter().find(|it| it.id == id).ok_or_else(no_population)
}

fn population(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| no_population())
}

fn no_population() -> Problem {
    Problem::not_found(
        "population_not_found",
        "There is no such population; list the populations to see which there are.",
    )
}

fn parsed<T>(body: Result<Json<T>, JsonRejection>) -> Result<Json<T>, Problem> {
    body.map_err(|error| Problem::bad_request("invalid_body", error.body_text()))
}
