use std::{
    fmt, io,
    iter::repeat_n,
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
pub struct Prepared(Handle);

/// Three words and one allocation, because sessions keep many of them.
#[derive(Clone)]
enum Handle {
    /// A text frame.
    Control(&'static [u8]),
    Text(Arc<[u8]>),
    Binary(Arc<[u8]>),
    Special(Arc<Special>),
}

/// A frame whose compression is not each recipient's own affair.
struct Special {
    frame: Arc<[u8]>,
    /// The compressed frame, made by the first recipient that wants it; `None` if nobody may have one.
    compressed: Option<OnceLock<Bytes>>,
}

impl Prepared {
    /// A PING packet.
    pub const PING: Self = Self(Handle::Control(b"\x81\x012"));
    /// A PONG packet.
    pub const PONG: Self = Self(Handle::Control(b"\x81\x013"));
    /// A CLOSE packet.
    pub const CLOSE: Self = Self(Handle::Control(b"\x81\x011"));
    /// An UPGRADE packet.
    pub const UPGRADE: Self = Self(Handle::Control(b"\x81\x015"));
    /// A NOOP packet.
    pub const NOOP: Self = Self(Handle::Control(b"\x81\x016"));
    /// The PING packet that asks whether a WebSocket carries data.
    pub const PROBE: Self = Self(Handle::Control(b"\x81\x062probe"));
    /// The answer to [`Prepared::PROBE`].
    pub const PROBE_ANSWER: Self = Self(Handle::Control(b"\x81\x063probe"));

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
        Self::encode(Opcode::Text, &[b"4", text.as_bytes()])
    }

    /// A WebSocket message with exactly this text, for endpoints that speak no Engine.IO.
    pub fn raw_text(text: &str) -> Self {
        Self::encode(Opcode::Text, &[text.as_bytes()])
    }

    /// A MESSAGE packet with bytes.
    pub fn binary(bytes: &[u8]) -> Self {
        Self::encode(Opcode::Binary, &[bytes])
    }

    fn encode<const PARTS: usize>(opcode: Opcode, payload: &[&[u8]; PARTS]) -> Self {
        let len = payload.iter().map(|part| part.len()).sum();
        let mut frame: Arc<[u8]> = repeat_n(0, frame::frame_len(len)).collect();
        if let Some(mut rest) = Arc::get_mut(&mut frame) {
            frame::write_header(&mut rest, opcode, len);
            for part in payload {
                rest.put_slice(part);
            }
        }
        Self(if opcode == Opcode::Binary { Handle::Binary(frame) } else { Handle::Text(frame) })
    }

    /// The whole WebSocket frame, unmasked, as a server sends it.
    #[inline]
    pub fn frame(&self) -> &[u8] {
        match &self.0 {
            Handle::Control(frame) => frame,
            Handle::Text(frame) | Handle::Binary(frame) => frame,
            Handle::Special(special) => &special.frame,
        }
    }

    /// Lets all clones share one compressed frame, which the first [`compressed_frame`](Self::compressed_frame) makes.
    #[must_use]
    pub fn compressible(self) -> Self {
        match self.0 {
            Handle::Text(frame) | Handle::Binary(frame) => Self::special(frame, Some(OnceLock::new())),
            Handle::Control(_) | Handle::Special(_) => self,
        }
    }

    /// Lets nobody compress the packet, because it is compressed already, or because its length would tell a secret.
    #[must_use]
    pub fn uncompressed(self) -> Self {
        match self.0 {
            Handle::Control(_) => self,
            Handle::Text(frame) | Handle::Binary(frame) => Self::special(frame, None),
            Handle::Special(special) => Self::special(Arc::clone(&special.frame), None),
        }
    }

    fn special(frame: Arc<[u8]>, compressed: Option<OnceLock<Bytes>>) -> Self {
        Self(Handle::Special(Arc::new(Special { frame, compressed })))
    }

    /// Whether the packet may be compressed on its way.
    pub fn may_compress(&self) -> bool {
        !matches!(&self.0, Handle::Special(special) if special.compressed.is_none())
    }

    /// The whole WebSocket frame, unmasked and compressed, for a connection that has negotiated it.
    pub fn compressed_frame(&self) -> Bytes {
        let opcode = if self.is_binary() { Opcode::Binary } else { Opcode::Text };
        let compress = || frame::compressed_frame(opcode, self.payload());
        match &self.0 {
            Handle::Special(special) => match &special.compressed {
                Some(compressed) => compressed.get_or_init(compress).clone(),
                None => compress(),
            },
            Handle::Control(_) | Handle::Text(_) | Handle::Binary(_) => compress(),
        }
    }

    /// What the frame carries, for a sender that must mask it.
    #[inline]
    pub fn payload(&self) -> &[u8] {
        let frame = self.frame();
        frame.get(frame::header_len(frame.len())..).unwrap_or_default()
    }

    /// The same, shared and not copied.
    pub fn to_payload(&self) -> Bytes {
        Bytes::from_owner(Payload(self.clone()))
    }

    /// Whether the frame is a binary one.
    #[inline]
    pub fn is_binary(&self) -> bool {
        match &self.0 {
            Handle::Control(_) | Handle::Text(_) => false,
            Handle::Binary(_) => true,
            Handle::Special(special) => frame::is_binary(&special.frame),
        }
    }

    /// What the packet takes of a limit of queued bytes: its payload, and [`Prepared::OVERHEAD`].
    #[inline]
    pub fn cost(&self) -> usize {
        self.len() + Self::OVERHEAD
    }

    /// Length of [`Prepared::payload`] in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        let frame = self.frame().len();
        frame.saturating_sub(frame::header_len(frame))
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
            self.to_payload()
        }
    }

    /// Appends the packet as a part of a polling payload.
    #[inline]
    pub(crate) fn write_chunk(&self, out: &mut Vec<u8>) {
        if self.is_binary() {
            write_base64(self.payload(), out);
        } else {
            out.extend_from_slice(self.payload());
        }
    }

    /// Length of the packet as a part of a polling payload.
    #[inline]
    pub(crate) fn chunk_len(&self) -> usize {
        if self.is_binary() { 1 + self.len().div_ceil(3) * 4 } else { self.len() }
    }
}

