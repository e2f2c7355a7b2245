use std::{fmt, sync::Arc};

use engineio_proto::{Transport, frame::FrameError};
use serde::Deserialize;
use serde_json::Value;
use socketio_proto::EncodeError;
use thiserror::Error;

/// Why a client cannot be made.
///
/// ```
/// use socketio_client::{Client, Config, ConfigError};
///
/// let error = Client::new("ftp://example.org", Config::default()).unwrap_err();
/// assert!(matches!(error, ConfigError::Scheme(scheme) if scheme == "ftp"));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The address is no URL.
    #[error("the address is no URL")]
    Url(#[from] url::ParseError),
    /// The address has another scheme.
    #[error("the address begins with http, https, ws or wss, not {0:?}")]
    Scheme(String),
    /// The address has a path, which the JavaScript client takes as a namespace.
    #[error(
        "the address has no path, as the endpoint is `Config::path` and namespaces are opened by name: {0:?}"
    )]
    Path(String),
    /// [`Config::path`](crate::Config::path) does not begin with a slash.
    #[error("`Config::path` begins with a slash, unlike {0:?}")]
    RelativePath(String),
    /// [`Config::path`](crate::Config::path) and the query do not make a URI.
    #[error("the endpoint is no URI")]
    Endpoint(#[from] http::uri::InvalidUri),
    /// [`Config::transports`](crate::Config::transports) is empty.
    #[error("no transport is configured")]
    NoTransport,
    /// The operating system's certificates cannot be used.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// Why a namespace cannot be opened.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::NamespaceError;
///
/// let _socket = client.namespace("/").connect()?;
/// assert!(matches!(client.namespace("/").connect(), Err(NamespaceError::AlreadyOpen(_))));
/// # Ok(()) }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NamespaceError {
    /// This client has it open already; it has one socket for each namespace.
    #[error("the namespace {0:?} is open already")]
    AlreadyOpen(String),
    /// A namespace begins with a slash and holds no comma, which ends it on the wire.
    #[error("a namespace begins with a slash and holds no comma: {0:?}")]
    Invalid(String),
    /// The client is closed.
    #[error("the client is closed")]
    Closed,
}

/// Why an event was not taken for sending.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::EmitError;
///
/// let socket = client.namespace("/").connect()?;
/// if let Err(EmitError::Full { queued }) = socket.emit("log", &"a line") {
///     println!("{queued} bytes wait already");
///     socket.flushed().await;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The event cannot be written.
    #[error("the event cannot be written")]
    Encode(#[from] EncodeError),
    /// Too much waits to be sent: there is no connection, or the server takes less than it is given.
    #[error("{queued} bytes wait to be sent already")]
    Full {
        /// The bytes that wait.
        queued: usize,
    },
    /// The server would end the connection.
    #[error("a message of {len} bytes is above the {max} that the server accepts")]
    TooLarge {
        /// Bytes of the message.
        len: usize,
        /// What the server announced.
        max: usize,
    },
    /// The client is closed.
    #[error("the client is closed")]
    Closed,
}

/// Why no acknowledgement came.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::AckError;
///
/// let socket = client.namespace("/").connect()?;
/// match socket.emit_with_ack::<String>("name?", &()).await {
///     Ok(name) => println!("{name}"),
///     Err(AckError::Timeout | AckError::Disconnected) => println!("ask again"),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AckError {
    /// The event was not taken for sending.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The connection ended after the event had been sent; the server may have handled it.
    #[error("the connection ended before the answer came")]
    Disconnected,
    /// No answer came in time. The server may have handled the event if there was a connection; else it is not sent
    /// any more.
    #[error("no answer came in time")]
    Timeout,
    /// The event was volatile, and the connection not ready for it.
    #[error("the volatile event was dropped")]
    Dropped,
    /// The answer does not have the shape of the type that was asked for.
    #[error("the answer does not have the expected shape")]
    Data(#[source] serde_json::Error),
}

/// Why a socket is not in its namespace.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::JoinError;
///
/// let socket = client.namespace("/admin").connect()?;
/// match socket.connected().await {
///     Ok(()) => println!("in"),
///     Err(JoinError::Refused(refusal)) => println!("{}", refusal.message),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The server does not let the client join; [`Socket::connect`](crate::Socket::connect) asks again.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no connection, and no further attempt is made.
    #[error("no connection could be opened")]
    Failed(#[from] ConnectError),
    /// [`Socket::disconnect`](crate::Socket::disconnect) was called, or the server sent the socket away.
    #[error("the socket has left its namespace")]
    Left,
    /// The client is closed.
    #[error("the client is closed")]
    Closed,
}

/// What a server says to a client that may not join a namespace.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::JoinError;
///
/// match client.namespace("/admin").connect()?.connected().await {
///     Err(JoinError::Refused(refusal)) => println!("not let in: {refusal}"),
///     other => other?,
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Refusal {
    /// The reason.
    pub message: String,
    /// Details, if the server gives any.
    pub data: Option<Value>,
}

