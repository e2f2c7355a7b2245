//! The server as a process sees it: bind, announce, run, stop in order.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::ctrl_c;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::app::{App, PROBE_DEADLINE, Settings};
use crate::doctor::{InvalidTarget, Target};
use crate::jobs::{JobStatus, Jobs, PRUNED_AFTER};
use crate::listen::{self, Load, default_limit, raise_file_limit};
use crate::metrics::watch_lag;
use crate::realtime::open_direct;
use crate::router::router;

/// How a server behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address that browsers use, behind a proxy. Default none.
    pub public_url: Option<Url>,
    /// More connections are turned away with 503. Default: what the system's limit of open files leaves room for.
    pub max_connections: Option<usize>,
    /// A server that was told to stop is gone after this long, whatever hangs. Default 10 s.
    pub stop_within: Duration,
    /// How often the self-test runs. Default 60 s.
    pub health_interval: Duration,
    /// How long each of its probes may take. Default 3 s.
    pub health_deadline: Duration,
    /// After how many days jobs that are over are deleted; 0 is never. Default 90.
    pub prune_after: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            public_url: None,
            max_connections: None,
            stop_within: Duration::from_secs(10),
            health_interval: Duration::from_secs(60),
            health_deadline: PROBE_DEADLINE,
            prune_after: PRUNED_AFTER,
        }
    }
}

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
    /// The task that accepts connections ended by itself.
    #[error("the server stopped serving: {0}")]
    Run(#[source] io::Error),
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    app: App,
    listener: TcpListener,
    base: Url,
    options: Options,
}

impl Server {
    /// Listens on `address`, which must be a loopback address; port 0 is any free one.
    ///
    /// # Errors
    /// If the address is not allowed, in use or unusable.
    pub async fn bind(address: SocketAddr, public_url: Option<Url>, jobs: Jobs) -> Result<Self, ServeError> {
        Self::bind_with(address, Options { public_url, ..Options::default() }, jobs).await
    }

    /// As [`Self::bind`], for a server that behaves as `options` say.
    ///
    /// # Errors
    /// If the address is not allowed, in use or unusable.
    pub async fn bind_with(address: SocketAddr, options: Options, jobs: Jobs) -> Result<Self, ServeError> {
        Self::start(listen(address)?, options, jobs)
    }

    /// As [`Self::bind`], with a listener that exists already and is on a loopback address.
    ///
    /// # Errors
    /// If the listener is unusable.
    pub fn on(listener: TcpListener, public_url: Option<Url>, jobs: Jobs) -> Result<Self, ServeError> {
        Self::start(listener, Options { public_url, ..Options::default() }, jobs)
    }

    fn start(listener: TcpListener, options: Options, jobs: Jobs) -> Result<Self, ServeError> {
        let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let address =
            listener.local_addr().map_err(|source| ServeError::Bind { address: unknown, source })?;
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        let url = format!("http://{address}/");
        let base = Url::parse(&url).map_err(|_| InvalidTarget::Url(url))?;
        let settings = Settings {
            public_url: options.public_url.clone().map(Arc::new),
            probe_deadline: options.health_deadline,
            ..Settings::new(address.port())
        };
        let app = App::new(settings, jobs);
        let token = app.access.sessions().probe_token();
        app.health.listen(Target::new(base.as_str(), Some(token.reveal()))?);
        if let Some(public) = &options.public_url {
            app.health.listen_at(public.as_str(), Target::new(public.as_str(), Some(token.reveal()))?);
        }
        let server = Self { app, listener, base, options };
        server.tell_address();
        Ok(server)
    }

    /// Writes the address to where `login-link` looks for it.
    fn tell_address(&self) {
        let path = self.app.jobs.data_dir().address();
        if let Err(error) = std::fs::write(&path, self.address().as_str()) {
            tracing::warn!(path = %path.display(), %error, "login-link will not find this server");
        }
    }

    /// The address that people use.
    fn address(&self) -> &Url {
        self.app.settings.public_url.as_deref().unwrap_or(&self.base)
    }

    /// The state that handlers share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The address that it listens on, as a URL.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// A new login link that works once, at the public address if there is one.
    pub fn login_link(&self) -> String {
        self.app.login_link(self.address())
    }

