use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

use crate::errors::ApiError;
use crate::exchange::Exchange;
use crate::faults::{Fault, RequestInfo, RetryAfter};
use crate::reply::Reply;
use crate::router;
use crate::state::State;
use crate::stats::count;

/// Accepts connections until `stop` changes or its sender is gone.
pub(crate) async fn run(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    state: Arc<State>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        match accepted {
            Ok((stream, from)) => {
                tokio::spawn(accept(stream, from.ip(), tls.clone(), Arc::clone(&state), stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: give connections time to end.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn accept(
    stream: TcpStream,
    from: IpAddr,
    tls: Option<TlsAcceptor>,
    state: Arc<State>,
    stop: watch::Receiver<bool>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let Some(tls) = tls else {
        return connection(stream, from, state, stop, |stream| stream).await;
    };
    match tls.accept(stream).await {
        Ok(stream) => connection(stream, from, state, stop, |stream| stream.get_ref().0).await,
        Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    from: IpAddr,
    state: Arc<State>,
    mut stop: watch::Receiver<bool>,
    tcp: impl Fn(&S) -> &TcpStream,
) {
    let service = service_fn(|request| respond(Arc::clone(&state), from, request));
    let mut connection =
        http1::Builder::new().half_close(false).serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = stop.changed() => return,
    };
    // A service error is a fault that asked for a reset; without this the client would see an orderly end.
    if ended.is_err_and(|error| error.is_user())
        && let Err(error) = tcp(&connection.into_parts().io.into_inner()).set_zero_linger()
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

async fn respond(
    state: Arc<State>,
    from: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Aborted> {
    let _in_flight = state.counters.enter();
    let correlation_id = state.ids.uuid();
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let error =
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST", "The request is too large.");
        return Ok(finished(&state, correlation_id, Err(error)).into_response(correlation_id));
    };
    let body = body.to_bytes();
    let reply = answer(&state, from, &head, &body, correlation_id).await?;
    if state.options.record {
        let exchange = Exchange::new(&head, &body, reply.status.as_u16(), reply.body.clone());
        state.exchanges.lock().push(exchange);
    }
    Ok(reply.negotiated(&head.headers).into_response(correlation_id))
}

/// The answer to a request, with whatever fault it is to meet.
async fn answer(
    state: &State,
    from: IpAddr,
    head: &Parts,
    body: &Bytes,
    correlation_id: Uuid,
) -> Result<Reply, Aborted> {
    let info =
        RequestInfo { method: head.method.as_str(), path: head.uri.path(), query: head.uri.query(), body };
    let fault = state.plan.decide(&info).or_else(|| state.share.decide(&info));
    if fault.is_some() {
        count(&state.counters.faults);
    }
    match &fault {
        Some(Fault::Reset) => return Err(Aborted),
        Some(Fault::Hang) => return hang(state).await,
        Some(Fault::Hold(gate)) => gate.pass().await,
        Some(Fault::Throttle(after)) => {
            return Ok(finished(state, correlation_id, Err(router::throttled(state, *after))));
        }
        Some(Fault::Status(status)) => {
            return Ok(finished(state, correlation_id, Err(error_of(state, *status))));
        }
        Some(Fault::ExpireToken) => {
            state.tokens.revoke(&head.headers);
            return Ok(finished(state, correlation_id, Err(router::unauthorized(state))));
        }
        Some(Fault::Garbage(text)) => {
            return Ok(Reply::hal(StatusCode::OK, text.clone()));
        }
        Some(Fault::LoseAnswer | Fault::HangAfter | Fault::StatusAfter(_) | Fault::Slow) | None => {}
    }
    delay(state).await;
    let reply = finished(state, correlation_id, router::answer(state, from, head, body));
    match fault {
        Some(Fault::LoseAnswer) => return Err(Aborted),
        Some(Fault::HangAfter) => return hang(state).await,
        Some(Fault::Slow) => tokio::time::sleep(state.options.slow).await,
        Some(Fault::StatusAfter(status)) => {
            return Ok(finished(state, correlation_id, Err(error_of(state, status))));
        }
        _ => {}
    }
    Ok(reply)
}

/// Keeps the client waiting. If the client closes the connection, this future is dropped.
async fn hang(state: &State) -> Result<Reply, Aborted> {
    tokio::time::sleep(state.options.hang).await;
    Err(Aborted)
}

async fn delay(state: &State) {
    let (least, most) = (*state.options.latency.start(), *state.options.latency.end());
    if most > Duration::ZERO {
        tokio::time::sleep(least + most.saturating_sub(least).mul_f64(state.ids.fraction())).await;
    }
}

/// The error that PingOne has for a status.
fn error_of(state: &State, status: u16) -> ApiError {
    match status {
        401 => router::unauthorized(state),
        403 => ApiError::forbidden(),
        404 => ApiError::not_found(),
        429 => router::throttled(state, RetryAfter::Absent),
        status => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            ApiError::new(status, "UNEXPECTED_ERROR", "An unexpected error occurred. Please contact support.")
        }
    }
}

fn finished(state: &State, correlation_id: Uuid, result: Result<Reply, ApiError>) -> Reply {
    result.unwrap_or_else(|error| error.into_reply(correlation_id, state.options.pretty))
}

/// Largest request that is read, in bytes.
const MAX_BODY: usize = 1 << 20;
