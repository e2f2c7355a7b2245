use std::fmt;

use bytestring::ByteString;

use crate::Args;

/// A packet of one namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// The namespace, `/` if the packet names none.
    pub namespace: ByteString,
    /// What the packet says.
    pub content: Content,
}

/// What a packet says.
///
/// Binary events and acknowledgements are not told apart from others: their [`Args`] hold the attachments.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A client asks to join the namespace, or a server confirms it.
    Connect {
        /// A JSON object: a client's credentials, or a server's `{"sid": …}`.
        payload: Option<ByteString>,
    },
    /// Either side leaves the namespace.
    Disconnect,
    /// An event.
    Event {
        /// Wants an acknowledgement with this id.
        id: Option<u64>,
        /// The name; a number is kept as its digits.
        name: ByteString,
        /// The arguments after the name.
        args: Args,
    },
    /// The answer to an event.
    Ack {
        /// The id of the event.
        id: u64,
        /// The arguments.
        args: Args,
    },
    /// A server refuses a client's CONNECT.
    ConnectError {
        /// JSON: an object with a `message`, or a string.
        payload: Option<ByteString>,
    },
}

/// The type of a packet, the first character of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketType {
    /// `0`
    Connect,
    /// `1`
    Disconnect,
    /// `2`
    Event,
    /// `3`
    Ack,
    /// `4`
    ConnectError,
    /// `5`
    BinaryEvent,
    /// `6`
    BinaryAck,
}

impl PacketType {
    /// The type that `digit` stands for.
    pub const fn from_digit(digit: u8) -> Option<Self> {
        Some(match digit {
            b'0' => Self::Connect,
            b'1' => Self::Disconnect,
            b'2' => Self::Event,
            b'3' => Self::Ack,
            b'4' => Self::ConnectError,
            b'5' => Self::BinaryEvent,
            b'6' => Self::BinaryAck,
            _ => return None,
        })
    }

    /// The character that stands for the type.
    pub const fn digit(self) -> u8 {
        match self {
            Self::Connect => b'0',
            Self::Disconnect => b'1',
            Self::Event => b'2',
            Self::Ack => b'3',
            Self::ConnectError => b'4',
            Self::BinaryEvent => b'5',
            Self::BinaryAck => b'6',
        }
    }

    /// The type of the same packet without attachments.
    pub(crate) const fn without_attachments(self) -> Self {
        match self {
            Self::BinaryEvent => Self::Event,
            Self::BinaryAck => Self::Ack,
            other => other,
        }
    }

    /// Whether attachments follow.
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::BinaryEvent | Self::BinaryAck)
    }
}

impl fmt::Display for PacketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "CONNECT",
            Self::Disconnect => "DISCONNECT",
            Self::Event => "EVENT",
            Self::Ack => "ACK",
            Self::ConnectError => "CONNECT_ERROR",
            Self::BinaryEvent => "BINARY_EVENT",
            Self::BinaryAck => "BINARY_ACK",
        })
    }
}

/// Whether the protocol keeps an event name for itself.
///
/// Source: [emit cheatsheet](https://socket.io/docs/v4/emit-cheatsheet/#reserved-events).
pub fn is_reserved(event: &str) -> bool {
    matches!(
        event,
        "connect" | "connect_error" | "disconnect" | "disconnecting" | "newListener" | "removeListener"
    )
}
