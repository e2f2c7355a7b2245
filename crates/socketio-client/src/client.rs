use std::{collections::HashSet, fmt, sync::Arc, sync::atomic::Ordering};

use bytestring::ByteString;
use engineio_proto::{Transport, session::adaptive::ladder::Hint};
use parking_lot::Mutex;
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    AdaptiveStatus, Config, ConfigError, NamespaceBuilder, Socket,
    command::{Command, Shared},
    driver::Task,
    net::Net,
};

/// A client of one server, with one connection for all of its namespaces.
///
/// The connection is opened when the first namespace is wanted, and lives as long as this value: dropping it closes
/// everything in order, in the background; [`close`](Self::close) also waits for that.
///
/// ```no_run
/// use socketio_client::{Client, Config};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new("https://example.org", Config::default())?;
/// let (root, jobs) = (client.namespace("/").connect()?, client.namespace("/jobs").connect()?);
/// root.emit("hello", &())?;
/// jobs.emit("watch", &42)?;
/// client.close().await;
/// # Ok(()) }
/// ```
pub struct Client {
    shared: Arc<Shared>,
    namespaces: Mutex<HashSet<ByteString>>,
    status: watch::Receiver<Status>,
    adaptive: watch::Receiver<AdaptiveStatus>,
    task: JoinHandle<()>,
}

impl Client {
    /// A client of the server at `address`, such as `https://example.org:4443`. A query in it is part of every
    /// request.
    ///
    /// # Errors
    /// See [`ConfigError`].
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn new(address: &str, config: Config) -> Result<Self, ConfigError> {
        if config.transports.is_empty() {
            return Err(ConfigError::NoTransport);
        }
        let net = Net::new(address, &config)?;
        let (shared, commands) = Shared::new(config);
        let (sender, status) = watch::channel(Status::Idle);
        let (adaptive_sender, adaptive) = watch::channel(AdaptiveStatus::default());
        let task = Task::new(Arc::clone(&shared), net, commands, sender, adaptive_sender);
        let task = tokio::spawn(task.run());
        Ok(Self { shared, namespaces: Mutex::default(), status, adaptive, task })
    }

    /// Describes a socket for a namespace, such as `/`.
    pub fn namespace(&self, namespace: impl Into<String>) -> NamespaceBuilder<'_> {
        NamespaceBuilder::new(self, namespace.into())
    }

    /// What the connection is doing, to be read or waited for.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// How the adaptive transport is doing. A change of round-trip time and buffered bytes alone wakes nobody up;
    /// they are up to date whenever this is read.
    pub fn adaptive(&self) -> watch::Receiver<AdaptiveStatus> {
        self.adaptive.clone()
    }

    /// Says whether the application expects events, so that a carrier of the adaptive transport that goes mute is
    /// noticed after 3 s instead of the server's heartbeat; it costs a small packet every 1.5 s.
    pub fn expect_events(&self, expecting: bool) {
        self.shared.send(Command::Expect(expecting));
    }

    /// Tells the adaptive transport what the system says about the network.
    pub fn hint(&self, hint: Hint) {
        self.shared.send(Command::Hint(hint));
    }

    /// Bytes of events that wait to be sent, counted as for [`Config::max_queued_bytes`](crate::Config::max_queued_bytes).
    pub fn queued_bytes(&self) -> usize {
        self.shared.budget.used()
    }

    /// How many handlers have panicked.
    pub fn handler_panics(&self) -> u64 {
        self.shared.panics.load(Ordering::Relaxed)
    }

    /// Leaves all namespaces, sends what waits, and closes the connection; takes at most
    /// [`Config::close_timeout`](crate::Config::close_timeout). Handlers that still wait then are ended.
    pub async fn close(mut self) {
        self.shared.send(Command::Close);
        // The task does not panic; if the runtime has ended it, there is nothing left to close.
        let _ = (&mut self.task).await;
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Notes the namespace, if it is not open yet.
    pub(crate) fn register(&self, socket: &Socket) -> bool {
        self.namespaces.lock().insert(socket.0.namespace.clone())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.shared.send(Command::Close);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("status", &*self.status.borrow()).finish_non_exhaustive()
    }
}

/// What the connection of a client is doing.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// let mut status = client.status();
/// while status.changed().await.is_ok() {
///     println!("{:?}", *status.borrow_and_update());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The client is being closed, or gone.
    Closed,
    /// There is none, and none is tried.
    Idle,
    /// It is open, on this transport.
    Open(Transport),
    /// This transport is tried.
    Opening(Transport),
    /// It is lost, or could not be opened; the next attempt follows.
    Waiting,
}
