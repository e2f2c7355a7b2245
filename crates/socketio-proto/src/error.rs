use thiserror::Error;

use crate::PacketType;

/// The peer sent something that is not Socket.IO.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A message does not bear the type of a packet.
    #[error("a packet has a type from 0 to 6")]
    UnknownType,
    /// A binary packet does not state how many attachments follow.
    #[error("a binary packet states its number of attachments, followed by a dash")]
    InvalidAttachmentCount,
    /// A packet announces more attachments than [`Limits::max_attachments`](crate::Limits).
    #[error("{count} attachments announced, at most {max} allowed")]
    TooManyAttachments {
        /// The announced number.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// An acknowledgement id does not fit 64 bits.
    #[error("an acknowledgement id is a number below 2^64")]
    InvalidAckId,
    /// An acknowledgement does not say what it acknowledges.
    #[error("an acknowledgement has an id")]
    MissingAckId,
    /// The payload is not JSON, or not of the shape that the packet type demands.
    #[error("invalid payload of {packet_type}")]
    InvalidPayload {
        /// The type of the packet.
        packet_type: PacketType,
        /// What is wrong with the text.
        source: serde_json::Error,
    },
    /// A packet has a payload that its type does not allow.
    #[error("{0} has no payload")]
    UnexpectedPayload(PacketType),
    /// An event bears a name that the protocol keeps for itself.
    #[error("the event name {0:?} is reserved")]
    ReservedEvent(String),
    /// A placeholder names none of the packet's attachments.
    #[error("a placeholder names no attachment")]
    Placeholder(#[source] serde_json::Error),
    /// A text message arrived while attachments were missing.
    #[error("a text message arrived while attachments were missing")]
    ExpectedAttachment,
    /// A binary message arrived that no packet announced.
    #[error("a binary message arrived that no packet announced")]
    UnexpectedAttachment,
    /// A text message arrived where [`Parser::MessagePack`](crate::Parser) knows binary ones only.
    #[error("a text message arrived where packets are MessagePack")]
    UnexpectedText,
    /// A binary message is no MessagePack, or more than one value.
    #[error("a binary message is no MessagePack value")]
    NoMessagePack,
    /// A value of MessagePack is no map and hence no packet.
    #[error("a packet is a map")]
    NoPacketMap,
    /// A key of a map is neither a string nor an integer.
    #[error("a key is neither a string nor an integer")]
    InvalidKey,
    /// A packet of MessagePack names no namespace, or one that JSON packets cannot name.
    #[error("a namespace begins with a slash and holds no comma")]
    InvalidNamespace,
    /// A value of MessagePack has a type that neither the specification nor the reference implementation defines.
    #[error("unknown extension type {0}")]
    UnknownExtension(i8),
    /// A value is nested deeper than [`Limits::max_depth`](crate::Limits).
    #[error("a value is nested more than {max} deep")]
    TooDeep {
        /// The limit.
        max: usize,
    },
    /// A value does not have the shape that the reader wants.
    #[error("a value does not have the expected shape")]
    Shape(#[source] serde_json::Error),
}

/// Our caller asked for a packet that cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A value has no JSON form, such as a map with keys that are not strings.
    #[error("the value has no JSON form")]
    Json(#[from] serde_json::Error),
    /// The name of an event is one that the protocol keeps for itself.
    #[error("the event name {0:?} is reserved")]
    ReservedEvent(String),
    /// A namespace holds a comma, which ends it on the wire, or does not begin with a slash.
    #[error("a namespace begins with a slash and holds no comma: {0:?}")]
    InvalidNamespace(String),
}
