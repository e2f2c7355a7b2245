use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use bytestring::ByteString;
use engineio::{CloseReason, Delivery, Sent, Transport};
use http::Extensions;
use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::{Args, Content};
use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    AckFuture, Broadcast, DisconnectContext, DisconnectReason, Emitted, Emitter, EventContext, Handler,
    Handshake, Namespace, Outcome, RoomNames, SocketId,
    connection::Connection,
    handler::{EventHandler, erase},
    namespace::{Handlers, Space},
    run::{self, What},
    server::Shared,
    wire::{self, Frames},
};

/// A client in a namespace. A clone is another handle to the same socket.
///
/// A handle may outlive the connection; then nothing can be sent, and nothing arrives.
///
/// ```
/// use socketio::{Ack, Config, Data, DisconnectReason, SocketIo, SocketRef};
///
/// let io = SocketIo::new(Config::default());
/// io.ns("/", async |socket: SocketRef| {
///     socket.join("lobby");
///     socket.on("say", async |socket: SocketRef, Data(text): Data<String>, ack: Ack| {
///         socket.to("lobby").emit("said", &(socket.id(), text));
///         ack.send(&());
///     });
///     socket.on_disconnect(async |socket: SocketRef, reason: DisconnectReason| {
///         socket.to("lobby").emit("left", &(socket.id(), reason.to_string()));
///     });
/// });
/// ```
#[derive(Clone)]
pub struct SocketRef(Arc<Inner>);

struct Inner {
    id: SocketId,
    /// Unique within the namespace, and cheaper to hash than the id.
    key: u64,
    phase: AtomicU8,
    space: Arc<Space>,
    connection: Arc<Connection>,
    handlers: Mutex<Handlers>,
    on_disconnect: Mutex<Option<EventHandler<DisconnectContext>>>,
    acks: Mutex<HashMap<u64, oneshot::Sender<Args>>>,
    data: Mutex<Extensions>,
}

/// Phases of a socket, in order.
const JOINING: u8 = 0;
const CONNECTED: u8 = 1;
const GONE: u8 = 2;

/// What applications do with a socket.
impl SocketRef {
    /// The public id: random, and not the id of the Engine.IO session.
    pub fn id(&self) -> SocketId {
        self.0.id
    }

    /// The namespace that the socket is in.
    pub fn namespace(&self) -> Namespace {
        Namespace(Arc::clone(&self.0.space))
    }

    /// The request that opened the connection.
    pub fn handshake(&self) -> &Handshake {
        &self.0.connection.handshake
    }

    /// How the client is connected at the moment.
    pub fn transport(&self) -> Transport {
        self.0.connection.engine.transport()
    }

    /// Bytes that wait because the client does not take them; far above zero, it is better to send it less.
    pub fn queued_bytes(&self) -> usize {
        self.0.connection.engine.queued_bytes()
    }

    /// Whether the socket is in its namespace: not in middleware any more, and not disconnected.
    pub fn is_connected(&self) -> bool {
        self.0.phase.load(Ordering::Acquire) == CONNECTED
    }

