use std::{
    fmt, io,
    sync::{Arc, OnceLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{BufMut, Bytes};
use bytestring::ByteString;

use crate::frame::{self, Opcode};

/// What applications exchange over a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(ByteString),
    /// Bytes.
    Binary(Bytes),
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// An outgoing packet, encoded once and shared by every recipient: a clone is a reference count.
///
/// It is held as the WebSocket frame that a server sends, unmasked.
/// The polling form of a text packet is that frame without its header, so one buffer serves both;
/// only binary packets are encoded again (as base64) for a polling recipient.
#[derive(Clone)]
pub struct Prepared {
    frame: Bytes,
    header: u8,
    opcode: Opcode,
    uncompressed: bool,
    /// The compressed frame, made by the first recipient that wants it.
    compressed: Option<Arc<OnceLock<Bytes>>>,
}

impl Prepared {
    /// A PING packet.
    pub const PING: Self = Self::control(b"\x81\x012");
    /// A PONG packet.
    pub const PONG: Self = Self::control(b"\x81\x013");
    /// A CLOSE packet.
    pub const CLOSE: Self = Self::control(b"\x81\x011");
    /// An UPGRADE packet.
    pub const UPGRADE: Self = Self::control(b"\x81\x015");
    /// A NOOP packet.
    pub const NOOP: Self = Self::control(b"\x81\x016");
    /// The PING packet that asks whether a WebSocket carries data.
    pub const PROBE: Self = Self::control(b"\x81\x062probe");
    /// The answer to [`Prepared::PROBE`].
    pub const PROBE_ANSWER: Self = Self::control(b"\x81\x063probe");

    /// Bytes that a packet in a queue takes beside its payload, about: its place there, and what the buffer needs.
    /// Without it, many small packets would take a multiple of the limit.
    pub const OVERHEAD: usize = 128;

    /// A MESSAGE packet.
    pub fn new(message: &Message) -> Self {
        match message {
            Message::Text(text) => Self::text(text),
            Message::Binary(bytes) => Self::binary(bytes),
        }
    }

    /// A MESSAGE packet with text.
    pub fn text(text: &str) -> Self {
        let mut builder = TextBuilder::message(text.len());
        builder.push_str(text);
        builder.finish()
    }

    /// A WebSocket message with exactly this text, for endpoints that speak no Engine.IO.
    pub fn raw_text(text: &str) -> Self {
        let mut builder = TextBuilder::raw(text.len());
        builder.push_str(text);
        builder.finish()
    }

    /// A MESSAGE packet with bytes.
    pub fn binary(bytes: &[u8]) -> Self {
        let mut frame = Vec::with_capacity(bytes.len() + frame::MAX_SERVER_HEADER);
        frame::write_header(&mut frame, Opcode::Binary, bytes.len());
        // A header is at most ten bytes long.
        #[expect(clippy::cast_possible_truncation, reason = "at most ten")]
        let header = frame.len() as u8;
        frame.extend_from_slice(bytes);
        Self { frame: frame.into(), header, opcode: Opcode::Binary, uncompressed: false, compressed: None }
    }

    /// The whole WebSocket frame, unmasked, as a server sends it.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// Lets all clones share one compressed frame, which the first [`compressed_frame`](Self::compressed_frame) makes.
    #[must_use]
    pub fn compressible(self) -> Self {
        Self { compressed: Some(Arc::default()), ..self }
    }

    /// Lets nobody compress the packet, because it is compressed already, or because its length would tell a secret.
    #[must_use]
    pub fn uncompressed(self) -> Self {
        Self { uncompressed: true, compressed: None, ..self }
    }

    /// Whether the packet may be compressed on its way.
    pub fn may_compress(&self) -> bool {
        !self.uncompressed
    }

    /// The whole WebSocket frame, unmasked and compressed, for a connection that has negotiated it.
    pub fn compressed_frame(&self) -> Bytes {
        let compress = || frame::compressed_frame(self.opcode, self.payload());
        match &self.compressed {
            None => compress(),
            Some(shared) => shared.get_or_init(compress).clone(),
        }
    }

    /// What the frame carries, for a sender that must mask it.
    pub fn payload(&self) -> &[u8] {
        self.frame.get(usize::from(self.header)..).unwrap_or_default()
    }

    /// Whether the frame is a binary one.
    pub fn is_binary(&self) -> bool {
        self.opcode == Opcode::Binary
    }

    /// What the packet takes of a limit of queued bytes: its payload, and [`Prepared::OVERHEAD`].
    pub fn cost(&self) -> usize {
        self.len() + Self::OVERHEAD
    }

    /// Length of [`Prepared::payload`] in bytes.
    pub fn len(&self) -> usize {
        self.frame.len().saturating_sub(usize::from(self.header))
    }

    /// Whether the payload is empty, which only a binary message can be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The packet as a whole polling payload; text is shared, not copied.
    pub(crate) fn chunk(&self) -> Bytes {
        if self.is_binary() {
            let mut chunk = Vec::with_capacity(self.chunk_len());
            self.write_chunk(&mut chunk);
            chunk.into()
        } else {
            self.frame.slice(usize::from(self.header)..)
        }
    }

    /// Appends the packet as a part of a polling payload.
    pub(crate) fn write_chunk(&self, out: &mut Vec<u8>) {
        if self.is_binary() {
            out.push(b'b');
            let start = out.len();
            out.resize(start + self.chunk_len() - 1, 0);
            if let Some(target) = out.get_mut(start..) {
                // The target has exactly the encoded length.
                let _ = STANDARD.encode_slice(self.payload(), target);
            }
        } else {
            out.extend_from_slice(self.payload());
        }
    }

    /// Length of the packet as a part of a polling payload.
    pub(crate) fn chunk_len(&self) -> usize {
        if self.is_binary() { 1 + self.len().div_ceil(3) * 4 } else { self.len() }
    }

    const fn control(frame: &'static [u8]) -> Self {
        let frame = Bytes::from_static(frame);
        Self { frame, header: 2, opcode: Opcode::Text, uncompressed: false, compressed: None }
    }
}

impl PartialEq for Prepared {
    fn eq(&self, other: &Self) -> bool {
        self.frame == other.frame
    }
}

impl Eq for Prepared {}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("opcode", &self.opcode).field("len", &self.len()).finish()
    }
}

