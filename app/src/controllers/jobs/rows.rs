//! `GET /api/jobs/{id}/rows`.
#![expect(unused_qualifications, reason = "written by the macro that documents the parameters")]

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::controllers::extract::{JobPath, Params};
use crate::error::Problem;
use crate::jobs::{JobId, Jobs, Outcome, RowPage, RowQuery};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsQuery {
    /// Only rows with this outcome.
    outcome: Option<Outcome>,
    /// Only rows with a number above this one.
    #[serde(default)]
    after: u64,
    /// At most so many rows; 1 to 1,000, 100 by default.
    limit: Option<u32>,
}

/// Read the ledger
///
/// What became of each row, in the order of the file. `next` is the `after` of the next page.
#[utoipa::path(
    get,
    path = "/api/jobs/{id}/rows",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job"), RowsQuery),
    responses(
        (status = 200, description = "A page of rows", body = RowPage),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn rows(
    State(jobs): State<Jobs>,
    JobPath(id): JobPath,
    Params(query): Params<RowsQuery>,
) -> Result<Json<RowPage>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let query = RowQuery { outcome: query.outcome, after: query.after, limit };
    Ok(Json(jobs.rows(id, query).await?))
}
