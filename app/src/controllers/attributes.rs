//! `GET /api/attributes`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::export;
use crate::jobs::{Error, Jobs};

/// An attribute of the environment's users that an export can write.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttributeView {
    /// Its path, for example `name.given`.
    path: String,
    /// What PingOne calls it, if that is more than its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Whether an import takes it, and an export without chosen attributes writes it where a user has it.
    importable: bool,
}

/// List attributes
///
/// What an export can write of a user: first the columns that it has by itself, then those that can only be read.
#[utoipa::path(
    get,
    path = "/api/attributes",
    tag = "pingone",
    responses(
        (status = 200, description = "The attributes", body = [AttributeView]),
        (status = 502, description = "PingOne cannot be asked", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn attributes(State(jobs): State<Jobs>) -> Result<Json<Vec<AttributeView>>, Problem> {
    let connection = jobs.connection().ok_or(Error::NotConnected)?;
    let schema = connection.schema().await?;
    let attributes = export::exportable(&schema).into_iter().map(|(path, importable)| {
        let name = schema.attribute(&path).and_then(|attribute| attribute.display_name.clone());
        AttributeView { path, name, importable }
    });
    Ok(Json(attributes.collect()))
}