#[cold]
fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'b');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    if let Some(target) = out.get_mut(start..) {
        // The target has exactly the encoded length.
        let _ = STANDARD.encode_slice(bytes, target);
    }
}

/// What [`Prepared::to_payload`] shares.
struct Payload(Prepared);

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        self.0.payload()
    }
}

impl PartialEq for Prepared {
    fn eq(&self, other: &Self) -> bool {
        self.frame() == other.frame()
    }
}

impl Eq for Prepared {}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("is_binary", &self.is_binary()).field("len", &self.len()).finish()
    }
}

/// Builds a text packet piece by piece.
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
    text: Vec<u8>,
}

impl TextBuilder {
    /// Starts a MESSAGE packet; `capacity` is the expected length of its text in bytes.
    pub fn message(capacity: usize) -> Self {
        Self::packet(b'4', capacity)
    }

    pub(crate) fn packet(packet_type: u8, capacity: usize) -> Self {
        let mut text = Vec::with_capacity(1 + capacity);
        text.push(packet_type);
        Self { text }
    }

    /// Appends text.
    pub fn push_str(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Gives the packet.
    pub fn finish(self) -> Prepared {
        debug_assert!(str::from_utf8(&self.text).is_ok());
        Prepared::encode(Opcode::Text, &[&self.text])
    }
}

/// For serializers; what is written must be UTF-8, as the peer closes the connection otherwise.
impl io::Write for TextBuilder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for TextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextBuilder").field("len", &self.text.len()).finish()
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
            let (header, start) = frame::Header::decode(packet.frame()).unwrap().unwrap();
            assert_eq!((header.opcode, header.len), (Opcode::Text, len as u64 + 1));
            assert_eq!(packet.frame().len(), start + len + 1);
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
    fn a_packet_takes_three_words_in_a_queue_and_clones_share_the_rest() {
        assert_eq!(size_of::<Prepared>(), 3 * size_of::<usize>());
        let packet = Prepared::text("a");
        assert!(std::ptr::eq(packet.frame(), packet.clone().frame()));
        assert!(std::ptr::eq(packet.frame(), packet.clone().compressible().frame()));
        assert!(std::ptr::eq(packet.frame(), packet.clone().compressible().uncompressed().frame()));
        assert_eq!(packet.to_payload().as_ptr(), packet.payload().as_ptr());
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
