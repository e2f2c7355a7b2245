use std::{borrow::Cow, fmt::Write as _};

use bytes::Bytes;
use bytestring::ByteString;

use super::packet::{MESSAGE, from_bytes, from_text, to_base64};
use crate::{DecodeError, Packet, Prepared};

/// Encodes packets as one payload; with `base64`, or where all are text, it is text.
pub fn encode_payload(packets: &[Prepared], base64: bool) -> Bytes {
    if base64 || !packets.iter().any(Prepared::is_binary) { as_text(packets) } else { as_bytes(packets) }
}

/// Whether a payload is binary, and its content type `application/octet-stream`.
///
/// It can be seen: a text payload begins with a digit, a payload of revision 4 with that or `b`.
pub fn is_binary(payload: &[u8]) -> bool {
    matches!(payload.first(), Some(&(STRING | BINARY)))
}

/// The packets of a payload, decoded one at a time so that a hostile body costs no more memory than itself.
///
/// # Errors
/// A text payload is not UTF-8. Each item tells whether that part is a packet; after an error there are no more.
pub fn decode_payload(body: Bytes) -> Result<Packets, DecodeError> {
    let rest = if is_binary(&body) {
        Rest::Binary(body)
    } else {
        Rest::Text(ByteString::try_from(body).map_err(|_| DecodeError::Utf8)?)
    };
    Ok(Packets { rest, is_first: true })
}

/// What [`decode_payload`] gives.
#[derive(Clone, Debug)]
pub struct Packets {
    rest: Rest,
    is_first: bool,
}

impl Iterator for Packets {
    type Item = Result<Packet, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() && !self.is_first {
            return None;
        }
        let next = match &mut self.rest {
            Rest::Text(text) => next_text(text),
            Rest::Binary(bytes) => next_binary(bytes),
        };
        self.is_first = false;
        if !matches!(next, Ok(Some(_))) {
            self.rest = Rest::Text(ByteString::new());
        }
        next.transpose()
    }
}

#[derive(Clone, Debug)]
enum Rest {
    Text(ByteString),
    Binary(Bytes),
}

impl Rest {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Binary(bytes) => bytes.is_empty(),
        }
    }
}

/// `<length>:<packet>`, the length in UTF-16 code units.
fn as_text(packets: &[Prepared]) -> Bytes {
    let mut body = String::new();
    for packet in packets {
        let chunk = if packet.is_binary() {
            Cow::Owned(format!("b{}", to_base64(packet)))
        } else {
            String::from_utf8_lossy(packet.payload())
        };
        // Writing into a string does not fail.
        let _ = write!(body, "{}:{chunk}", chunk.encode_utf16().count());
    }
    body.into()
}

/// What kind of packet it is, its length in bytes as decimal digits of one byte each, 255, and the packet.
fn as_bytes(packets: &[Prepared]) -> Bytes {
    let mut body = Vec::new();
    for packet in packets {
        let (kind, type_len) = if packet.is_binary() { (BINARY, 1) } else { (STRING, 0) };
        body.push(kind);
        body.extend((packet.len() + type_len).to_string().bytes().map(|digit| digit - b'0'));
        body.push(END_OF_LENGTH);
        if kind == BINARY {
            body.push(MESSAGE);
        }
        body.extend_from_slice(packet.payload());
    }
    body.into()
}

/// `None` for the packet without content that stands for an empty payload.
fn next_text(rest: &mut ByteString) -> Result<Option<Packet>, DecodeError> {
    let (digits, tail) = rest.split_once(':').ok_or(DecodeError::Length)?;
    let len = length(digits.bytes().map(|digit| digit.wrapping_sub(b'0')))?;
    let (mut units, mut end) = (0, 0);
    for character in tail.chars() {
        if units >= len {
            break;
        }
        units += character.len_utf16();
        end += character.len_utf8();
    }
    let (chunk, tail) = tail.split_at_checked(end).filter(|_| units == len).ok_or(DecodeError::Length)?;
    let (chunk, tail) = (rest.slice_ref(chunk), rest.slice_ref(tail));
    *rest = tail;
    match len {
        0 if rest.is_empty() => Ok(None),
        _ => from_text(&chunk).map(Some),
    }
}

fn next_binary(rest: &mut Bytes) -> Result<Option<Packet>, DecodeError> {
    let end = memchr::memchr(END_OF_LENGTH, rest).ok_or(DecodeError::Length)?;
    let head = rest.split_to(end);
    let (kind, digits) = head.split_first().ok_or(DecodeError::Length)?;
    let len = length(digits.iter().copied())?;
    if rest.len() <= len {
        return Err(DecodeError::Length);
    }
    let chunk = rest.split_to(1 + len).slice(1..);
    match *kind {
        STRING => from_text(&ByteString::try_from(chunk).map_err(|_| DecodeError::Utf8)?).map(Some),
        BINARY => from_bytes(&chunk).map(Some),
        other => Err(DecodeError::UnknownType(other)),
    }
}

fn length(digits: impl ExactSizeIterator<Item = u8>) -> Result<usize, DecodeError> {
    if digits.len() == 0 {
        return Err(DecodeError::Length);
    }
    let add = |number: usize, digit: u8| {
        number.checked_mul(10)?.checked_add(usize::from(digit)).filter(|_| digit <= 9)
    };
    digits.into_iter().try_fold(0, add).ok_or(DecodeError::Length)
}

/// Kinds of packet in a binary payload.
const STRING: u8 = 0;
const BINARY: u8 = 1;

const END_OF_LENGTH: u8 = 255;
