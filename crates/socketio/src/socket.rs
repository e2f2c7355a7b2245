mod lifecycle;
mod observing;
mod recovering;

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

use engineio::{Tier, Transport};
use http::Extensions;
use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::{EncodeError, Value};

use crate::{
    AckFuture, Broadcast, DisconnectContext, Emitted, Emitter, EventContext, Handler, Handshake, Namespace,
    Outcome, RoomNames, SocketId,
    ack::Waiter,
    connection::Connection,
    emit::Flags,
    handler::{EventHandler, erase},
    namespace::{Handlers, Space},
};
use recovering::Recovering;

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
    recovering: Option<Box<Recovering>>,
    handlers: Mutex<Handlers>,
    on_disconnect: Mutex<Option<EventHandler<DisconnectContext>>>,
    acks: Mutex<HashMap<u64, Waiter>>,
    data: Mutex<Extensions>,
}

/// What [`SocketRef::share`] keeps.
#[derive(Clone)]
struct SharedData(Value);

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

    /// What carries the session of an adaptive client at the moment; `None` between two carriers, and for clients of
    /// the standard transports.
    pub fn tier(&self) -> Option<Tier> {
        self.0.connection.engine.tier()
    }

    /// Asks an adaptive client for this time between two requests, if neither a WebSocket nor long-polling works for
    /// it; the client learns it with its next request. Default 5 s: a shorter one, while something goes on that
    /// interests the client, shows events sooner and costs more requests.
    pub fn set_poll_period(&self, period: Duration) {
        self.0.connection.engine.set_poll_period(period);
    }

    /// Bytes that wait because the client does not take them; far above zero, it is better to send it less.
    pub fn queued_bytes(&self) -> usize {
        self.0.connection.engine.queued_bytes()
    }

    /// Waits until the client has taken what was sent to it so far; `false` if the connection ends before that.
    ///
    /// On a WebSocket a PING is sent behind it, which every client answers by itself. With other transports it is the
    /// first moment at which nothing is under way, which under a steady stream of events may take a while. What the
    /// client made of an event only an acknowledgement can tell.
    ///
    /// ```
    /// # async fn example(socket: socketio::SocketRef) {
    /// socket.emit("moved", &"https://elsewhere.example");
    /// socket.delivered().await;
    /// socket.disconnect(true);
    /// # }
    /// ```
    pub fn delivered(&self) -> impl Future<Output = bool> + Send + use<> {
        self.0.connection.engine.delivered()
    }

    /// Whether the socket is in its namespace: not in middleware any more, and not disconnected.
    pub fn is_connected(&self) -> bool {
        self.0.phase.load(Ordering::Acquire) == CONNECTED
    }

    /// Whether the client came back and got its id, rooms, data and missed events.
    ///
    /// It is a new socket all the same: the connect handler is called again, and handlers must be registered again.
    /// Always `false` without [`Config::recovery`](crate::Config::recovery).
    pub fn recovered(&self) -> bool {
        self.0.recovering.as_ref().is_some_and(|recovering| recovering.recovered)
    }

    /// Handles an event; the last handler registered under a name counts.
    ///
    /// A connect handler must do this before it first waits: events are held back until then, and no longer.
    pub fn on<H, T: 'static>(&self, event: impl Into<Cow<'static, str>>, handler: H)
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        let mut handlers = self.0.handlers.lock();
        if !self.is_gone() {
            handlers.insert(event.into(), erase(handler));
        }
    }

    /// Handles an event no more; what is running goes on.
    pub fn off(&self, event: &str) {
        self.0.handlers.lock().remove(event);
    }

    /// Handles the events that no other handler is for.
    pub fn on_fallback<H, T: 'static>(&self, handler: H)
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        let mut handlers = self.0.handlers.lock();
        if !self.is_gone() {
            handlers.fallback = Some(erase(handler));
        }
    }

    /// Handles the end: the socket has left its rooms and nothing can be sent to it.
    pub fn on_disconnect<H, T: 'static>(&self, handler: H)
    where
        H: Handler<DisconnectContext, T>,
        H::Output: Outcome,
    {
        let mut on_disconnect = self.0.on_disconnect.lock();
        if !self.is_gone() {
            *on_disconnect = Some(erase(handler));
        }
    }

    /// Sends an event.
    ///
    /// `data` becomes the arguments: a tuple or a fixed-size array is several, `()` is none, anything else is one.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Emitted {
        self.emit_as(event, data, Flags::default())
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

    /// Whether the event may be compressed; see [`Broadcast::compress`].
    #[must_use = "nothing happens before an event is emitted"]
    pub fn compress(&self, compress: bool) -> Emitter {
        self.emitter().compress(compress)
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

    /// Keeps a value with the socket that other servers see too, as [`RemoteSocket::data`](crate::RemoteSocket).
    ///
    /// # Errors
    /// The value has no JSON form.
    pub fn share<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), EncodeError> {
        self.insert(SharedData(Value::new(value)?));
        Ok(())
    }

    pub(crate) fn shared_data(&self) -> Value {
        self.data().map_or_else(|| Value::Object(Vec::new()), |SharedData(value)| value)
    }

    /// Asked within the locks of handlers, which [`SocketRef::gone`] empties after it changed the phase:
    /// a handler that came later would hold its socket, and the socket its handler, for ever.
    fn is_gone(&self) -> bool {
        self.0.phase.load(Ordering::Acquire) == GONE
    }

    fn emitter(&self) -> Emitter {
        Emitter { socket: self.clone(), flags: Flags::default(), timeout: self.shared().config.ack_timeout }
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
