//! Compression of messages, [RFC 7692](https://www.rfc-editor.org/rfc/rfc7692), each message by itself.
//!
//! Without context takeover a connection keeps no window, and the compressed form of a message is the same for all
//! its recipients.

use std::io::Read as _;

use bytes::{Bytes, BytesMut};
use flate2::{Compress, Compression, FlushCompress, bufread::DeflateDecoder};

use super::FrameError;

/// What a server answers to an offer that it accepts.
pub const RESPONSE: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Whether one of the offers in a `Sec-WebSocket-Extensions` header can be accepted with [`RESPONSE`].
///
/// An offer that asks for a smaller window of the server is declined, as this implementation always uses 32 KiB.
pub fn accepts(header: &str) -> bool {
    header.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        parts.next() == Some("permessage-deflate")
            && parts.all(|parameter| match parameter.split_once('=') {
                None => {
                    matches!(
                        parameter,
                        "server_no_context_takeover"
                            | "client_no_context_takeover"
                            | "client_max_window_bits"
                    )
                }
                Some((name, value)) => match name.trim() {
                    "client_max_window_bits" => window_bits(value).is_some(),
                    "server_max_window_bits" => window_bits(value) == Some(15),
                    _ => false,
                },
            })
    })
}

/// The compressed form of a message, RFC 7692 §7.2.1.
pub(crate) fn compress(payload: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::fast(), false);
    let mut out = Vec::with_capacity(payload.len() / 2 + 64);
    let mut rest = payload;
    loop {
        let before = compress.total_in();
        // Memory grows as needed, and there is no dictionary that could be missing, so this does not fail.
        let _ = compress.compress_vec(rest, &mut out, FlushCompress::Sync);
        let taken = usize::try_from(compress.total_in() - before).unwrap_or(rest.len());
        rest = rest.get(taken..).unwrap_or_default();
        if rest.is_empty() && out.len() < out.capacity() {
            break;
        }
        out.reserve(rest.len() / 2 + 64);
    }
    if out.ends_with(&FLUSH) {
        out.truncate(out.len() - FLUSH.len());
    }
    out
}

/// The message whose compressed form this is, if it is no longer than `max`.
pub(super) fn inflate(compressed: &[u8], max: usize) -> Result<BytesMut, FrameError> {
    let input = Bytes::copy_from_slice(compressed);
    let mut decoder = DeflateDecoder::new(bytes::Buf::reader(bytes::Buf::chain(input, &FLUSH[..])));
    let mut out = BytesMut::new();
    let mut buffer = [0; 8 * 1024];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => return Ok(out),
            Ok(len) if out.len() + len > max => return Err(FrameError::TooBig),
            Ok(len) => out.extend_from_slice(buffer.get(..len).unwrap_or_default()),
            // The stream has no final block, so its end looks like a missing one.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(out),
            Err(_) => return Err(FrameError::Deflate),
        }
    }
}

fn window_bits(value: &str) -> Option<u8> {
    value.trim().trim_matches('"').parse().ok().filter(|bits| (8..=15).contains(bits))
}

/// What a sender omits from the end of each message, RFC 7692 §7.2.1.
const FLUSH: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_and_bombs_do_not() {
        for len in [0, 1, 100, 10_000, 1_000_000] {
            let message: Vec<u8> = (0..len).map(|i: u32| (i % 251) as u8 ^ (i / 1000) as u8).collect();
            let compressed = compress(&message);
            assert_eq!(inflate(&compressed, message.len()).as_deref(), Ok(&message[..]), "{len}");
            if len > 0 {
                assert_eq!(inflate(&compressed, message.len() - 1), Err(FrameError::TooBig));
            }
        }
        let bomb = compress(&vec![0; 10_000_000]);
        assert!(bomb.len() < 100_000);
        assert_eq!(inflate(&bomb, 1_000_000), Err(FrameError::TooBig));
        assert_eq!(inflate(&[0xff, 0xff, 0xff], 100), Err(FrameError::Deflate));
    }

    /// Such a message is longer compressed than the first guess at its size.
    #[test]
    fn a_message_that_hardly_compresses_survives() {
        for run in [60, 70, 80, 90] {
            let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(run) | 1;
            let mut random = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()[4]
            };
            let message: Vec<u8> = (0..65_536)
                .map(|i| (random(), i % 997 < run))
                .map(|(byte, runs)| if runs { 7 } else { byte })
                .collect();
            assert_eq!(inflate(&compress(&message), message.len()).as_deref(), Ok(&message[..]), "{run}");
        }
    }

    #[test]
    fn the_example_of_the_rfc() {
        // RFC 7692 §7.2.3.1.
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(inflate(&hello, 5).as_deref(), Ok(&b"Hello"[..]));
    }

    #[test]
    fn offers() {
        let table = [
            ("permessage-deflate", true),
            ("permessage-deflate; client_max_window_bits", true),
            ("foo, permessage-deflate; client_max_window_bits=10; server_no_context_takeover", true),
            ("permessage-deflate; server_max_window_bits=10", false),
            ("permessage-deflate; server_max_window_bits=10, permessage-deflate", true),
            ("permessage-deflate; unknown", false),
            ("permessage-deflate; client_max_window_bits=7", false),
            ("x-webkit-deflate-frame", false),
            ("", false),
        ];
        for (header, accepted) in table {
            assert_eq!(accepts(header), accepted, "{header}");
        }
    }
}
