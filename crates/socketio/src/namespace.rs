mod builder;
pub use builder::{Dynamic, Fixed, NamespaceBuilder};

mod handlers;
pub use handlers::ListenerId;
pub(crate) use handlers::{Handlers, Listeners, Outgoing, Plan};

mod space;
pub(crate) use space::{Setup, Space};

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::EncodeError;

use crate::{
    AnswersFuture, Broadcast, Emitted, Event, Gathered, Gathering, Message, RemoteSocket, Request, Response,
    RoomNames, SocketId, SocketRef,
};

/// A namespace of a server. A clone is another handle to the same one.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// # let io = SocketIo::new(Config::default());
/// let news = io.namespace("/news").open();
/// news.to("sports").emit("headline", "it rains");
/// println!("{} sockets in {}", news.len(), news.path());
/// ```
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

    /// All sockets; whether events may be compressed for them, see [`Broadcast::compress`].
    pub fn compress(&self, compress: bool) -> Broadcast {
        self.all().compress(compress)
    }

    /// All sockets of this server.
    pub fn local(&self) -> Broadcast {
        self.all().local()
    }

    /// All sockets, those of other servers included; see [`Broadcast::fetch_sockets`].
    pub fn fetch_sockets(&self) -> Gathering<Gathered<RemoteSocket>> {
        self.all().fetch_sockets()
    }

    /// Makes all sockets join rooms.
    pub fn sockets_join(&self, rooms: impl RoomNames) {
        self.all().sockets_join(rooms);
    }

    /// Makes all sockets leave rooms.
    pub fn sockets_leave(&self, rooms: impl RoomNames) {
        self.all().sockets_leave(rooms);
    }

    /// Disconnects all sockets from the namespace; with `close` their connections too.
    pub fn disconnect_sockets(&self, close: bool) {
        self.all().disconnect_sockets(close);
    }

    /// The rooms that have members on any server, in no order, each once.
    pub fn all_rooms(&self) -> Gathering<Gathered<String>> {
        let own: Vec<_> = self.rooms().iter().map(|name| name.to_string()).collect();
        let gathering = self.0.gather(self.0.adapter.as_ref().map(|_| Request::Rooms), own, |response| {
            if let Response::Rooms(rooms) = response { Some(rooms) } else { None }
        });
        Gathering::new(async move {
            let mut gathered = gathering.await;
            gathered.values.sort_unstable();
            gathered.values.dedup();
            gathered
        })
    }

    /// Emits an event to the applications of the other servers; see [`NamespaceBuilder::on_server_side`].
    ///
    /// # Errors
    /// The event cannot be written.
    pub fn server_side_emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<(), EncodeError> {
        let event = Event::new(event.to_owned(), data)?;
        if let Some(adapter) = &self.0.adapter {
            adapter.publish(Message::ServerSideEmit { event });
        }
        Ok(())
    }

    /// As [`Namespace::server_side_emit`], and waits for the answers, at most
    /// [`Config::cluster_timeout`](crate::Config::cluster_timeout).
    ///
    /// ```
    /// # async fn example(io: socketio::SocketIo) -> Result<(), socketio::EncodeError> {
    /// let versions = io.root().server_side_emit_with_ack::<String>("version?", &())?.await;
    /// println!("{:?}, {} say nothing", versions.values, versions.missing_servers);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The event cannot be written, and nobody was asked.
    pub fn server_side_emit_with_ack<R: DeserializeOwned + Send + 'static>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> Result<Gathering<Gathered<R>>, EncodeError> {
        let event = Event::new(event.to_owned(), data)?;
        let request = self.0.adapter.as_ref().map(|_| Request::ServerSideEmit { event });
        Ok(self.0.gather(request, Vec::new(), |response| match response {
            Response::ServerSideEmit(args) => args.deserialize().ok().map(|answer| vec![answer]),
            _ => None,
        }))
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