    /// Serves until `stop` is ready, then stops in bounded time: nothing new begins, rows in flight settle, clients are
    /// told when to come back, sockets and streams end, and last the listener closes.
    ///
    /// # Errors
    /// If accepting connections ends by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<Stopped, ServeError> {
        let Self { app, listener, options, .. } = self;
        raise_file_limit();
        let limit = options.max_connections.unwrap_or_else(default_limit);
        let realtime = app.realtime.clone();
        let load = Load::new(limit, move || realtime.websockets() + open_direct());
        let closing = CancellationToken::new();
        let serving = listen::serve(listener, router(app.clone()), load, closing.clone());
        let mut serving = AbortOnDropHandle::new(tokio::spawn(serving));
        let sessions = app.access.sessions().clone();
        let (health, interval) = (app.health.clone(), options.health_interval);
        let (jobs, days) = (app.jobs.clone(), options.prune_after);
        let background = (
            AbortOnDropHandle::new(tokio::spawn(async move { health.watch(interval).await })),
            AbortOnDropHandle::new(tokio::spawn(resume_interrupted(app.jobs.clone()))),
            AbortOnDropHandle::new(tokio::spawn(watch_lag())),
            AbortOnDropHandle::new(tokio::spawn(async move { jobs.prune_daily(days).await })),
            AbortOnDropHandle::new(tokio::spawn(async move { sessions.watch().await })),
        );
        tokio::select! {
            () = stop => {}
            result = &mut serving => {
                let ended = result.map_or_else(io::Error::other, |()| io::Error::other("it ended"));
                return Err(ServeError::Run(ended));
            }
        }
        tracing::info!(within = ?options.stop_within, "stopping");
        drop(background);
        app.stopping.cancel();
        let by = Instant::now() + options.stop_within;
        let shutting_down = shut_down(&app, &options, (serving, closing));
        if tokio::time::timeout_at(by, shutting_down).await.is_err() {
            tracing::warn!("connections that did not end in time were cut");
        }
        app.jobs.data_dir().forget_address();
        Ok(Stopped { by })
    }
}

/// A server that has stopped.
#[derive(Debug)]
pub struct Stopped {
    /// When the process is to be gone.
    pub by: Instant,
}

/// Ready when the process is told to stop (SIGINT, SIGTERM) after this was called, even before it is waited for.
///
/// # Errors
/// If the system does not let the process listen for signals.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + use<>> {
    // From here on a signal no longer ends the process by itself.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready when the process is told to stop (Ctrl-C) after this was called, even before it is waited for.
///
/// # Errors
/// If the system does not let the process listen for signals.
#[cfg(windows)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + use<>> {
    let mut interrupt = ctrl_c()?;
    Ok(async move { drop(interrupt.recv().await) })
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    engineio::listen(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse(address),
        _ => ServeError::Bind { address, source },
    })
}

async fn shut_down(
    app: &App,
    options: &Options,
    (serving, closing): (AbortOnDropHandle<()>, CancellationToken),
) {
    // Clients are told of the rows that settle now, so their connections end after that.
    let settling = options.stop_within.mul_f64(SETTLING);
    if tokio::time::timeout(settling, app.jobs.shut_down()).await.is_err() {
        tracing::warn!(
            "some rows in flight did not settle in time; they are looked up when the job is resumed"
        );
    }
    app.shutdown.cancel();
    let (leaving, farewell) = (options.stop_within.mul_f64(LEAVING), options.stop_within.mul_f64(FAREWELL));
    // Plain WebSockets are told by the token above; one that does not read is not waited for.
    let direct_leave = tokio::time::timeout(leaving + farewell, no_direct_left());
    let (_, ()) = tokio::join!(direct_leave, app.realtime.shut_down(leaving, farewell));
    // Until now clients could fetch what is theirs over new connections.
    closing.cancel();
    // Whether the listener ended well no longer matters.
    let _ = serving.await;
}

/// Waits until every plain WebSocket has written its last words and is gone.
async fn no_direct_left() {
    while open_direct() > 0 {
        tokio::time::sleep(LOOK).await;
    }
}

/// Between two looks at what is left.
const LOOK: Duration = Duration::from_millis(10);

/// The share of the time to stop that rows in flight get to settle.
const SETTLING: f64 = 0.8;

/// The share over which Socket.IO clients are sent away, one after the other.
const LEAVING: f64 = 0.1;

/// The share that they then get to take their last packets.
const FAREWELL: f64 = 0.05;

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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_that_comes_before_anybody_waits_for_it_counts() {
        let stop = stop_signal().unwrap();
        let own = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &own]).status().unwrap();
        assert!(sent.success());
        tokio::time::timeout(Duration::from_secs(60), stop).await.unwrap();
    }
}