    /// Handles an event; the last handler registered under a name counts.
    ///
    /// A connect handler must do this before it first waits: events are held back until then, and no longer.
    pub fn on<H, T: 'static>(&self, event: impl Into<Cow<'static, str>>, handler: H)
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.0.handlers.lock().insert(event.into(), erase(handler));
    }

    /// Handles the events that no other handler is for.
    pub fn on_fallback<H, T: 'static>(&self, handler: H)
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.0.handlers.lock().fallback = Some(erase(handler));
    }

    /// Handles the end: the socket has left its rooms and nothing can be sent to it.
    pub fn on_disconnect<H, T: 'static>(&self, handler: H)
    where
        H: Handler<DisconnectContext, T>,
        H::Output: Outcome,
    {
        *self.0.on_disconnect.lock() = Some(erase(handler));
    }

    /// Sends an event.
    ///
    /// `data` becomes the arguments: a tuple or a fixed-size array is several, `()` is none, anything else is one.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Emitted {
        self.emit_as(event, data, Delivery::Reliable)
    }

    /// Sends an event and waits for the answer, at most [`Config::ack_timeout`](crate::Config::ack_timeout).
    ///
    /// The event is sent now; the future waits for the answer and reads it as an `R`, as [`Data`](crate::Data) does.
    ///
    /// ```
    /// # async fn example(socket: socketio::SocketRef) -> Result<(), socketio::AckError> {
    /// let (answer, reason): (bool, String) = socket.emit_with_ack("really?", &()).await?;
    /// # Ok(()) }
    /// ```
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> AckFuture<R> {
        self.emitter().emit_with_ack(event, data)
    }

    /// Events may be dropped when the client is not ready for them.
    #[must_use = "nothing happens before an event is emitted"]
    pub fn volatile(&self) -> Emitter {
        self.emitter().volatile()
    }

    /// How long to wait for an acknowledgement.
    #[must_use = "nothing happens before an event is emitted"]
    pub fn timeout(&self, timeout: Duration) -> Emitter {
        self.emitter().timeout(timeout)
    }

    /// The other sockets in these rooms.
    pub fn to(&self, rooms: impl RoomNames) -> Broadcast {
        self.broadcast().to(rooms)
    }

    /// The sockets in these rooms, this one included if it is in one of them.
    pub fn within(&self, rooms: impl RoomNames) -> Broadcast {
        Broadcast::new(Arc::clone(&self.0.space)).to(rooms)
    }

    /// The other sockets of the namespace without those in these rooms.
    pub fn except(&self, rooms: impl RoomNames) -> Broadcast {
        self.broadcast().except(rooms)
    }

    /// The other sockets of the namespace.
    pub fn broadcast(&self) -> Broadcast {
        Broadcast::without(Arc::clone(&self.0.space), self)
    }

    /// Joins rooms. A socket that is gone joins none.
    pub fn join(&self, rooms: impl RoomNames) {
        rooms.each(|name| self.0.space.rooms.join(self, name));
    }

    /// Leaves rooms.
    pub fn leave(&self, rooms: impl RoomNames) {
        rooms.each(|name| self.0.space.rooms.leave(self, name));
    }

    /// The rooms that the socket joined; the one that bears its id is not listed.
    pub fn rooms(&self) -> Vec<Arc<str>> {
        self.0.space.rooms.of(self)
    }

    /// Leaves the namespace; with `close` the whole connection ends, and with it the client's other sockets.
    pub fn disconnect(&self, close: bool) {
        if close {
            self.0.connection.disconnect();
        } else {
            self.leave_namespace();
        }
    }

    /// Keeps a value with the socket, one of each type; gives the one that it replaces.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        self.0.data.lock().insert(value)
    }

    /// A clone of the value of this type that [`SocketRef::insert`] kept.
    pub fn data<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.0.data.lock().get().cloned()
    }

    fn emitter(&self) -> Emitter {
        Emitter {
            socket: self.clone(),
            delivery: Delivery::Reliable,
            timeout: self.shared().config.ack_timeout,
        }
    }
}

/// What the rest of the crate does with a socket.
impl SocketRef {
    pub(crate) fn new(connection: Arc<Connection>, space: Arc<Space>) -> Self {
        Self(Arc::new(Inner {
            id: SocketId::random(),
            key: space.next_key(),
            phase: AtomicU8::new(JOINING),
            space,
            connection,
            handlers: Mutex::default(),
            on_disconnect: Mutex::default(),
            acks: Mutex::default(),
            data: Mutex::default(),
        }))
    }

    pub(crate) fn key(&self) -> u64 {
        self.0.key
    }

    pub(crate) fn space(&self) -> &Arc<Space> {
        &self.0.space
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.0.connection
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.space.shared
    }

    pub(crate) fn namespace_path(&self) -> &str {
        &self.0.space.path
    }

    pub(crate) fn close_connection(&self, reason: CloseReason) {
        self.0.connection.engine.close(reason);
    }

    pub(crate) fn emit_as<T: Serialize + ?Sized>(
        &self,
        event: &str,
        data: &T,
        delivery: Delivery,
    ) -> Emitted {
        let namespace = self.namespace_path();
        match wire::encode(|encoder| encoder.event(namespace, None, event, data)) {
            Ok(frames) => self.send(&frames, delivery).into(),
            Err(error) => {
                tracing::error!(namespace, event, %error, "an event cannot be written");
                Emitted::failed(error)
            }
        }
    }

