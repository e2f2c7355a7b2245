//! Records and packets in the body of an HTTP request or response.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use bytestring::ByteString;

use super::Record;
use crate::{DecodeError, Message, Packet, Prepared, payload::SEPARATOR};

/// Builds the body of an HTTP request or response: chunks that are each followed by `\x1e`.
#[derive(Debug, Default)]
pub struct BodyBuilder(Vec<u8>);

impl BodyBuilder {
    /// Appends a record.
    #[must_use]
    pub fn record(mut self, record: Record) -> Self {
        self.push_record(record);
        self
    }

    pub(super) fn push_record(&mut self, record: Record) {
        self.0.extend_from_slice(record.to_string().as_bytes());
        self.0.push(SEPARATOR);
    }

    /// Appends a packet.
    pub fn push_packet(&mut self, packet: &Prepared) {
        if needs_escape(packet) {
            self.0.push(ESCAPED);
            self.0.extend_from_slice(STANDARD.encode(packet.payload()).as_bytes());
        } else {
            packet.write_chunk(&mut self.0);
        }
        self.0.push(SEPARATOR);
    }

    /// The body.
    pub fn finish(self) -> Bytes {
        self.0.into()
    }
}

/// Length of a packet in a body.
pub(super) fn chunk_len(packet: &Prepared) -> usize {
    1 + if needs_escape(packet) { 1 + packet.len().div_ceil(3) * 4 } else { packet.chunk_len() }
}

/// The most that a body may take whose packets have `max_payload` bytes, or that has one such packet.
pub fn max_len(max_payload: usize) -> usize {
    (max_payload / 3).saturating_mul(4).saturating_add(4096)
}

fn needs_escape(packet: &Prepared) -> bool {
    !packet.is_binary() && memchr::memchr(SEPARATOR, packet.payload()).is_some()
}

/// One part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// A packet, and its length as on a WebSocket.
    Packet(Packet, usize),
    /// A record.
    Record(Record),
    /// A record that this revision does not know.
    Unknown,
}

/// The parts of a body, decoded one at a time.
///
/// # Errors
/// The body is not whole or not UTF-8: a failed transfer. Each item tells whether that part can be read.
pub fn decode(body: Bytes) -> Result<Chunks, DecodeError> {
    let rest = ByteString::try_from(body).map_err(|_| DecodeError::Utf8)?;
    if rest.as_bytes().last() != Some(&SEPARATOR) {
        return Err(DecodeError::Incomplete);
    }
    Ok(Chunks { rest })
}

/// What [`decode`] gives.
#[derive(Clone, Debug)]
pub struct Chunks {
    rest: ByteString,
}

impl Chunks {
    /// The bytes that have not been read.
    pub(in crate::session) fn rest(&self) -> &[u8] {
        self.rest.as_bytes()
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = memchr::memchr(SEPARATOR, self.rest.as_bytes())?;
        // The separator is one ASCII character.
        let (chunk, tail) = self.rest.split_at_checked(end)?;
        let tail = self.rest.slice_ref(tail.get(1..).unwrap_or_default());
        let chunk = self.rest.slice_ref(chunk);
        self.rest = tail;
        Some(read(&chunk))
    }
}

fn read(chunk: &ByteString) -> Result<Chunk, DecodeError> {
    if Record::is_record(chunk) {
        return Ok(Record::parse(chunk)?.map_or(Chunk::Unknown, Chunk::Record));
    }
    if let Some(escaped) = chunk.strip_prefix(char::from(ESCAPED)) {
        let bytes = STANDARD.decode(escaped).map_err(|_| DecodeError::Base64)?;
        let text = ByteString::try_from(bytes).map_err(|_| DecodeError::Utf8)?;
        // What is escaped is a packet on its own: neither binary in text nor escaped again.
        let len = text.len();
        return Packet::from_websocket(Message::Text(text)).map(|packet| Chunk::Packet(packet, len));
    }
    let packet = Packet::from_chunk(chunk)?;
    let len = match &packet {
        Packet::Message(Message::Binary(bytes)) => bytes.len(),
        _ => chunk.len(),
    };
    Ok(Chunk::Packet(packet, len))
}

/// Begins a text packet in base64.
const ESCAPED: u8 = b'e';

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &str) -> Result<Vec<Chunk>, DecodeError> {
        decode(Bytes::copy_from_slice(body.as_bytes()))?.collect()
    }

    #[test]
    fn bodies() {
        let text = |text: &str| Chunk::Packet(Packet::Message(Message::from(text)), text.len() + 1);
        let table: &[(&str, Result<Vec<Chunk>, DecodeError>)] = &[
            ("a5\x1e", Ok(vec![Chunk::Record(Record::Ack(5))])),
            (
                "a5\x1es2\x1e4one\x1ebAQ==\x1eeNAAe\x1e1\x1e",
                Ok(vec![
                    Chunk::Record(Record::Ack(5)),
                    Chunk::Record(Record::First(2)),
                    text("one"),
                    Chunk::Packet(Packet::Message(Message::Binary(Bytes::from_static(&[1]))), 1),
                    text("\0\x1e"),
                    Chunk::Packet(Packet::Close, 1),
                ]),
            ),
            ("z\x1e", Ok(vec![Chunk::Unknown])),
            ("", Err(DecodeError::Incomplete)),
            ("a5", Err(DecodeError::Incomplete)),
            ("a5\x1es2\x1e4hel", Err(DecodeError::Incomplete)),
            ("\x1e", Err(DecodeError::Empty)),
            ("ax\x1e", Err(DecodeError::Record)),
            ("e\x1e", Err(DecodeError::Empty)),
            ("e!\x1e", Err(DecodeError::Base64)),
            ("e/w==\x1e", Err(DecodeError::Utf8)),
            ("ebQ==\x1e", Err(DecodeError::UnknownType(b'm'))),
            ("<html>\x1e", Err(DecodeError::UnknownType(b'<'))),
        ];
        for (body, expected) in table {
            assert_eq!(decoded(body), *expected, "{body:?}");
        }
        assert!(matches!(decode(Bytes::from_static(b"\xff\x1e")).err(), Some(DecodeError::Utf8)));
    }

    #[test]
    fn the_length_of_a_chunk_is_known_before() {
        for packet in
            [Prepared::text("a"), Prepared::text("\x1e\x1e"), Prepared::binary(&[1; 100]), Prepared::CLOSE]
        {
            let mut body = BodyBuilder::default();
            body.push_packet(&packet);
            assert_eq!(body.finish().len(), chunk_len(&packet));
        }
        assert!(max_len(1_000_000) >= 1_333_336 + 2);
    }
}
