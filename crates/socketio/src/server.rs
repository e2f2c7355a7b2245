use std::{
    fmt,
    sync::{Arc, OnceLock, atomic::Ordering},
    time::Duration,
};

use engineio::{CloseReason, EngineIo};
use http::{Extensions, request::Parts};
use serde::{Serialize, de::DeserializeOwned};
use tokio::runtime::Handle;

use crate::{
    Adapter, AnswersFuture, Broadcast, Config, ConnectContext, Dynamic, Emitted, Gateway, Gathered,
    Gathering, Handler, Local, Namespace, NamespaceBuilder, Outcome, RemoteSocket, RoomNames,
    cluster::Connect, deadlines::Deadlines, gateway::Gate, handshake::Keeper, namespace::Setup,
    spaces::Spaces, stats::Counters,
};

/// A Socket.IO server. A clone is another handle to the same server.
///
/// Methods that name no namespace mean `/`, which always exists.
///
/// ```
/// use socketio::{Ack, Config, Data, SocketIo, SocketRef};
///
/// let io = SocketIo::new(Config::default());
/// io.ns("/", async |socket: SocketRef| {
///     socket.join("news");
///     socket.on("echo", async |Data(text): Data<String>, ack: Ack| ack.send(&text));
/// });
/// let service = io.service(); // A tower service, to be routed at `/socket.io/`.
/// io.to("news").emit("headline", "it rains");
/// ```
#[derive(Clone)]
pub struct SocketIo {
    server: Arc<Server>,
    root: Namespace,
    engine: EngineIo<Gateway>,
}

impl SocketIo {
    /// A server without state.
    pub fn new(config: Config) -> Self {
        Self::builder().config(config).build()
    }

    /// Describes a server.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Opens a namespace with a handler for each socket that joins; short for
    /// [`namespace(path)`](Self::namespace)[`.on_connect(handler)`](NamespaceBuilder::on_connect).
    ///
    /// # Panics
    /// As [`SocketIo::namespace`].
    pub fn ns<H, T: 'static>(&self, path: &str, on_connect: H) -> Namespace
    where
        H: Handler<ConnectContext, T>,
        H::Output: Outcome,
    {
        self.namespace(path).on_connect(on_connect)
    }

    /// Describes a namespace.
    ///
    /// # Panics
    /// The path does not begin with a slash, or holds a comma, which ends it on the wire.
    pub fn namespace(&self, path: &str) -> NamespaceBuilder {
        assert!(
            path.starts_with('/') && !path.contains(','),
            "a namespace begins with a slash and holds no comma: {path:?}"
        );
        NamespaceBuilder::fixed(Arc::clone(&self.server.spaces), path.into())
    }

    /// Describes all namespaces whose path a function accepts, such as one for each tenant.
    ///
    /// They are made when a client asks for them, share what is described here, and end with their last socket.
    /// The function decides about names only; who may join is for [`NamespaceBuilder::middleware`] to say.
    pub fn dynamic(
        &self,
        accepts: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> NamespaceBuilder<Dynamic> {
        NamespaceBuilder::dynamic(Arc::clone(&self.server.spaces), Box::new(accepts))
    }

    /// The namespace of this path, if it was opened.
    pub fn of(&self, path: &str) -> Option<Namespace> {
        self.server.spaces.find(path).map(Namespace)
    }

    /// The namespace `/`.
    pub fn root(&self) -> &Namespace {
        &self.root
    }

    /// The service to be routed at the path of [`Config::engine`], `/socket.io/` by default.
    pub fn service(&self) -> EngineIo<Gateway> {
        self.engine.clone()
    }

    /// The transport below, for its counters.
    pub fn engine(&self) -> &EngineIo<Gateway> {
        &self.engine
    }

    /// How many handlers have panicked.
    pub fn handler_panics(&self) -> u64 {
        self.server.shared.counters.panics.load(Ordering::Relaxed)
    }

    /// How many events were dropped because their arguments did not fit the handler, or middleware refused them.
    ///
    /// Each is logged at debug level, without its arguments.
    pub fn rejected_events(&self) -> u64 {
        self.server.shared.counters.rejected.load(Ordering::Relaxed)
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// Ends all connections at once; clients will try to come back. [`SocketIo::shutdown`] is kinder to those after us.
    pub fn close(&self) {
        self.engine.close(CloseReason::ServerShutdown);
    }

    /// Sends an event to all sockets; see [`Broadcast::emit`].
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Emitted {
        self.root.emit(event, data)
    }

    /// The sockets in these rooms.
    pub fn to(&self, rooms: impl RoomNames) -> Broadcast {
        self.root.to(rooms)
    }

    /// The same as [`SocketIo::to`].
    pub fn within(&self, rooms: impl RoomNames) -> Broadcast {
        self.root.to(rooms)
    }

    /// All sockets but those in these rooms.
    pub fn except(&self, rooms: impl RoomNames) -> Broadcast {
        self.root.except(rooms)
    }

    /// All sockets; how long to wait for acknowledgements.
    pub fn timeout(&self, timeout: Duration) -> Broadcast {
        self.root.timeout(timeout)
    }

    /// As [`Broadcast::emit_with_ack`], of all sockets.
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> AnswersFuture<R> {
        self.root.emit_with_ack(event, data)
    }

    /// All sockets; events are dropped for those that are not ready.
    pub fn volatile(&self) -> Broadcast {
        self.root.volatile()
    }

    /// All sockets; whether events may be compressed for them, see [`Broadcast::compress`].
    pub fn compress(&self, compress: bool) -> Broadcast {
        self.root.compress(compress)
    }

    /// All sockets of this server.
    pub fn local(&self) -> Broadcast {
        self.root.local()
    }

    /// All sockets, those of other servers included; see [`Broadcast::fetch_sockets`].
    pub fn fetch_sockets(&self) -> Gathering<Gathered<RemoteSocket>> {
        self.root.fetch_sockets()
    }

    /// Makes all sockets join rooms.
    pub fn sockets_join(&self, rooms: impl RoomNames) {
        self.root.sockets_join(rooms);
    }

    /// Makes all sockets leave rooms.
    pub fn sockets_leave(&self, rooms: impl RoomNames) {
        self.root.sockets_leave(rooms);
    }

    /// Disconnects all sockets from the namespace; with `close` their connections too.
    pub fn disconnect_sockets(&self, close: bool) {
        self.root.disconnect_sockets(close);
    }
}

impl fmt::Debug for SocketIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIo").finish_non_exhaustive()
    }
}

