use std::net::SocketAddr;

use bytes::Bytes;
use engineio_proto::{CloseReason, Message};
use http::{HeaderMap, Method, Response, request::Parts};

use crate::Socket;

/// What happens with new sessions.
///
/// ```
/// use engineio::{CloseReason, Connection, Handler, Message, Refusal, Socket};
/// use http::request::Parts;
///
/// /// Lets in whoever has a cookie, and welcomes them.
/// struct Door;
///
/// impl Handler for Door {
///     type Connection = Guest;
///
///     async fn allow(&self, request: &Parts) -> Result<(), Refusal> {
///         match request.headers.contains_key("cookie") {
///             true => Ok(()),
///             false => Err(Refusal { message: "log in first".to_owned() }),
///         }
///     }
///
///     fn open(&self, socket: Socket, _: Parts) -> Guest {
///         let _ = socket.send(&"welcome".into());
///         Guest
///     }
/// }
///
/// struct Guest;
///
/// impl Connection for Guest {
///     fn message(&self, message: Message) {
///         println!("{message:?}");
///     }
///
///     fn close(&self, reason: CloseReason) {
///         println!("{reason}");
///     }
/// }
/// ```
pub trait Handler: Send + Sync + 'static {
    /// What is kept for each session.
    type Connection: Connection;

    /// Decides whether a request may open a session; others are not asked about. By default all may.
    fn allow(&self, request: &Parts) -> impl Future<Output = Result<(), Refusal>> + Send {
        let _ = request;
        std::future::ready(Ok(()))
    }

    /// A file below the path of the endpoint, such as the JavaScript client; `name` is what follows the path. By default
    /// there is none.
    fn file(&self, name: &str, method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
        let _ = (name, method, headers);
        None
    }

    /// A session opened with this request, which is dropped unless the handler keeps it.
    ///
    /// The peer's address is in the request's extensions as [`PeerAddr`] if [`serve`](crate::serve()) accepted the
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

/// What a client is told whose request [`Handler::allow`] refuses: status 403, code 4 and this message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The message.
    pub message: String,
}

/// Address of the client, as [`serve`](crate::serve()) sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);
