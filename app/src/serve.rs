//! The server as a process sees it: bind, announce, run, stop in order.

use std::future::IntoFuture as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::app::{App, Settings};
use crate::doctor::{InvalidTarget, Target};
use crate::jobs::{JobStatus, Jobs};
use crate::router::router;

/// The self-test runs this often.
const PROBE_PERIOD: Duration = Duration::from_secs(60);

/// A server that was told to stop is gone after this long, whatever hangs.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Of which rows in flight get this long to settle.
const SETTLE_LIMIT: Duration = Duration::from_secs(8);

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address can be reached from other machines.
    #[error(
        "{0} can be reached from other machines, which this version does not allow; \
         listen on 127.0.0.1 and put a reverse proxy with TLS and a login of its own in front"
    )]
    NotLoopback(SocketAddr),
    /// Another program listens there.
    #[error(
        "port {} of {} is in use by another program; stop that program, \
         or choose another port with --listen {}:PORT (demo: --port PORT)", .0.port(), .0.ip(), .0.ip()
    )]
    PortInUse(SocketAddr),
    /// The address cannot be used.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The self-test cannot be set up for the address.
    #[error(transparent)]
    Probe(#[from] InvalidTarget),
    /// The listener failed while the server ran.
    #[error("the server stopped: {0}")]
    Run(#[source] io::Error),
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    app: App,
    listener: TcpListener,
    base: Url,
}

impl Server {
    /// Listens on `address`, which must be a loopback address; port 0 is any free one.
    ///
    /// # Errors
    /// If the address is not allowed, in use or unusable.
    pub async fn bind(address: SocketAddr, public_url: Option<Url>, jobs: Jobs) -> Result<Self, ServeError> {
        Self::on(listen(address).await?, public_url, jobs)
    }

    /// As [`Self::bind`], with a listener that exists already and is on a loopback address.
    ///
    /// # Errors
    /// If the listener is unusable.
    pub fn on(listener: TcpListener, public_url: Option<Url>, jobs: Jobs) -> Result<Self, ServeError> {
        let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let address =
            listener.local_addr().map_err(|source| ServeError::Bind { address: unknown, source })?;
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        let url = format!("http://{address}/");
        let base = Url::parse(&url).map_err(|_| InvalidTarget::Url(url))?;
        let settings = Settings { public_url: public_url.map(Arc::new), ..Settings::new(address.port()) };
        let app = App::new(settings, jobs);
        let probe = Target::new(base.as_str(), Some(app.access.sessions().probe_token().reveal()))?;
        app.health.listen(probe);
        Ok(Self { app, listener, base })
    }

    /// The state that handlers share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The address that it listens on, as a URL.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// A new one-time login link, at the public address if there is one.
    pub fn login_link(&self) -> String {
        self.app.login_link(self.app.settings.public_url.as_deref().unwrap_or(&self.base))
    }

    /// Serves until `stop` is ready, then stops within 10 s: no new connections, rows in flight settle,
    /// sockets and streams end.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { app, listener, .. } = self;
        let stopping = CancellationToken::new();
        let listener = listener.tap_io(|tcp| {
            // Without it a small event may wait for the acknowledgement of the one before.
            let _ = tcp.set_nodelay(true);
        });
        let serving = axum::serve(listener, router(app.clone()))
            .with_graceful_shutdown(stopping.clone().cancelled_owned())
            .into_future();
        let mut serving = AbortOnDropHandle::new(tokio::spawn(serving));
        let health = app.health.clone();
        let probing = AbortOnDropHandle::new(tokio::spawn(async move { health.watch(PROBE_PERIOD).await }));
        let resuming = AbortOnDropHandle::new(tokio::spawn(resume_interrupted(app.jobs.clone())));
        tokio::select! {
            () = stop => {}
            result = &mut serving => {
                return result.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(ServeError::Run);
            }
        }
        tracing::info!("stopping");
        drop((probing, resuming));
        stopping.cancel();
        let stopped = tokio::time::timeout(STOP_LIMIT, shut_down(&app, serving)).await;
        if stopped.is_err() {
            tracing::warn!("connections that did not end in time were cut");
        }
        Ok(())
    }
}

/// Ready when the process is told to stop (SIGINT, SIGTERM).
pub async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse(address),
        _ => ServeError::Bind { address, source },
    })
}

async fn shut_down(app: &App, serving: AbortOnDropHandle<io::Result<()>>) {
    // Clients are told of the rows that settle now, so their connections end after that.
    if tokio::time::timeout(SETTLE_LIMIT, app.jobs.shut_down()).await.is_err() {
        tracing::warn!(
            "some rows in flight did not settle in time; they are looked up when the job is resumed"
        );
    }
    app.shutdown.cancel();
    app.realtime.close();
    // Whether the listener ended well no longer matters.
    let _ = serving.await;
}

/// Jobs that a crash interrupted go on by themselves; those that somebody paused do not.
async fn resume_interrupted(jobs: Jobs) {
    let interrupted = match jobs.unfinished().await {
        Ok(jobs) => jobs.into_iter().filter(|job| job.status == JobStatus::Interrupted),
        Err(error) => return tracing::error!(%error, "interrupted jobs cannot be found"),
    };
    for job in interrupted {
        match jobs.resume(job.id).await {
            Ok(_) => tracing::info!(job = %job.id, "resumed an interrupted job"),
            Err(error) => tracing::warn!(job = %job.id, %error, "an interrupted job was not resumed"),
        }
    }
}
