use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use bytestring::ByteString;

use crate::{DecodeError, Message, Packet, Prepared, TextBuilder};

/// Reads a WebSocket message.
///
/// # Errors
/// The message is no packet.
pub fn decode(message: Message) -> Result<Packet, DecodeError> {
    match message {
        Message::Text(text) => from_text(&text),
        Message::Binary(bytes) => from_bytes(&bytes),
    }
}

/// The packet as a WebSocket message; text is shared with recipients of revision 4.
pub fn encode(packet: Prepared, base64: bool) -> Prepared {
    if !packet.is_binary() {
        return packet;
    }
    let encoded = if base64 {
        let mut text = TextBuilder::packet(b'b', 1 + packet.chunk_len());
        text.push_str(&to_base64(&packet));
        text.finish()
    } else {
        let mut typed = Vec::with_capacity(1 + packet.len());
        typed.push(MESSAGE);
        typed.extend_from_slice(packet.payload());
        Prepared::binary(&typed)
    };
    if packet.may_compress() { encoded } else { encoded.uncompressed() }
}

/// The type of a MESSAGE, and its base64.
pub(super) fn to_base64(packet: &Prepared) -> String {
    let mut text = "4".to_owned();
    STANDARD.encode_string(packet.payload(), &mut text);
    text
}

pub(super) fn from_text(text: &ByteString) -> Result<Packet, DecodeError> {
    let Some(typed) = text.strip_prefix('b') else {
        return Packet::from_text(text);
    };
    match typed.strip_prefix('4') {
        Some(base64) => {
            let bytes = STANDARD.decode(base64).map_err(|_| DecodeError::Base64)?;
            Ok(Packet::Message(Message::Binary(bytes.into())))
        }
        // Only messages have content that may be binary.
        None => Err(typed.bytes().next().map_or(DecodeError::Empty, DecodeError::UnknownType)),
    }
}

pub(super) fn from_bytes(bytes: &Bytes) -> Result<Packet, DecodeError> {
    match bytes.first() {
        None => Err(DecodeError::Empty),
        Some(&MESSAGE) => Ok(Packet::Message(Message::Binary(bytes.slice(1..)))),
        Some(&other) => Err(DecodeError::UnknownType(other)),
    }
}

/// The type of a MESSAGE in a binary packet.
pub(super) const MESSAGE: u8 = 4;
