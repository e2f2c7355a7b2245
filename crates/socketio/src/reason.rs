use std::{borrow::Cow, fmt};

use engineio::CloseReason;
use serde::Serialize;
use serde_json::Value;

/// Why a socket left its namespace.
///
/// `Display` gives the words that the reference implementation hands to `disconnect` listeners.
///
/// ```
/// # use socketio::{Config, SocketIo, SocketRef};
/// use socketio::DisconnectReason;
///
/// # let io = SocketIo::new(Config::default());
/// io.ns("/", async |socket: SocketRef| {
///     socket.on_disconnect(async |reason: DisconnectReason| match reason {
///         DisconnectReason::ClientNamespaceDisconnect => println!("said goodbye"),
///         other => println!("{other}"),
///     });
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client left the namespace; its connection may go on.
    ClientNamespaceDisconnect,
    /// [`SocketRef::disconnect`](crate::SocketRef::disconnect) was called.
    ServerNamespaceDisconnect,
    /// The client came back on another connection and took its session along, before the loss of this one was
    /// noticed; only with [`Config::recovery`](crate::Config::recovery).
    Superseded,
    /// The connection ended.
    Connection(CloseReason),
}

impl DisconnectReason {
    /// Whether the client may come back and find its session.
    ///
    /// A connection that broke the protocol, or whose handler panicked, is better started anew.
    pub(crate) fn is_recoverable(self) -> bool {
        match self {
            Self::ClientNamespaceDisconnect | Self::ServerNamespaceDisconnect => false,
            Self::Superseded => true,
            Self::Connection(reason) => !matches!(reason, CloseReason::ForcedClose | CloseReason::ParseError),
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientNamespaceDisconnect => f.write_str("client namespace disconnect"),
            Self::ServerNamespaceDisconnect => f.write_str("server namespace disconnect"),
            Self::Superseded => f.write_str("superseded"),
            Self::Connection(reason) => reason.fmt(f),
        }
    }
}

/// Why a client may not join a namespace; it gets the content as its `connect_error`.
///
/// ```
/// use socketio::Refusal;
///
/// let refusal = Refusal::new("not authorised").with_data(serde_json::json!({ "retry": false }));
/// assert_eq!(refusal.to_string(), "not authorised");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refusal {
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl Refusal {
    /// A refusal with a message, the client's `error.message`.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), data: None }
    }

    /// Adds details, the client's `error.data`.
    #[must_use]
    pub fn with_data(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The details, if there are any.
    pub fn data(&self) -> Option<&Value> {
        self.data.as_ref()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<&'static str> for Refusal {
    fn from(message: &'static str) -> Self {
        Self::new(message)
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}
