//! A server with a database and a simulator of its own, and raw clients for every transport.

pub(crate) mod http;
pub(crate) mod periodic;
pub(crate) mod socketio;
pub(crate) mod websocket;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use pingone_import::app::{App, Settings};
use pingone_import::jobs::{Connection, Jobs};
use pingone_import::router::router;
use pingone_import::serve::Server;
use pingone_import::store::Store;
use pingone_sim::{Options, Simulator};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Nothing here takes that long; a test that waits for something in vain fails instead of hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something that must happen.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// Jobs with a store and a simulator of their own.
pub(crate) struct World {
    pub(crate) jobs: Jobs,
    pub(crate) simulator: Simulator,
    dir: TempDir,
}

impl World {
    /// With a simulator that answers at once.
    pub(crate) async fn new() -> Self {
        Self::with(Options::default(), true, u64::MAX).await
    }

    /// With a simulator that takes some milliseconds for each request, so that a job lasts a while.
    pub(crate) async fn slow() -> Self {
        let latency = Duration::from_millis(5)..=Duration::from_millis(15);
        let options = Options { latency, rate_limit: Some(100.0), ..Options::default() };
        Self::with(options, true, u64::MAX).await
    }

    /// Without a connection to PingOne.
    pub(crate) async fn unconnected() -> Self {
        Self::with(Options::default(), false, u64::MAX).await
    }

    /// With files of at most so many bytes.
    pub(crate) async fn with_upload_limit(bytes: u64) -> Self {
        Self::with(Options::default(), true, bytes).await
    }

    async fn with(options: Options, connected: bool, max_upload: u64) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let mut config = pingone::Config::new(
            simulator.api_url.parse().unwrap(),
            simulator.auth_url.parse().unwrap(),
            simulator.environment,
            simulator.client_id.clone(),
            simulator.client_secret.clone(),
        );
        config.rate_ceiling = f64::INFINITY;
        let connection = connected.then(|| Connection::new(config, true).unwrap());
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        Self { jobs: Jobs::with_upload_limit(store, connection, max_upload), simulator, dir }
    }

    /// Users that PingOne has.
    pub(crate) fn user_count(&self) -> usize {
        self.simulator.user_count()
    }

    /// Files that were received and kept.
    pub(crate) fn kept_files(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("inputs")).unwrap().count()
    }

    /// The server, to be called in process.
    pub(crate) fn service(&self) -> Service {
        Service::new(App::new(Settings::new(4000), self.jobs.clone()))
    }

    /// The server, listening.
    pub(crate) async fn listen(&self) -> Listening {
        let server =
            Server::bind(SocketAddr::from(([127, 0, 0, 1], 0)), None, self.jobs.clone()).await.unwrap();
        Listening::start(server)
    }

    /// As [`Self::listen`], with a system that keeps little of what a client has not read.
    pub(crate) async fn listen_narrow(&self) -> Listening {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(8 * 1024).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Listening::start(Server::on(socket.listen(64).unwrap(), None, self.jobs.clone()).unwrap())
    }
}

/// A server without a listener.
pub(crate) struct Service {
    pub(crate) app: App,
    pub(crate) router: Router,
    /// The token of an open session.
    pub(crate) token: String,
}

impl Service {
    pub(crate) fn new(app: App) -> Self {
        let token = session(&app);
        Self { router: router(app.clone()), app, token }
    }
}

/// A server with a listener.
pub(crate) struct Listening {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    /// The token of an open session.
    pub(crate) token: String,
    stop: CancellationToken,
    task: AbortOnDropHandle<()>,
}

impl Listening {
    pub(crate) fn start(server: Server) -> Self {
        let app = server.app().clone();
        let port = server.base().port().unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(async move { assert!(server.run(stopped).await.is_ok()) });
        Self {
            token: session(&app),
            app,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            stop,
            task: AbortOnDropHandle::new(task),
        }
    }

    /// Tells the server to stop, and waits until it has heard.
    pub(crate) async fn begin_to_stop(&self) {
        self.stop.cancel();
        soon("the server to hear", self.app.stopping.cancelled()).await;
    }

    /// Stops the server as a signal would.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        soon("the server to stop", self.task).await.unwrap();
    }
}

fn session(app: &App) -> String {
    let sessions = app.access.sessions();
    let link = sessions.issue_link();
    sessions.redeem(link.reveal()).unwrap().session.reveal().to_owned()
}

/// A file of `count` users.
pub(crate) fn users(count: usize) -> String {
    let mut csv = String::from("username,email,given name,family name\n");
    for number in 1..=count {
        csv.push_str(&format!("user{number},user{number}@example.com,Given{number},Family{number}\n"));
    }
    csv
}
