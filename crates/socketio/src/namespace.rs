mod builder;
pub use builder::{Dynamic, Fixed, NamespaceBuilder};

mod handlers;
pub(crate) use handlers::{Handlers, Outgoing, Plan};

mod space;
pub(crate) use space::{Setup, Space};

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{AnswersFuture, Broadcast, Emitted, RoomNames, SocketId, SocketRef};

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
