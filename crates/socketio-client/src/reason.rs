use std::{fmt, time::Duration};

use engineio_proto::{CloseReason, Transport};

use crate::TransportError;

/// Why a socket is not in its namespace any more.
///
/// `Display` gives the words of the JavaScript client and what is known beyond them:
///
/// ```text
/// transport close (by the server, websocket, code 1001, 0.2 s after its last packet)
/// ```
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::{Disconnect, Socket};
///
/// client
///     .namespace("/")
///     .on_disconnect(async |_: Socket, reason: Disconnect| println!("{reason}, comes back: {}", reason.will_reconnect))
///     .connect()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Disconnect {
    /// What happened.
    pub cause: Cause,
    /// What carried the connection; `None` if there was none.
    pub transport: Option<Transport>,
    /// The code of the WebSocket's CLOSE frame, if the server sent one.
    pub code: Option<u16>,
    /// What the transport says, if it failed.
    pub error: Option<TransportError>,
    /// Time since the server's last byte.
    pub silence: Duration,
    /// Whether the client will try to come back by itself.
    pub will_reconnect: bool,
}

/// What ended a connection, or a socket's stay in its namespace.
///
/// ```
/// use socketio_client::{Cause, Disconnect};
///
/// fn explain(disconnect: &Disconnect) -> &'static str {
///     match disconnect.cause {
///         Cause::ClientDisconnect => "as we wanted",
///         Cause::ServerDisconnect => "the server sent us away",
///         _ => "the connection was lost",
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// [`Socket::disconnect`](crate::Socket::disconnect) was called, or the client closed.
    ClientDisconnect,
    /// The server sent the socket away; it is not for the client to come back by itself.
    ServerDisconnect,
    /// The server sent something that is not Socket.IO.
    ParseError,
    /// The server's heartbeat stopped.
    PingTimeout,
    /// More events waited in a stream than [`Config::max_pending_events`](crate::Config::max_pending_events) allows.
    SlowConsumer,
    /// The connection was closed.
    TransportClose,
    /// The connection broke.
    TransportError,
}

/// Who ended a connection.
///
/// ```
/// use socketio_client::{By, Disconnect};
///
/// fn is_worth_a_call(disconnect: &Disconnect) -> bool {
///     disconnect.by() == By::Network && !disconnect.will_reconnect
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// This side.
    Client,
    /// Something between the two; neither said goodbye.
    Network,
    /// The other side.
    Server,
}

impl Disconnect {
    /// An end of which nothing else is known.
    pub(crate) fn new(cause: Cause) -> Self {
        Self {
            cause,
            transport: None,
            code: None,
            error: None,
            silence: Duration::ZERO,
            will_reconnect: false,
        }
    }

    /// Who is behind it, as far as this side can tell.
    pub fn by(&self) -> By {
        match (self.cause, &self.error) {
            (Cause::ClientDisconnect | Cause::SlowConsumer, _) => By::Client,
            (Cause::ServerDisconnect | Cause::ParseError, _) => By::Server,
            (Cause::PingTimeout, _) => By::Network,
            (_, Some(TransportError::Io(_) | TransportError::Timeout)) => By::Network,
            (_, Some(TransportError::Closed { code: None })) => By::Network,
            (Cause::TransportClose | Cause::TransportError, _) => By::Server,
        }
    }
}

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.by() {
            By::Client => "client",
            By::Network => "network",
            By::Server => "server",
        };
        write!(f, "{} (by the {by}", self.cause)?;
        if let Some(transport) = self.transport {
            write!(f, ", {}", transport.name())?;
        }
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        write!(f, ", {:.1} s after its last packet)", self.silence.as_secs_f64())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientDisconnect => "io client disconnect",
            Self::ServerDisconnect => "io server disconnect",
            Self::ParseError => "parse error",
            Self::PingTimeout => "ping timeout",
            Self::SlowConsumer => "slow consumer",
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
        })
    }
}

impl From<CloseReason> for Cause {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::ForcedClose => Self::ClientDisconnect,
            CloseReason::ParseError => Self::ParseError,
            CloseReason::PingTimeout => Self::PingTimeout,
            CloseReason::SlowConsumer => Self::SlowConsumer,
            CloseReason::TransportClose => Self::TransportClose,
            // The others are a server's.
            _ => Self::TransportError,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_who_and_what() {
        let reason = |cause, code, error| Disconnect {
            cause,
            transport: Some(Transport::WebSocket),
            code,
            error,
            silence: Duration::from_millis(1234),
            will_reconnect: true,
        };
        let closed = |code| Some(TransportError::Closed { code });
        let table = [
            (
                reason(Cause::TransportClose, Some(1001), closed(Some(1001))),
                "transport close (by the server, websocket, code 1001, 1.2 s after its last packet)",
            ),
            (
                reason(Cause::TransportClose, None, closed(None)),
                "transport close (by the network, websocket, 1.2 s after its last packet)",
            ),
            (
                reason(Cause::PingTimeout, None, None),
                "ping timeout (by the network, websocket, 1.2 s after its last packet)",
            ),
            (
                reason(Cause::ServerDisconnect, None, None),
                "io server disconnect (by the server, websocket, 1.2 s after its last packet)",
            ),
        ];
        for (reason, text) in table {
            assert_eq!(reason.to_string(), text);
        }
    }
}