/// Describes a server before it exists.
///
/// ```
/// use socketio::{Config, SocketIo};
///
/// let io = SocketIo::builder().config(Config::default()).state(7_u8).build();
/// ```
#[derive(Default)]
#[must_use = "the server exists after `build`"]
pub struct Builder {
    config: Config,
    state: Extensions,
    keepers: Vec<Keeper>,
    gate: Option<Gate>,
    adapter: Option<Connect>,
}

impl Builder {
    /// How the server behaves.
    pub fn config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// Gives handlers a value, one of each type; they take it as [`State`](crate::State).
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, state: T) -> Self {
        self.state.insert(state);
        self
    }

    /// Keeps an extension of opening requests, such as who the user is, for [`Extension`](crate::Extension).
    ///
    /// Others are dropped once the connection is open, as most only matter to the HTTP server.
    pub fn keep_extension<T: Clone + Send + Sync + 'static>(mut self) -> Self {
        self.keepers.push(|from, to| {
            if let Some(extension) = from.get::<T>() {
                to.insert(extension.clone());
            }
        });
        self
    }

    /// Asks before a request opens a connection; a refused one gets status 403 and the text of the error.
    ///
    /// The future cannot borrow the request: what it needs is taken from it before.
    ///
    /// ```
    /// use socketio::SocketIo;
    ///
    /// let io = SocketIo::builder().allow_request(|request| {
    ///     let is_known = request.headers.contains_key("cookie");
    ///     async move { if is_known { Ok(()) } else { Err("log in first") } }
    /// });
    /// ```
    pub fn allow_request<F, Fut, E>(self, allow: F) -> Self
    where
        F: Fn(&Parts) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        let gate: Gate = Box::new(move |request| {
            let judging = allow(request);
            Box::pin(async move { judging.await.map_err(|error| error.to_string()) })
        });
        Self { gate: Some(gate), ..self }
    }

    /// Connects the server with others to a cluster; `connect` makes the adapter of each namespace.
    ///
    /// It is called in the middle of making a namespace and must not call the server back, nor wait; an adapter starts
    /// tasks for that.
    pub fn adapter<A: Adapter>(self, connect: impl Fn(Local) -> A + Send + Sync + 'static) -> Self {
        Self { adapter: Some(Box::new(move |local| Arc::new(connect(local)))), ..self }
    }

    /// Makes the server.
    pub fn build(self) -> SocketIo {
        let Self { config, state, keepers, gate, adapter } = self;
        let engine_config = config.engine.clone();
        let (counters, runtime) = (Counters::default(), OnceLock::new());
        let shared = Arc::new(Shared { config, state, keepers, gate, adapter, counters, runtime });
        let spaces = Spaces::new(Arc::clone(&shared));
        let server = Arc::new(Server { shared, spaces, deadlines: Arc::default() });
        let root = Namespace(server.spaces.open("/".into(), Setup::default()));
        let engine = EngineIo::new(engine_config, Gateway::new(Arc::clone(&server)));
        SocketIo { server, root, engine }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What is behind the handles to a server.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) deadlines: Arc<Deadlines>,
    pub(crate) spaces: Arc<Spaces>,
}

/// What namespaces and sockets need of their server.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) state: Extensions,
    pub(crate) keepers: Vec<Keeper>,
    pub(crate) gate: Option<Gate>,
    pub(crate) adapter: Option<Connect>,
    pub(crate) counters: Counters,
    /// The runtime of the first connection.
    pub(crate) runtime: OnceLock<Handle>,
}
