//! Several packets in one HTTP body.
//!
//! <https://github.com/socketio/engine.io-protocol#http-long-polling-1>

use bytes::Bytes;
use bytestring::ByteString;

use crate::{DecodeError, Packet, Prepared};

/// Stands between two packets of a payload.
pub const SEPARATOR: u8 = 0x1e;

/// The most packets that one payload of ours carries.
///
/// python-engineio refuses a payload with more
/// (<https://python-engineio.readthedocs.io/en/latest/server.html>, `max_decode_packets`).
pub const MAX_PACKETS: usize = 16;

/// Encodes packets as one payload; a single text packet is shared, not copied.
pub fn encode(packets: &[Prepared]) -> Bytes {
    match packets {
        [] => Bytes::new(),
        [packet] => packet.chunk(),
        [first, rest @ ..] => {
            let len = packets.iter().map(|packet| packet.chunk_len() + 1).sum::<usize>();
            let mut body = Vec::with_capacity(len - 1);
            first.write_chunk(&mut body);
            for packet in rest {
                body.push(SEPARATOR);
                packet.write_chunk(&mut body);
            }
            body.into()
        }
    }
}

/// The packets of a payload, decoded one at a time so that a hostile body costs no more memory than itself.
///
/// # Errors
/// The body is not UTF-8. Each item tells whether that part is a packet.
pub fn decode(body: Bytes) -> Result<Packets, DecodeError> {
    let text = ByteString::try_from(body).map_err(|_| DecodeError::Utf8)?;
    Ok(Packets { rest: Some(text) })
}

/// What [`decode`] gives.
#[derive(Clone, Debug)]
pub struct Packets {
    rest: Option<ByteString>,
}

impl Iterator for Packets {
    type Item = Result<Packet, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest.take()?;
        let end = memchr::memchr(SEPARATOR, text.as_bytes());
        let chunk = match end.and_then(|end| text.split_at_checked(end)) {
            Some((chunk, tail)) => {
                // The separator is one ASCII character.
                self.rest = Some(text.slice_ref(tail.get(1..).unwrap_or_default()));
                text.slice_ref(chunk)
            }
            None => text,
        };
        Some(Packet::from_chunk(&chunk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn decoded(body: &str) -> Result<Vec<Packet>, DecodeError> {
        decode(Bytes::copy_from_slice(body.as_bytes()))?.collect()
    }

    #[test]
    fn payloads() {
        let text = |text: &str| Packet::Message(Message::from(text));
        let table: &[(&str, Result<Vec<Packet>, DecodeError>)] = &[
            ("4hello", Ok(vec![text("hello")])),
            (
                "4test1\x1e4test2\x1ebAQ==",
                Ok(vec![
                    text("test1"),
                    text("test2"),
                    Packet::Message(Message::Binary(Bytes::from_static(&[1]))),
                ]),
            ),
            ("", Err(DecodeError::Empty)),
            ("\x1e", Err(DecodeError::Empty)),
            ("4a\x1e", Err(DecodeError::Empty)),
            ("abc", Err(DecodeError::UnknownType(b'a'))),
            ("4a\x1eabc", Err(DecodeError::UnknownType(b'a'))),
        ];
        for (body, expected) in table {
            assert_eq!(decoded(body), *expected, "{body:?}");
        }
        assert!(decode(Bytes::from_static(&[b'4', 0xff])).is_err());
    }

    #[test]
    fn encode_joins_with_the_separator() {
        let packets = [Prepared::text("a"), Prepared::binary(&[1]), Prepared::PING];
        assert_eq!(encode(&packets), "4a\x1ebAQ==\x1e2");
        assert_eq!(encode(&packets[..1]), "4a");
        assert_eq!(encode(&[]), "");
    }
}
