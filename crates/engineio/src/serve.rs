use std::{
    convert::Infallible,
    error::Error,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinSet};
use tower::{Layer, Service, ServiceExt as _, layer::util::Identity};

use crate::{EngineIo, Handler, PeerAddr, engine::Engine};

/// Serves HTTP/1.1 on a listener, for programs that need no web framework.
///
/// When the future is dropped, a task of the runtime closes the listener: a moment later, not at once.
///
/// # Errors
/// The listener fails for good; errors of single connections, or for lack of file descriptors, are outlived.
pub async fn serve<H: Handler>(listener: TcpListener, engine: EngineIo<H>) -> io::Result<()> {
    serve_with(listener, engine, Identity::new()).await
}

/// As [`serve`], with middleware in front of the engine: any [`tower::Layer`] that adds no errors of its own, such as
/// most of tower-http.
///
/// Polls are held for as long as there is nothing to say, so a layer with a time limit must grant them
/// `ping_interval + ping_timeout`, and one that limits concurrency would let polls keep out the posts beside them.
///
/// # Errors
/// As of [`serve`].
pub async fn serve_with<H, L, B>(listener: TcpListener, engine: EngineIo<H>, layer: L) -> io::Result<()>
where
    H: Handler,
    L: Layer<EngineIo<H>>,
    L::Service: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let shared = Arc::clone(&engine.engine);
    // Not here: a caller in `block_on` is a thread of its own, which would have to be woken for connections.
    let mut accepting = JoinSet::new();
    accepting.spawn(accept(listener, layer.layer(engine), shared));
    let ended = accepting.join_next().await;
    ended.map_or(Ok(()), |ended| ended.map_err(io::Error::other))
}

async fn accept<S, B>(listener: TcpListener, layered: S, shared: Arc<Engine>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_transient(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "cannot accept connections; trying again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (layered, shared) = (layered.clone(), Arc::clone(&shared));
        let is_known = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let is_known = Arc::clone(&is_known);
            move |mut request: Request<Incoming>| {
                is_known.store(true, Ordering::Relaxed);
                request.extensions_mut().insert(PeerAddr(peer));
                layered.clone().oneshot(request)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(MAX_BUFFER)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        // An async block would keep room for the connection twice.
        tokio::spawn(connection.map(move |ended| {
            if let Err(error) = ended {
                // After a request the time is over for a connection that rests as well.
                if error.is_timeout() && !is_known.load(Ordering::Relaxed) {
                    shared.meters.slow_headers();
                }
                tracing::debug!(%error, "connection ended");
            }
        }));
    }
}

/// Whether the error is of the connection that was about to be accepted.
fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// A client that sends its request more slowly is not one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// In bytes, for what is read of a request at a time; longer headers get status 431.
const MAX_BUFFER: usize = 64 * 1024;

/// Without file descriptors, trying at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
