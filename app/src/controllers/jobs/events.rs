//! `GET /api/jobs/{id}/events`.
#![expect(unused_qualifications, reason = "written by the macro that documents the parameters")]

use std::time::Duration;

use axum::extract::State;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;

use crate::auth::Visit;
use crate::controllers::extract::{JobPath, Params};
use crate::error::Problem;
use crate::jobs::{JobId, Jobs};
use crate::realtime::{self, Feeds, Page, Reader};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Only events with a number above this one; 0 by default.
    #[serde(default)]
    after: u64,
    /// Hold the request until there is one, for at most so many seconds; 25 at most, 0 by default.
    #[serde(default)]
    wait: f64,
}

/// Read the event log
///
/// As a page of JSON, or with `Accept: text/event-stream` as a stream that goes on until the job ends.
/// A stream that broke is continued with `Last-Event-ID`, which browsers send by themselves.
#[utoipa::path(
    get,
    path = "/api/jobs/{id}/events",
    tag = "jobs",
    params(
        ("id" = JobId, Path, description = "The job"),
        EventsQuery,
        ("Last-Event-ID" = Option<u64>, Header, description = "As `after`; of a stream that is continued"),
    ),
    responses(
        (status = 200, description = "Events", content((Page = "application/json"), (String = "text/event-stream"))),
        (status = 204, description = "A stream that would have nothing to tell any more"),
        (status = "default", description = "Anything else", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn events(
    State(jobs): State<Jobs>,
    State(feeds): State<Feeds>,
    State(shutdown): State<CancellationToken>,
    Extension(visit): Extension<Visit>,
    JobPath(id): JobPath,
    Params(query): Params<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if wants_stream(&headers) {
        let after = last_event_id(&headers).unwrap_or(query.after);
        let reader = Reader::open(&feeds, &jobs.job(id).await?, after).await?;
        // To an answer without content a browser reacts by not connecting again.
        return Ok(match reader.is_ended() {
            true => StatusCode::NO_CONTENT.into_response(),
            false => realtime::respond(reader, visit.end, shutdown),
        });
    }
    let wait = Duration::try_from_secs_f64(query.wait).map_err(|_| invalid_wait())?;
    let page = tokio::select! {
        page = realtime::page(&jobs, id, query.after, wait) => page?,
        () = visit.end.come() => return Err(Problem::session_ended()),
        () = shutdown.cancelled() => realtime::page(&jobs, id, query.after, Duration::ZERO).await?,
    };
    Ok(Json(page).into_response())
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| kind.trim().starts_with("text/event-stream"))
}

fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok()
}

fn invalid_wait() -> Problem {
    Problem::bad_request("invalid_query", "wait must be a number of seconds from 0 to 25.")
}
