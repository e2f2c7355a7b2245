use std::net::SocketAddr;

use engineio_proto::{CloseReason, Message};
use http::request::Parts;

use crate::Socket;

/// What happens with new sessions.
pub trait Handler: Send + Sync + 'static {
    /// What is kept for each session.
    type Connection: Connection;

    /// A session opened with this request, which is dropped unless the handler keeps it.
    ///
    /// The peer's address is in the request's extensions as [`PeerAddr`] if [`serve`](crate::serve) accepted the
    /// connection, or as whatever the surrounding server puts there.
    fn open(&self, socket: Socket, request: Parts) -> Self::Connection;
}

/// What happens with one session. The methods are called one at a time, in order, inside the runtime.
pub trait Connection: Send + Sync + 'static {
    /// A message arrived.
    fn message(&self, message: Message);

    /// The session is over; the last call.
    fn close(&self, reason: CloseReason);
}

/// Address of the client, as [`serve`](crate::serve) sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);
