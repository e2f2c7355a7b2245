use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytestring::ByteString;
use engineio::Delivery;
use parking_lot::RwLock;
use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::EncodeError;

use crate::{
    AnswersFuture, Broadcast, ConnectContext, Emitted, EventContext, Handler, Outcome, RoomNames, SocketId,
    SocketRef, Verdict,
    handler::{self, EventHandler, erase, erase_middleware},
    recovery::Keeper,
    rooms::{Rooms, Target},
    server::{Server, Shared},
    wire::{self, Frames},
};

/// A namespace of a server. A clone is another handle to the same one.
#[derive(Clone)]
pub struct Namespace(pub(crate) Arc<Space>);

impl Namespace {
    /// The path, which begins with a slash.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Sends an event to all sockets; see [`Broadcast::emit`].
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Emitted {
        self.all().emit(event, data)
    }

    /// The sockets in these rooms.
    pub fn to(&self, rooms: impl RoomNames) -> Broadcast {
        self.all().to(rooms)
    }

    /// The same as [`Namespace::to`].
    pub fn within(&self, rooms: impl RoomNames) -> Broadcast {
        self.all().to(rooms)
    }

    /// All sockets but those in these rooms.
    pub fn except(&self, rooms: impl RoomNames) -> Broadcast {
        self.all().except(rooms)
    }

    /// All sockets; how long to wait for acknowledgements.
    pub fn timeout(&self, timeout: Duration) -> Broadcast {
        self.all().timeout(timeout)
    }

    /// As [`Broadcast::emit_with_ack`], of all sockets.
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> AnswersFuture<R> {
        self.all().emit_with_ack(event, data)
    }

    /// All sockets; events are dropped for those that are not ready.
    pub fn volatile(&self) -> Broadcast {
        self.all().volatile()
    }

    /// All sockets.
    pub fn all(&self) -> Broadcast {
        Broadcast::new(Arc::clone(&self.0))
    }

    /// The connected socket with this id.
    pub fn socket(&self, id: SocketId) -> Option<SocketRef> {
        self.0.rooms.socket(id)
    }

    /// How many sockets are connected.
    pub fn len(&self) -> usize {
        self.0.rooms.len()
    }

    /// Whether no socket is connected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rooms that have members, in no order.
    pub fn rooms(&self) -> Vec<Arc<str>> {
        self.0.rooms.names()
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Namespace").field(&self.path()).finish()
    }
}

/// Describes a namespace; it takes effect with [`NamespaceBuilder::on_connect`] or [`NamespaceBuilder::open`].
///
/// ```
/// use serde::Deserialize;
/// use socketio::{Ack, Auth, Config, Data, Refusal, SocketIo, SocketRef};
///
/// #[derive(Deserialize)]
/// struct Credentials {
///     token: String,
/// }
///
/// let io = SocketIo::new(Config::default());
/// io.namespace("/admin")
///     .middleware(async |Auth(credentials): Auth<Credentials>| {
///         if credentials.token == "open sesame" { Ok(()) } else { Err(Refusal::new("not authorised")) }
///     })
///     .on("echo", async |Data(text): Data<String>, ack: Ack| ack.send(&text))
///     .on_connect(async |socket: SocketRef| socket.emit("welcome", &socket.id()));
/// ```
#[must_use = "the namespace exists after `on_connect` or `open`"]
pub struct NamespaceBuilder {
    server: Arc<Server>,
    path: ByteString,
    setup: Setup,
}

impl NamespaceBuilder {
    pub(crate) fn new(server: Arc<Server>, path: ByteString) -> Self {
        Self { server, path, setup: Setup::default() }
    }

    /// Adds a function that lets a client join or refuses it. They run in order, before the connect handler.
    pub fn middleware<H, T: 'static>(mut self, middleware: H) -> Self
    where
        H: Handler<ConnectContext, T>,
        H::Output: Verdict,
    {
        self.setup.middleware.push(erase_middleware(middleware));
        self
    }

