//! `/api/mappings`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::jobs::Jobs;

/// A saved mapping.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MappingView {
    /// Its name.
    name: String,
    /// Names of columns and paths of attributes; a blank path leaves the column out.
    mapping: BTreeMap<String, String>,
}

/// List saved mappings
///
/// A job uses one with `saved_mapping`.
#[utoipa::path(
    get,
    path = "/api/mappings",
    operation_id = "list_mappings",
    tag = "jobs",
    responses(
        (status = 200, description = "The mappings, by name", body = [MappingView]),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(State(jobs): State<Jobs>) -> Result<Json<Vec<MappingView>>, Problem> {
    let named = |name: String| Ok(MappingView { mapping: jobs.mapping(&name)?, name });
    Ok(Json(jobs.mappings()?.into_iter().map(named).collect::<Result<_, Problem>>()?))
}

/// Show a saved mapping
#[utoipa::path(
    get,
    path = "/api/mappings/{name}",
    operation_id = "show_mapping",
    tag = "jobs",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The mapping", body = MappingView),
        (status = 404, description = "There is none of that name", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(jobs): State<Jobs>,
    Path(name): Path<String>,
) -> Result<Json<MappingView>, Problem> {
    Ok(Json(MappingView { mapping: jobs.mapping(&name)?, name }))
}

/// Save a mapping
///
/// One of that name is replaced.
#[utoipa::path(
    put,
    path = "/api/mappings/{name}",
    operation_id = "save_mapping",
    tag = "jobs",
    params(("name" = String, Path, description = "1 to 64 letters, digits, blanks, - and _")),
    request_body = BTreeMap<String, String>,
    responses(
        (status = 200, description = "The mapping as it is now", body = MappingView),
        (status = 422, description = "The name cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn save(
    State(jobs): State<Jobs>,
    Path(name): Path<String>,
    body: Result<Json<BTreeMap<String, String>>, JsonRejection>,
) -> Result<Json<MappingView>, Problem> {
    let Json(mapping) = body.map_err(|error| Problem::bad_request("invalid_body", error.body_text()))?;
    jobs.save_mapping(&name, &mapping)?;
    Ok(Json(MappingView { name, mapping }))
}

/// Delete a saved mapping
///
/// Jobs that used it keep what it said.
#[utoipa::path(
    delete,
    path = "/api/mappings/{name}",
    operation_id = "delete_mapping",
    tag = "jobs",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is none of that name", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(jobs): State<Jobs>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    jobs.delete_mapping(&name)?;
    Ok(StatusCode::NO_CONTENT)
}