impl Refusal {
    /// Reads the payload of a `CONNECT_ERROR`: an object with a `message`, or a string as servers before 3.0 send it.
    pub(crate) fn parse(payload: Option<&str>) -> Self {
        let payload = payload.unwrap_or("null");
        let refusal = serde_json::from_str::<Self>(payload).ok();
        let message = || serde_json::from_str::<String>(payload).unwrap_or_else(|_| payload.to_owned());
        refusal.unwrap_or_else(|| Self { message: message(), data: None })
    }
}

/// No transport brought a connection.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::Notice;
///
/// let (_socket, mut events) = client.namespace("/").stream()?;
/// while let Some(notice) = events.next().await {
///     if let Notice::ConnectFailed(error) = notice {
///         eprintln!("{error}");
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ConnectError {
    /// The server's endpoint, without the query.
    pub endpoint: String,
    /// What happened to each transport, in the order tried.
    pub attempts: Vec<(Transport, TransportError)>,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no transport works to {}: ", self.endpoint)?;
        for (index, (transport, error)) in self.attempts.iter().enumerate() {
            write!(f, "{}{}: {error}", if index == 0 { "" } else { "; " }, transport.name())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConnectError {}

/// What went wrong with a transport.
///
/// ```
/// use socketio_client::{Disconnect, TransportError};
///
/// fn may_be_a_proxy(disconnect: &Disconnect) -> bool {
///     matches!(disconnect.error, Some(TransportError::Timeout | TransportError::Closed { code: None }))
/// }
/// ```
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The stream ended; with a code if the server sent the CLOSE frame of WebSocket before.
    #[error("the connection was closed{}", code.map(|code| format!(" with code {code}")).unwrap_or_default())]
    Closed {
        /// The code of its CLOSE frame.
        code: Option<u16>,
    },
    /// The connection broke, or could not be made: DNS, TCP or TLS. The text has all causes down to the first, such as
    /// `Connection refused`.
    #[error("{}", causes(.0.as_ref()))]
    Io(Arc<std::io::Error>),
    /// The server's HTTP answer is not the one that the protocol wants.
    #[error("the server answers with status {status}{}", message.as_ref().map(|it| format!(": {it}")).unwrap_or_default())]
    Status {
        /// The status code.
        status: u16,
        /// The message of a Socket.IO server, such as `Session ID unknown`.
        message: Option<String>,
    },
    /// The WebSocket handshake was answered wrongly.
    #[error("the answer to the WebSocket handshake is invalid")]
    Handshake,
    /// The server broke the framing of WebSocket.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Something came that is no packet.
    #[error("the server sent something that is not Socket.IO")]
    Protocol,
    /// Nothing came in time.
    #[error("nothing came in time")]
    Timeout,
}

impl TransportError {
    /// Whether the server has answered that it does not know the transport.
    pub(crate) fn is_transport_unknown(&self) -> bool {
        matches!(self, Self::Status { message: Some(message), .. } if message == UNKNOWN_TRANSPORT)
    }
}

/// What Engine.IO servers say.
const UNKNOWN_TRANSPORT: &str = "Transport unknown";

impl From<std::io::Error> for TransportError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

/// What an error and those below it say. Libraries tell the cause, such as a refused connection, only there.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some say what their cause says.
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_old_and_new_servers() {
        let table = [
            (Some(r#"{"message":"no","data":{"a":1}}"#), "no", Some(serde_json::json!({"a": 1}))),
            (Some(r#"{"message":"no"}"#), "no", None),
            (Some(r#""no""#), "no", None),
            (Some("[1]"), "[1]", None),
            (None, "null", None),
        ];
        for (payload, message, data) in table {
            assert_eq!(Refusal::parse(payload), Refusal { message: message.to_owned(), data }, "{payload:?}");
        }
    }

    #[test]
    fn an_error_names_what_happened_to_each_transport() {
        let attempts = vec![
            (Transport::WebSocket, TransportError::Closed { code: Some(1008) }),
            (Transport::Polling, TransportError::Status { status: 400, message: None }),
        ];
        let text = "no transport works to https://a/socket.io/: websocket: the connection was closed with code 1008; \
                    polling: the server answers with status 400";
        let endpoint = "https://a/socket.io/".to_owned();
        assert_eq!(ConnectError { endpoint, attempts }.to_string(), text);
    }

    #[test]
    fn the_first_cause_is_told() {
        #[derive(Debug, Error)]
        #[error("client error (Connect)")]
        struct Outer(#[source] std::io::Error);

        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = TransportError::from(std::io::Error::other(Outer(std::io::Error::other(refused))));
        assert_eq!(error.to_string(), "client error (Connect): connection refused");
    }
}