    /// Handles an event of every socket, at no cost per socket; [`SocketRef::on`] takes precedence.
    pub fn on<H, T: 'static>(mut self, event: impl Into<Cow<'static, str>>, handler: H) -> Self
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.setup.handlers.insert(event.into(), erase(handler));
        self
    }

    /// Handles the events that no other handler is for.
    pub fn on_fallback<H, T: 'static>(mut self, handler: H) -> Self
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.setup.handlers.fallback = Some(erase(handler));
        self
    }

    /// Opens the namespace, with a handler for each socket that joins.
    ///
    /// An existing namespace of this path gets the new description; its sockets stay.
    pub fn on_connect<H, T: 'static>(mut self, handler: H) -> Namespace
    where
        H: Handler<ConnectContext, T>,
        H::Output: Outcome,
    {
        self.setup.on_connect = Some(erase(handler));
        self.open()
    }

    /// Opens the namespace without such a handler.
    pub fn open(self) -> Namespace {
        Namespace(self.server.open(self.path, self.setup))
    }
}

impl fmt::Debug for NamespaceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamespaceBuilder").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What is behind the handles to a namespace.
pub(crate) struct Space {
    pub(crate) path: ByteString,
    pub(crate) rooms: Rooms,
    pub(crate) shared: Arc<Shared>,
    pub(crate) keeper: Option<Arc<Keeper>>,
    setup: RwLock<Arc<Setup>>,
    ack_ids: AtomicU64,
    keys: AtomicU64,
}

/// What the application said about a namespace.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) middleware: Vec<handler::Middleware<ConnectContext>>,
    pub(crate) on_connect: Option<EventHandler<ConnectContext>>,
    handlers: Handlers,
}

impl Space {
    pub(crate) fn new(path: ByteString, shared: Arc<Shared>) -> Self {
        let recovery = shared.config.recovery.clone();
        Self {
            path,
            rooms: Rooms::default(),
            keeper: recovery.map(|recovery| Keeper::new(recovery, &shared.config.engine)),
            shared,
            setup: RwLock::default(),
            ack_ids: AtomicU64::new(0),
            keys: AtomicU64::new(0),
        }
    }

    pub(crate) fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.read())
    }

    pub(crate) fn set_up(&self, setup: Setup) {
        *self.setup.write() = Arc::new(setup);
    }

    pub(crate) fn handler(&self, event: &str) -> Option<EventHandler<EventContext>> {
        self.setup.read().handlers.find(event)
    }

    /// Sends an event to the sockets that are meant.
    pub(crate) fn emit<T: Serialize + ?Sized>(
        &self,
        target: &Target,
        delivery: Delivery,
        event: &str,
        data: &T,
    ) -> Emitted {
        let mut emitted = Emitted::default();
        let mut fan_out = |frames: &Frames, position| {
            self.rooms.for_each(target, |socket| emitted.count(socket.send_at(frames, delivery, position)));
        };
        let written = match &self.keeper {
            None => self.encode(event, data).map(|frames| fan_out(&frames, None)),
            Some(keeper) => wire::Draft::event(&self.path, event, data)
                .map(|draft| keeper.publish(&draft, delivery, target, fan_out)),
        };
        match written {
            Ok(()) => emitted,
            Err(error) => self.not_written(event, error),
        }
    }

    /// Encodes an event without offset.
    pub(crate) fn encode<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<Frames, EncodeError> {
        wire::encode(|encoder| encoder.event(&self.path, None, event, data))
    }

    pub(crate) fn not_written(&self, event: &str, error: EncodeError) -> Emitted {
        tracing::error!(namespace = &*self.path, event, %error, "an event cannot be written");
        Emitted::failed(error)
    }

    pub(crate) fn next_key(&self) -> u64 {
        self.keys.fetch_add(1, Ordering::Relaxed)
    }

    /// Ids are unique within the namespace and not only for one socket, so that a broadcast can share one.
    pub(crate) fn next_ack_id(&self) -> u64 {
        self.ack_ids.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Handlers of events.
#[derive(Default)]
pub(crate) struct Handlers {
    /// A list, as there are few and a comparison of lengths rules out most.
    named: Vec<(Cow<'static, str>, EventHandler<EventContext>)>,
    pub(crate) fallback: Option<EventHandler<EventContext>>,
}

impl Handlers {
    pub(crate) fn insert(&mut self, event: Cow<'static, str>, handler: EventHandler<EventContext>) {
        match self.named.iter_mut().find(|(name, _)| *name == event) {
            Some((_, existing)) => *existing = handler,
            None => self.named.push((event, handler)),
        }
    }

    pub(crate) fn find(&self, event: &str) -> Option<EventHandler<EventContext>> {
        let named = self.named.iter().find(|(name, _)| name == event).map(|(_, handler)| handler);
        named.or(self.fallback.as_ref()).cloned()
    }
}
