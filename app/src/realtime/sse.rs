//! The log as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::direct::retry_after_ms;
use super::encoded::Encoded;
use super::reader::Reader;
use crate::metrics::{CONNECTIONS, Counted};

/// A comment is sent after this long without an event, so that nothing on the way takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Streams what `reader` reads; ends with the job, with `shutdown`, or when the client goes away.
pub fn respond(reader: Reader, shutdown: CancellationToken) -> Response {
    let stream = events(reader).take_until(shutdown.clone().cancelled_owned()).chain(farewell(shutdown));
    let sse = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"));
    ([("x-accel-buffering", "no"), ("cache-control", "no-store, no-transform")], sse).into_response()
}

fn events(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    let counted = Counted::new(CONNECTIONS, ("tier", "sse"));
    stream::unfold((reader, counted), async |(mut reader, counted)| match reader.next().await {
        Ok(Some(events)) => Some((events, (reader, counted))),
        Ok(None) => None,
        Err(error) => {
            tracing::error!(%error, "a stream of events ends early");
            None
        }
    })
    .flat_map(|events| stream::iter(events.into_iter().map(|event| Ok(encode(&event)))))
}

/// What a server that stops says last: when to come back, at a time of one's own.
fn farewell(shutdown: CancellationToken) -> impl Stream<Item = Result<Event, Infallible>> {
    let retry = async move {
        let retry = Event::default().retry(Duration::from_millis(retry_after_ms())).comment("restarting");
        shutdown.is_cancelled().then_some(Ok(retry))
    };
    stream::once(retry).filter_map(async |event| event)
}

fn encode(event: &Encoded) -> Event {
    Event::default().id(event.seq.to_string()).event(event.name).data(event.json.get())
}
