use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

use crate::errors::ApiError;
use crate::faults::{Fault, RequestInfo};
use crate::reply::Reply;
use crate::router;
use crate::state::State;
use crate::stats::count;

/// Accepts connections until `stop` changes or its sender is gone.
pub(crate) async fn run(listener: TcpListener, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&state), stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: give connections time to end.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let service = service_fn(|request| respond(Arc::clone(&state), request));
    let mut connection =
        http1::Builder::new().half_close(false).serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = stop.changed() => return,
    };
    // A service error is a fault that asked for a reset; without this the client would see an orderly end.
    if ended.is_err_and(|error| error.is_user())
        && let Err(error) = connection.into_parts().io.into_inner().set_zero_linger()
    {
        tracing::debug!(%error, "cannot reset the connection");
    }
}

/// The connection is to be reset instead of an answer.
#[derive(Debug)]
struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is reset on purpose")
    }
}

impl std::error::Error for Aborted {}

async fn respond(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Aborted> {
    let _in_flight = state.counters.enter();
    let correlation_id = state.ids.uuid();
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let error =
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST", "The request is too large.");
        return Ok(finished(&state, correlation_id, Err(error)));
    };
    let body = body.to_bytes();
    let info = RequestInfo {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        body: &body,
    };
    let fault = state.plan.decide(&info).or_else(|| state.share.decide(&info));
    if fault.is_some() {
        count(&state.counters.faults);
    }
    match &fault {
        Some(Fault::Reset) => return Err(Aborted),
        Some(Fault::Hang) => return hang(&state).await,
        Some(Fault::Hold(gate)) => gate.pass().await,
        Some(Fault::Throttle(after)) => {
            return Ok(finished(&state, correlation_id, Err(router::throttled(&state, *after))));
        }
        Some(Fault::Status(status)) => {
            return Ok(finished(&state, correlation_id, Err(general_error(*status))));
        }
        Some(Fault::Garbage(text)) => {
            return Ok(finished(&state, correlation_id, Ok(Reply::hal(StatusCode::OK, text.clone()))));
        }
        Some(Fault::LoseAnswer | Fault::HangAfter | Fault::StatusAfter(_)) | None => {}
    }
    delay(&state).await;
    let reply = router::answer(&state, &head, &body);
    match fault {
        Some(Fault::LoseAnswer) => Err(Aborted),
        Some(Fault::HangAfter) => hang(&state).await,
        Some(Fault::StatusAfter(status)) => Ok(finished(&state, correlation_id, Err(general_error(status)))),
        _ => Ok(finished(&state, correlation_id, reply)),
    }
}

/// Keeps the client waiting. If the client closes the connection, this future is dropped.
async fn hang(state: &State) -> Result<Response<Full<Bytes>>, Aborted> {
    tokio::time::sleep(state.options.hang).await;
    Err(Aborted)
}

async fn delay(state: &State) {
    let (least, most) = (*state.options.latency.start(), *state.options.latency.end());
    if most > Duration::ZERO {
        tokio::time::sleep(least + most.saturating_sub(least).mul_f64(state.ids.fraction())).await;
    }
}

fn general_error(status: u16) -> ApiError {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    ApiError::new(status, "UNEXPECTED_ERROR", "An unexpected error occurred. Please contact support.")
}

fn finished(state: &State, correlation_id: Uuid, result: Result<Reply, ApiError>) -> Response<Full<Bytes>> {
    let reply = result.unwrap_or_else(|error| error.into_reply(correlation_id, state.options.pretty));
    reply.into_response(correlation_id)
}

/// Largest request that is read, in bytes.
const MAX_BODY: usize = 1 << 20;
