use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use bytestring::ByteString;

use crate::{DecodeError, Handshake, Message};

/// A packet as received.
///
/// <https://github.com/socketio/engine.io-protocol#packet-encoding>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `0`: the handshake.
    Open(Handshake),
    /// `1`: the session ends.
    Close,
    /// `2`: heartbeat of the server.
    Ping,
    /// `2probe`: the client asks whether this WebSocket carries data.
    Probe,
    /// `3`: answer to a heartbeat.
    Pong,
    /// `3probe`: answer to [`Packet::Probe`].
    ProbeAnswer,
    /// `4`, or a binary frame: what the application sent.
    Message(Message),
    /// `5`: the client moves to this WebSocket.
    Upgrade,
    /// `6`: an empty answer to a poll.
    Noop,
}

impl Packet {
    /// Reads a WebSocket message.
    ///
    /// # Errors
    /// The text is no packet.
    pub fn from_websocket(message: Message) -> Result<Self, DecodeError> {
        match message {
            Message::Binary(_) => Ok(Self::Message(message)),
            Message::Text(text) => Self::from_text(&text),
        }
    }

    /// Reads one part of a polling payload; `b` marks base64.
    ///
    /// # Errors
    /// The text is no packet.
    pub fn from_chunk(chunk: &ByteString) -> Result<Self, DecodeError> {
        match chunk.strip_prefix('b') {
            Some(base64) => {
                let bytes = STANDARD.decode(base64).map_err(|_| DecodeError::Base64)?;
                Ok(Self::Message(Message::Binary(Bytes::from(bytes))))
            }
            None => Self::from_text(chunk),
        }
    }

    pub(crate) fn from_text(text: &ByteString) -> Result<Self, DecodeError> {
        let Some(&packet_type) = text.as_bytes().first() else {
            return Err(DecodeError::Empty);
        };
        if !packet_type.is_ascii() {
            return Err(DecodeError::UnknownType(packet_type));
        }
        // The type is one ASCII character, so the rest begins on a character boundary.
        let rest = text.get(1..).unwrap_or_default();
        match (packet_type, rest) {
            (b'4', _) => Ok(Self::Message(Message::Text(text.slice_ref(rest)))),
            (b'0', _) => Handshake::decode(rest).map(Self::Open),
            (b'2', "") => Ok(Self::Ping),
            (b'2', "probe") => Ok(Self::Probe),
            (b'3', "") => Ok(Self::Pong),
            (b'3', "probe") => Ok(Self::ProbeAnswer),
            (b'1', "") => Ok(Self::Close),
            (b'5', "") => Ok(Self::Upgrade),
            (b'6', "") => Ok(Self::Noop),
            (b'1'..=b'6', _) => Err(DecodeError::UnexpectedPayload(char::from(packet_type))),
            _ => Err(DecodeError::UnknownType(packet_type)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_packets() {
        let message = |text: &str| Ok(Packet::Message(Message::from(text)));
        let table: &[(&str, Result<Packet, DecodeError>)] = &[
            ("1", Ok(Packet::Close)),
            ("2", Ok(Packet::Ping)),
            ("2probe", Ok(Packet::Probe)),
            ("3", Ok(Packet::Pong)),
            ("3probe", Ok(Packet::ProbeAnswer)),
            ("4", message("")),
            ("4€ and 😀", message("€ and 😀")),
            ("5", Ok(Packet::Upgrade)),
            ("6", Ok(Packet::Noop)),
            ("", Err(DecodeError::Empty)),
            ("7", Err(DecodeError::UnknownType(b'7'))),
            ("abc", Err(DecodeError::UnknownType(b'a'))),
            ("é", Err(DecodeError::UnknownType(0xc3))),
            ("2prob", Err(DecodeError::UnexpectedPayload('2'))),
            ("1x", Err(DecodeError::UnexpectedPayload('1'))),
            ("0", Err(DecodeError::Handshake)),
            ("0{\"sid\":\"\"}", Err(DecodeError::Handshake)),
        ];
        for (text, expected) in table {
            assert_eq!(Packet::from_chunk(&(*text).into()), *expected, "{text}");
            assert_eq!(Packet::from_websocket(Message::from(*text)), *expected, "{text}");
        }
    }

    #[test]
    fn binary_packets() {
        let binary = |bytes: &'static [u8]| Ok(Packet::Message(Message::Binary(Bytes::from_static(bytes))));
        let table: &[(&str, Result<Packet, DecodeError>)] = &[
            ("b", binary(&[])),
            ("bAQIDBA==", binary(&[1, 2, 3, 4])),
            ("bAQIDBA", Err(DecodeError::Base64)),
            ("b€", Err(DecodeError::Base64)),
        ];
        for (text, expected) in table {
            assert_eq!(Packet::from_chunk(&(*text).into()), *expected, "{text}");
        }
        assert_eq!(Packet::from_websocket(Message::Binary(Bytes::from_static(b"4"))), binary(b"4"));
    }
}
