//! The accept loop: one connection's error is its own, lack of resources is waited out, and a crowd is turned away
//! before those who are in suffer.

mod backoff;
mod load;
mod shed;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use metrics::counter;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::metrics::{ACCEPT_ERRORS, CONNECTION_ERRORS, SHED};
use backoff::Backoff;
pub(crate) use load::{Load, default_limit, raise_file_limit};

/// A client that sends its request more slowly is not one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// So many are turned away with words at a time; more are just closed.
const POLITE: usize = 64;

/// Something that gives connections; a test replaces it with one that fails.
pub(crate) trait Accept: Send {
    /// The next connection.
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        Self::accept(self).await
    }
}

/// Serves connections until `stop`, then waits until those that are open are done.
///
/// WebSockets are not waited for: they end when their servers are closed.
pub(crate) async fn serve(listener: impl Accept, router: Router, load: Load, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let polite = Arc::new(Semaphore::new(POLITE));
    let mut backoff = Backoff::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                backoff.reset();
                // Without it a small event may wait for the acknowledgement of the one before.
                let _ = stream.set_nodelay(true);
                if load.is_full() {
                    turn_away(stream, &polite);
                } else {
                    connect(stream, router.clone(), &load, &graceful);
                }
            }
            Err(error) => {
                let Some(pause) = backoff.after(&error) else { continue };
                counter!(ACCEPT_ERRORS).increment(1);
                tracing::error!(%error, ?pause, "cannot accept connections; trying again");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

fn connect(stream: TcpStream, router: Router, load: &Load, graceful: &GracefulShutdown) {
    let counted = load.enter();
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let service = TowerToHyperService::new(router);
    let connection =
        graceful.watch(server.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned());
    tokio::spawn(async move {
        let _counted = counted;
        // A reset, a broken pipe or bytes that are no HTTP end this connection and nothing else.
        if let Err(error) = connection.await {
            let reason = reason(&*error);
            counter!(CONNECTION_ERRORS, "reason" => reason).increment(1);
            tracing::debug!(reason, "a connection ended with an error");
        }
    });
}

fn turn_away(stream: TcpStream, polite: &Arc<Semaphore>) {
    counter!(SHED).increment(1);
    if let Ok(permit) = Arc::clone(polite).try_acquire_owned() {
        tokio::spawn(async move {
            let _permit = permit;
            shed::turn_away(stream).await;
        });
    }
}

fn reason(error: &(dyn Error + Send + Sync + 'static)) -> &'static str {
    let Some(error) = error.downcast_ref::<hyper::Error>() else { return "broken" };
    if error.is_parse() {
        "invalid_request"
    } else if error.is_timeout() {
        "timeout"
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        "closed_early"
    } else {
        "broken"
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Fails as a system without free file descriptors does, and then works.
    struct Exhausted {
        listener: TcpListener,
        failures: Arc<AtomicUsize>,
    }

    impl Accept for Exhausted {
        async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
            if self.failures.fetch_add(1, Ordering::Relaxed) < 20 {
                return Err(io::Error::from_raw_os_error(24));
            }
            self.listener.accept().await
        }
    }

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    fn router() -> Router {
        Router::new().fallback(|| async { "served" })
    }

    #[tokio::test(start_paused = true)]
    async fn lack_of_file_descriptors_is_waited_out_without_spinning() {
        let (listener, address) = listener().await;
        let failures = Arc::new(AtomicUsize::new(0));
        let exhausted = Exhausted { listener, failures: Arc::clone(&failures) };
        let started = tokio::time::Instant::now();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(exhausted, router(), Load::new(10, || 0), stop.clone()));
        assert!(ask(address, "/").await.ends_with("served"));
        assert!(started.elapsed() >= Duration::from_secs(10), "twenty failures in {:?}", started.elapsed());
        assert_eq!(
            failures.load(Ordering::Relaxed),
            21 + 1,
            "the failures, the connection and the wait for the next"
        );
        stop.cancel();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_crowd_is_turned_away_and_those_who_are_in_are_served() {
        let (listener, address) = listener().await;
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, router(), Load::new(1, || 0), stop.clone()));
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut head = [0; 15];
        first.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        let refused = ask(address, "/").await;
        assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
        assert!(refused.contains("Retry-After: ") && refused.contains("\"overloaded\""), "{refused}");
        let alive = ask(address, "/api/health/live").await;
        assert!(alive.starts_with("HTTP/1.1 200") && alive.contains("alive"), "{alive}");
        first.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut rest = String::new();
        first.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest.matches("served").count(), 2);
        stop.cancel();
        serving.await.unwrap();
    }
}