    /// Sends a packet, unless the socket is not in its namespace.
    pub(crate) fn send(&self, frames: &Frames, delivery: Delivery) -> Sent {
        if self.is_connected() {
            self.0.connection.engine.send_prepared(frames, delivery)
        } else {
            Sent::Dropped
        }
    }

    /// The socket is in its namespace from now on; `false` if it is gone already.
    pub(crate) fn connected(&self) -> bool {
        self.0.phase.compare_exchange(JOINING, CONNECTED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Takes a packet of the client, other than CONNECT.
    pub(crate) fn receive(&self, content: Content) {
        match content {
            Content::Event { id, name, args } => self.event(id, name, args),
            Content::Ack { id, args } => self.acknowledged(id, args),
            Content::Disconnect => {
                self.0.connection.forget(self);
                self.gone(DisconnectReason::ClientNamespaceDisconnect);
            }
            // A client has nothing to connect or to refuse here.
            Content::Connect { .. } | Content::ConnectError { .. } => {
                self.close_connection(CloseReason::ForcedClose);
            }
        }
    }

    /// Leaves the namespace and tells the client.
    pub(crate) fn leave_namespace(&self) {
        let namespace = self.namespace_path();
        if let Ok(frames) = wire::encode(|encoder| encoder.disconnect(namespace)) {
            let _ = self.send(&frames, Delivery::Reliable);
        }
        self.0.connection.forget(self);
        self.gone(DisconnectReason::ServerNamespaceDisconnect);
    }

    /// Middleware decided that the socket may not join.
    pub(crate) fn refused(&self) {
        self.0.phase.store(GONE, Ordering::Release);
        self.0.space.rooms.remove(self);
    }

    /// The socket is not in its namespace any more. Only the first call counts.
    pub(crate) fn gone(&self, reason: DisconnectReason) {
        let before = self.0.phase.swap(GONE, Ordering::AcqRel);
        if before == GONE {
            return;
        }
        self.0.space.rooms.remove(self);
        // Handlers may hold handles to this socket; letting go of them breaks the circle.
        let handlers = std::mem::take(&mut *self.0.handlers.lock());
        drop(handlers);
        let acks = std::mem::take(&mut *self.0.acks.lock());
        drop(acks);
        let handler = self.0.on_disconnect.lock().take();
        if let (CONNECTED, Some(handler)) = (before, handler) {
            // The caller may be any thread of the application.
            let _entered = self.shared().runtime.get().map(Handle::enter);
            let mut context = DisconnectContext { socket: self.clone(), reason };
            run::start(self, What::Disconnect, || handler.call(&mut context));
        }
    }

    pub(crate) fn next_ack_id(&self) -> u64 {
        self.0.space.next_ack_id()
    }

    /// Waits for the answer with this id; `None` if the socket is not in its namespace.
    pub(crate) fn expect_ack(&self, id: u64) -> Option<oneshot::Receiver<Args>> {
        let (sender, receiver) = oneshot::channel();
        let mut acks = self.0.acks.lock();
        // Within the lock, as `gone` empties the list after it changed the phase.
        self.is_connected().then(|| acks.insert(id, sender))?;
        Some(receiver)
    }

    pub(crate) fn forget_ack(&self, id: u64) {
        self.0.acks.lock().remove(&id);
    }

    fn event(&self, ack: Option<u64>, name: ByteString, args: Args) {
        if !self.is_connected() {
            return;
        }
        let own = self.0.handlers.lock().find(&name);
        let Some(handler) = own.or_else(|| self.0.space.handler(&name)) else {
            tracing::debug!(namespace = self.namespace_path(), event = &*name, "no handler");
            return;
        };
        let what = What::Event(name.clone());
        let mut context = EventContext { socket: self.clone(), name, args, ack };
        run::start(self, what, || handler.call(&mut context));
    }

    fn acknowledged(&self, id: u64, args: Args) {
        let waiting = self.0.acks.lock().remove(&id);
        match waiting {
            // The receiver may be gone in this moment, which is all the same.
            Some(waiting) => drop(waiting.send(args)),
            None => tracing::debug!(namespace = self.namespace_path(), id, "an answer to no question"),
        }
    }
}

impl PartialEq for SocketRef {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SocketRef {}

impl fmt::Debug for SocketRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketRef")
            .field("id", &self.0.id)
            .field("namespace", &self.namespace_path())
            .finish()
    }
}
