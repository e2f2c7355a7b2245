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
use super::refusal::Refusal;
use crate::auth::SessionEnd;
use crate::metrics::{CONNECTIONS, Counted};

/// A comment is sent after this long without an event, so that nothing on the way takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Streams what `reader` reads; ends with the job, the session, `shutdown`, or when the client goes away.
pub fn respond(reader: Reader, session: SessionEnd, shutdown: CancellationToken) -> Response {
    let events = events(reader).take_until(over(&session, &shutdown));
    let stream = events.chain(farewell(session, shutdown));
    let sse = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"));
    ([("x-accel-buffering", "no"), ("cache-control", "no-store, no-transform")], sse).into_response()
}

fn events(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    let counted = Counted::new(CONNECTIONS, ("tier", "sse"));
    stream::unfold((reader, counted), async |(mut reader, counted)| match reader.next().await {
        Ok(Some(events)) => Some((events, (reader, counted))),
        Ok(None) => None,
        Err(error) => {
            tracing::error!(job = %reader.feed().job(), %error, "a stream of events ends early");
            None
        }
    })
    .flat_map(|events| stream::iter(events.into_iter().map(|event| Ok(encode(&event)))))
}

/// When a stream ends although there may be more to tell.
pub(crate) fn over(session: &SessionEnd, shutdown: &CancellationToken) -> impl Future<Output = ()> + use<> {
    let (ended, stopped) = (session.come_owned(), shutdown.clone().cancelled_owned());
    async move {
        tokio::select! {
            () = ended => {}
            () = stopped => {}
        }
    }
}

/// What is said last: that the session has ended, or, by a server that stops, when to come back, at a time of one's own.
pub(crate) fn farewell(
    session: SessionEnd,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let last = async move {
        if session.has_come() {
            // Plain structs with string keys always encode.
            let data = serde_json::to_string(&Refusal::session_ended()).unwrap_or_default();
            return Some(Ok(Event::default().event("session_ended").data(data)));
        }
        let retry = Event::default().retry(Duration::from_millis(retry_after_ms())).comment("restarting");
        shutdown.is_cancelled().then_some(Ok(retry))
    };
    stream::once(last).filter_map(async |event| event)
}

fn encode(event: &Encoded) -> Event {
    Event::default().id(event.seq.to_string()).event(event.name).data(event.json.get())
}
