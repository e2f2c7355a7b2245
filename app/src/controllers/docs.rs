//! `GET /api/openapi.json` and `GET /docs`.

mod page;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};

use crate::error::Problem;
use crate::openapi;

/// Read this description
///
/// OpenAPI 3.1.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "The document", body = Object),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(openapi::document())
}

/// The reference page.
pub(crate) async fn page() -> Result<Html<String>, Problem> {
    let document = serde_json::to_value(openapi::document()).map_err(|error| Problem::internal(&error))?;
    Ok(Html(page::render(&document)))
}

/// Its style.
pub(crate) async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (headers, include_str!("docs/style.css"))
}