/// Builds a text packet in the buffer that is sent, with one allocation.
///
/// ```
/// use engineio_proto::TextBuilder;
/// let mut text = TextBuilder::message(16);
/// text.push_str("2[\"greeting\",");
/// serde_json::to_writer(&mut text, "hello")?;
/// text.push_str("]");
/// assert_eq!(text.finish().payload(), br#"42["greeting","hello"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct TextBuilder {
    /// Invariant: begins with [`frame::MAX_SERVER_HEADER`] bytes in which `finish` writes the header.
    buffer: Vec<u8>,
}

impl TextBuilder {
    /// Starts a MESSAGE packet; `capacity` is the expected length of its text in bytes.
    pub fn message(capacity: usize) -> Self {
        Self::packet(b'4', capacity)
    }

    pub(crate) fn packet(packet_type: u8, capacity: usize) -> Self {
        let mut builder = Self::raw(1 + capacity);
        builder.buffer.push(packet_type);
        builder
    }

    fn raw(capacity: usize) -> Self {
        let mut buffer = Vec::with_capacity(frame::MAX_SERVER_HEADER + capacity);
        buffer.put_bytes(0, frame::MAX_SERVER_HEADER);
        Self { buffer }
    }

    /// Appends text.
    pub fn push_str(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Writes the frame header and gives the packet.
    pub fn finish(mut self) -> Prepared {
        let len = self.buffer.len() - frame::MAX_SERVER_HEADER;
        let (bytes, header) = frame::header_of(Opcode::Text, len);
        if let Some((space, text)) = self.buffer.split_first_chunk_mut() {
            debug_assert!(str::from_utf8(text).is_ok());
            *space = bytes;
        }
        let start = frame::MAX_SERVER_HEADER - usize::from(header);
        Prepared {
            frame: Bytes::from(self.buffer).slice(start..),
            header,
            opcode: Opcode::Text,
            uncompressed: false,
            compressed: None,
        }
    }
}

/// For serializers; what is written must be UTF-8, as the peer closes the connection otherwise.
impl io::Write for TextBuilder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for TextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextBuilder").field("len", &self.buffer.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_buffer_serves_frame_and_polling_chunk() {
        for len in [0, 1, 124, 125, 126, 65534, 65535, 65536] {
            let text = "x".repeat(len);
            let packet = Prepared::text(&text);
            assert_eq!(packet.payload(), format!("4{text}").as_bytes());
            assert_eq!(packet.chunk(), packet.payload());
            assert_eq!(packet.chunk_len(), len + 1);
            let mut header = Vec::new();
            frame::write_header(&mut header, Opcode::Text, len + 1);
            assert_eq!(packet.frame()[..header.len()], header[..]);
            assert_eq!(packet.frame().len(), header.len() + len + 1);
        }
    }

    #[test]
    fn binary_is_base64_in_a_polling_payload() {
        for (bytes, chunk) in [(&[][..], "b"), (&[1][..], "bAQ=="), (&[1, 2, 3, 4][..], "bAQIDBA==")] {
            let packet = Prepared::binary(bytes);
            assert_eq!(packet.chunk(), chunk.as_bytes());
            assert_eq!(packet.chunk_len(), chunk.len());
            assert_eq!(packet.payload(), bytes);
        }
    }

    #[test]
    fn control_packets_are_well_formed_frames() {
        for packet in [Prepared::PING, Prepared::PONG, Prepared::CLOSE, Prepared::UPGRADE, Prepared::NOOP] {
            assert_eq!(packet.frame().len(), 3);
        }
        for packet in [Prepared::PROBE, Prepared::PROBE_ANSWER] {
            assert_eq!(usize::from(packet.frame()[1]), packet.len());
        }
    }
}
