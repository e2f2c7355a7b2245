use thiserror::Error;

/// Bytes from the peer that are not what the Engine.IO protocol allows.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// A binary chunk whose base64 does not decode.
    #[error("a binary packet is not valid base64")]
    Base64,
    /// A body whose last chunk has no end.
    #[error("a body that was cut short")]
    Incomplete,
    /// A packet without even a type.
    #[error("an empty packet")]
    Empty,
    /// An OPEN packet whose JSON lacks a field or has one of the wrong type.
    #[error("an OPEN packet with an unusable handshake")]
    Handshake,
    /// A record of the adaptive transport that does not fit its letter.
    #[error("a record that cannot be read")]
    Record,
    /// The first character is not one of `0` to `6`, or `b` in a payload.
    #[error("unknown packet type {0:#04x}")]
    UnknownType(u8),
    /// A packet that has no payload by definition carries one.
    #[error("unexpected payload in a packet of type {0:?}")]
    UnexpectedPayload(char),
    /// Revision 3: a payload whose lengths do not fit its packets.
    #[error("the lengths of a payload do not fit its packets")]
    Length,
    /// Text that is not UTF-8.
    #[error("text is not valid UTF-8")]
    Utf8,
}

/// Why a request is refused, with the code that the Engine.IO server gives in its JSON body.
///
/// The codes and messages are those of the reference implementation, which clients print.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// `transport` is missing or not one that the server offers.
    #[error("Transport unknown")]
    TransportUnknown,
    /// No session has this id, or no longer.
    #[error("Session ID unknown")]
    UnknownSession,
    /// A session can be opened with GET only.
    #[error("Bad handshake method")]
    BadHandshakeMethod,
    /// Anything else that does not fit: wrong transport for the session, a body that is no payload.
    #[error("Bad request")]
    BadRequest,
    /// The application refused the request.
    #[error("Forbidden")]
    Forbidden,
    /// `EIO` is missing or not a version that the server speaks.
    #[error("Unsupported protocol version")]
    UnsupportedProtocolVersion,
}

impl RequestError {
    /// The numeric `code` of the JSON error body.
    pub fn code(self) -> u8 {
        match self {
            Self::TransportUnknown => 0,
            Self::UnknownSession => 1,
            Self::BadHandshakeMethod => 2,
            Self::BadRequest => 3,
            Self::Forbidden => 4,
            Self::UnsupportedProtocolVersion => 5,
        }
    }
}

/// Why a session ended; latched by the first fatal event.
///
/// `Display` gives the words that applications know from the reference implementation.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The local application closed the session.
    #[error("forced close")]
    ForcedClose,
    /// The peer sent what the protocol does not allow.
    #[error("parse error")]
    ParseError,
    /// Nothing was heard from the peer in time.
    #[error("ping timeout")]
    PingTimeout,
    /// The server is going down.
    #[error("server shutting down")]
    ServerShutdown,
    /// The peer reads more slowly than it is written to, and its byte budget is used up.
    #[error("slow consumer")]
    SlowConsumer,
    /// The peer closed the session or its carrier.
    #[error("transport close")]
    TransportClose,
    /// The carrier failed.
    #[error("transport error")]
    TransportError,
}
