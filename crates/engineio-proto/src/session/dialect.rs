use bytes::Bytes;

use super::adaptive::body::{Chunk, Chunks};
use crate::{DecodeError, Message, Packet, Prepared, payload, v3};

/// How packets are written, which depends on the revision that the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    V4,
    /// In base64 for clients without binary data; one that moves to a WebSocket has shown that it takes binary frames.
    V3 {
        base64_payloads: bool,
        base64_frames: bool,
    },
}

impl Dialect {
    pub(super) fn packet(self, message: Message) -> Result<Packet, DecodeError> {
        match self {
            Self::V4 => Packet::from_websocket(message),
            Self::V3 { .. } => v3::decode(message),
        }
    }

    /// The packets of a posted body.
    pub(super) fn packets(self, body: Bytes) -> Result<Packets, DecodeError> {
        Ok(match self {
            Self::V4 => Packets::V4(payload::decode(body)?),
            Self::V3 { .. } => Packets::V3(v3::decode_payload(body)?),
        })
    }

    /// Whether a body may have so many packets that they would take a multiple of its memory.
    pub(super) fn is_crowded(self, body: &[u8]) -> bool {
        match self {
            Self::V4 => is_crowded(body),
            Self::V3 { .. } => body.len() >= MAX_LOOSE,
        }
    }

    pub(super) fn frame(self, packet: Prepared) -> Prepared {
        match self {
            Self::V4 => packet,
            Self::V3 { base64_frames, .. } => v3::encode(packet, base64_frames),
        }
    }

    pub(super) fn payload(self, packets: &[Prepared]) -> Bytes {
        match self {
            Self::V4 => payload::encode(packets),
            Self::V3 { base64_payloads, .. } => v3::encode_payload(packets, base64_payloads),
        }
    }
}

/// The packets of a posted body, read one at a time.
#[derive(Clone, Debug)]
pub(super) enum Packets {
    V4(payload::Packets),
    V3(v3::Packets),
    Adaptive(Chunks),
}

impl Iterator for Packets {
    type Item = Result<Packet, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::V4(packets) => packets.next(),
            Self::V3(packets) => packets.next(),
            // What is no packet is as good as an empty one.
            Self::Adaptive(chunks) => Some(chunks.next()?.map(|chunk| match chunk {
                Chunk::Packet(packet, _) => packet,
                Chunk::Record(_) | Chunk::Unknown => Packet::Noop,
            })),
        }
    }
}

/// As [`Dialect::is_crowded`], for bodies with separators.
pub(super) fn is_crowded(body: &[u8]) -> bool {
    body.len() >= MAX_LOOSE && memchr::memchr_iter(payload::SEPARATOR, body).nth(MAX_LOOSE / 8).is_some()
}

/// Bytes of a body whose packets may all be read at once.
const MAX_LOOSE: usize = 2048;
