use bytestring::ByteString;
use socketio_proto::Args;

use crate::{Ack, DisconnectReason, Handshake, SocketRef};

/// What every handler can extract from.
///
/// ```
/// use socketio::{Context, Extract, ExtractError};
///
/// /// The path of the namespace, for handlers of any kind.
/// struct Path(String);
///
/// impl<C: Context> Extract<C> for Path {
///     fn extract(context: &mut C) -> Result<Self, ExtractError> {
///         Ok(Self(context.socket().namespace().path().to_owned()))
///     }
/// }
/// ```
pub trait Context {
    /// The socket that the handler runs for.
    fn socket(&self) -> &SocketRef;
}

/// A client joins a namespace: what middleware and connect handlers extract from.
///
/// ```
/// use socketio::{ConnectContext, Extract, ExtractError};
///
/// /// Whether the client sent credentials, from the same network.
/// struct Local(bool);
///
/// impl Extract<ConnectContext> for Local {
///     fn extract(context: &mut ConnectContext) -> Result<Self, ExtractError> {
///         let is_local = context.handshake().peer().is_some_and(|peer| peer.ip().is_loopback());
///         Ok(Self(is_local && context.auth().is_some()))
///     }
/// }
///
/// # let io = socketio::SocketIo::new(socketio::Config::default());
/// io.namespace("/admin")
///     .middleware(async |Local(is_local): Local| if is_local { Ok(()) } else { Err("not from there") })
///     .open();
/// ```
#[derive(Debug)]
pub struct ConnectContext {
    pub(crate) socket: SocketRef,
    pub(crate) auth: Option<ByteString>,
}

impl ConnectContext {
    /// The JSON text of the credentials that the client sent with its CONNECT, an object.
    pub fn auth(&self) -> Option<&str> {
        self.auth.as_deref()
    }

    /// The request that opened the connection.
    pub fn handshake(&self) -> &Handshake {
        self.socket.handshake()
    }
}

/// An event arrived: what event handlers extract from.
///
/// ```
/// use socketio::{EventContext, Extract, ExtractError};
///
/// /// How many arguments an event has.
/// struct Count(usize);
///
/// impl Extract<EventContext> for Count {
///     fn extract(context: &mut EventContext) -> Result<Self, ExtractError> {
///         Ok(Self(context.args().len()))
///     }
/// }
/// ```
#[derive(Debug)]
pub struct EventContext {
    pub(crate) socket: SocketRef,
    pub(crate) name: ByteString,
    pub(crate) args: Args,
    pub(crate) ack: Option<u64>,
}

impl EventContext {
    /// The name of the event.
    pub fn name(&self) -> &ByteString {
        &self.name
    }

    /// The arguments of the event.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// The means to acknowledge the event; the first call takes it, later ones get one that does nothing.
    pub fn take_ack(&mut self) -> Ack {
        Ack::new(self.socket.clone(), self.ack.take())
    }
}

/// A socket left its namespace: what disconnect handlers extract from.
///
/// ```
/// use socketio::{DisconnectContext, DisconnectReason, Extract, ExtractError, engineio::CloseReason};
///
/// /// Whether the client was lost rather than said goodbye.
/// struct Lost(bool);
///
/// impl Extract<DisconnectContext> for Lost {
///     fn extract(context: &mut DisconnectContext) -> Result<Self, ExtractError> {
///         Ok(Self(context.reason() == DisconnectReason::Connection(CloseReason::PingTimeout)))
///     }
/// }
/// ```
#[derive(Debug)]
pub struct DisconnectContext {
    pub(crate) socket: SocketRef,
    pub(crate) reason: DisconnectReason,
}

impl DisconnectContext {
    /// Why the socket left.
    pub fn reason(&self) -> DisconnectReason {
        self.reason
    }
}

impl Context for ConnectContext {
    fn socket(&self) -> &SocketRef {
        &self.socket
    }
}

impl Context for EventContext {
    fn socket(&self) -> &SocketRef {
        &self.socket
    }
}

impl Context for DisconnectContext {
    fn socket(&self) -> &SocketRef {
        &self.socket
    }
}
