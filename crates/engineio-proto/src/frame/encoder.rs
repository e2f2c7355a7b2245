use bytes::{BufMut, Bytes};

use super::{
    CloseCode, Opcode, deflate,
    header::{FIN, MASKED, RSV1},
    mask,
};

/// Longest header of a frame that is not masked.
const MAX_SERVER_HEADER: usize = 10;

/// Length of an unmasked, unfragmented frame with a payload of so many bytes.
pub(crate) const fn frame_len(payload: usize) -> usize {
    payload
        + match payload {
            0..=125 => 2,
            126..=65_535 => 4,
            _ => 10,
        }
}

/// Length of the header of such a frame with so many bytes in all.
#[inline]
pub(crate) const fn header_len(frame: usize) -> usize {
    match frame {
        0..=127 => 2,
        128..=65_539 => 4,
        _ => 10,
    }
}

/// Whether a frame that is not compressed is a binary one.
#[inline]
pub(crate) fn is_binary(frame: &[u8]) -> bool {
    frame.first() == Some(&(FIN | Opcode::Binary.bits()))
}

/// Writes the header of an unmasked, unfragmented frame.
pub(crate) fn write_header(out: &mut impl BufMut, opcode: Opcode, len: usize) {
    header_with(out, opcode, len, 0);
}

/// The unmasked frame of a message that is worth compressing.
pub(crate) fn compressed_frame(opcode: Opcode, payload: &[u8]) -> Bytes {
    let payload = deflate::compress(payload);
    let mut frame = Vec::with_capacity(MAX_SERVER_HEADER + payload.len());
    write_header(&mut frame, opcode, payload.len());
    if let Some(first) = frame.first_mut() {
        *first |= RSV1;
    }
    frame.extend_from_slice(&payload);
    frame.into()
}

/// An unmasked PING or PONG frame; of a payload longer than the 125 bytes allowed, the first 125.
pub fn control_frame(opcode: Opcode, payload: &[u8]) -> Bytes {
    let payload = payload.get(..MAX_CONTROL_PAYLOAD).unwrap_or(payload);
    let mut frame = Vec::with_capacity(2 + payload.len());
    write_header(&mut frame, opcode, payload.len());
    frame.extend_from_slice(payload);
    frame.into()
}

/// An unmasked CLOSE frame.
pub fn close_frame(code: Option<CloseCode>) -> Bytes {
    match code {
        None => Bytes::from_static(&[0x88, 0]),
        Some(code) => control_frame(Opcode::Close, &code.get().to_be_bytes()),
    }
}

/// A masked, unfragmented frame, as a client sends it; `mask` must be unpredictable, RFC 6455 §5.3.
pub fn masked_frame(opcode: Opcode, payload: &[u8], key: [u8; 4]) -> Bytes {
    let mut frame = Vec::with_capacity(MAX_SERVER_HEADER + key.len() + payload.len());
    header_with(&mut frame, opcode, payload.len(), MASKED);
    frame.extend_from_slice(&key);
    let start = frame.len();
    frame.extend_from_slice(payload);
    mask::apply(frame.get_mut(start..).unwrap_or_default(), key, 0);
    frame.into()
}

fn header_with(out: &mut impl BufMut, opcode: Opcode, len: usize, masked: u8) {
    out.put_u8(FIN | opcode.bits());
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ 0..=125), _) => out.put_u8(masked | len),
        (_, Ok(len)) => {
            out.put_u8(masked | 126);
            out.put_u16(len);
        }
        _ => {
            out.put_u8(masked | 127);
            out.put_u64(len as u64);
        }
    }
}

const MAX_CONTROL_PAYLOAD: usize = 125;
