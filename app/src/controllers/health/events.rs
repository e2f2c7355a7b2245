//! `GET /api/health/events`.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use crate::auth::Visit;
use crate::doctor::{Health, HealthReport};
use crate::error::Problem;
use crate::metrics::{CONNECTIONS, Counted};
use crate::realtime::{farewell, over};

/// Something is sent at least this often, so that nothing on the way takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Watch the state of live progress
///
/// As server-sent events named `health`: the report as it is, then after each run of the probes.
#[utoipa::path(
    get,
    path = "/api/health/events",
    operation_id = "health_events",
    tag = "operation",
    responses(
        (status = 200, description = "Reports", body = String, content_type = "text/event-stream"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn events(
    State(health): State<Health>,
    State(shutdown): State<CancellationToken>,
    Extension(visit): Extension<Visit>,
) -> Response {
    let changes = health.changes();
    let now = health.report().await;
    let counted = Counted::new(CONNECTIONS, ("tier", "sse"));
    let later = stream::unfold((changes, counted), async |(mut changes, counted)| {
        let report = changes.next().await?;
        Some((report, (changes, counted)))
    });
    let reports = stream::iter([now]).chain(later).map(|report| Ok::<_, Infallible>(encode(&report)));
    let reports = reports.take_until(over(&visit.end, &shutdown)).chain(farewell(visit.end, shutdown));
    let sse = Sse::new(reports).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"));
    ([("x-accel-buffering", "no"), ("cache-control", "no-store, no-transform")], sse).into_response()
}

fn encode(report: &HealthReport) -> Event {
    // Plain structs with string keys always encode.
    Event::default().event("health").data(serde_json::to_string(report).unwrap_or_default())
}
