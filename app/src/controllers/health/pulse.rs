//! `GET /api/health/pulse`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, stream};
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use crate::error::Problem;

/// Pulses in all.
const PULSES: u32 = 5;

/// Time between two of them.
const SPACING: Duration = Duration::from_millis(150);

/// Headers that proxies write or change; none of them is a secret of the caller.
const TELLING: [&str; 10] = [
    "accept-encoding",
    "connection",
    "forwarded",
    "host",
    "origin",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

#[derive(Debug, Serialize)]
struct Pulse {
    /// Milliseconds since the first.
    at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<BTreeMap<String, String>>,
}

/// Test the way of streams
///
/// Server-sent events at equal distances, so that a client can compare when they were sent with when they arrive.
/// The first also tells what the request looked like here, after all proxies.
#[utoipa::path(
    get,
    path = "/api/health/pulse",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "Pulses", body = String, content_type = "text/event-stream"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn pulse(headers: HeaderMap) -> Response {
    let sse = Sse::new(pulses(seen(&headers)));
    ([("x-accel-buffering", "no"), ("cache-control", "no-store, no-transform")], sse).into_response()
}

fn pulses(seen: BTreeMap<String, String>) -> impl Stream<Item = Result<Event, Infallible>> {
    let started = Instant::now();
    stream::unfold((0, Some(seen)), move |(number, mut seen)| async move {
        if number == PULSES {
            return None;
        }
        sleep_until(started + SPACING * number).await;
        let at = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let pulse = Pulse { at, seen: seen.take() };
        // Plain structs with string keys always encode.
        let event = Event::default().event("pulse").data(serde_json::to_string(&pulse).unwrap_or_default());
        Some((Ok(event), (number + 1, None)))
    })
}

fn seen(headers: &HeaderMap) -> BTreeMap<String, String> {
    let told = TELLING.iter().filter_map(|name| {
        let values: Vec<&str> =
            headers.get_all(*name).iter().filter_map(|value| value.to_str().ok()).collect();
        (!values.is_empty()).then(|| ((*name).to_owned(), values.join(", ")))
    });
    told.collect()
}
