//! `GET /api/jobs`.
#![expect(unused_qualifications, reason = "written by the macro that documents the parameters")]

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::controllers::extract::Params;
use crate::error::Problem;
use crate::jobs::{JobId, JobView, Jobs};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// At most so many jobs; 1 to 1,000, 100 by default.
    limit: Option<u32>,
    /// Only jobs older than this one.
    before: Option<JobId>,
}

/// List jobs
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/api/jobs",
    tag = "jobs",
    params(ListQuery),
    responses(
        (status = 200, description = "The jobs", body = [JobView]),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(jobs): State<Jobs>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Vec<JobView>>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    Ok(Json(jobs.list(limit, query.before).await?))
}
