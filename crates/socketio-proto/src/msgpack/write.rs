use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, de::Error as _};

use crate::{EncodeError, binary::PLACEHOLDER};

/// Writes JSON text, with attachments at the places of their placeholders.
pub(super) fn json(text: &str, attachments: &[Bytes], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let mut writer = Writer { rest: text, attachments, out };
    writer.value(0)?;
    writer.space();
    if writer.rest.is_empty() { Ok(()) } else { Err(invalid(&"text after the value")) }
}

pub(super) fn string(value: &str, out: &mut Vec<u8>) {
    match value.len() {
        len @ 0..32 => out.push(0xa0 | low_byte(len)),
        len => head(len, &[0xd9, 0xda, 0xdb], out),
    }
    out.extend_from_slice(value.as_bytes());
}

pub(super) fn unsigned(value: u64, out: &mut Vec<u8>) {
    match (u8::try_from(value), u16::try_from(value), u32::try_from(value)) {
        (Ok(value), ..) if value < 0x80 => out.push(value),
        (Ok(value), ..) => out.extend_from_slice(&[0xcc, value]),
        (_, Ok(value), _) => tagged(0xcd, &value.to_be_bytes(), out),
        (_, _, Ok(value)) => tagged(0xce, &value.to_be_bytes(), out),
        _ => tagged(0xcf, &value.to_be_bytes(), out),
    }
}

pub(super) fn invalid(error: &dyn std::fmt::Display) -> EncodeError {
    EncodeError::Json(serde_json::Error::custom(error))
}

/// Reads text that `serde_json` has written or checked, hence is not strict.
struct Writer<'a> {
    rest: &'a str,
    attachments: &'a [Bytes],
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    fn value(&mut self, depth: usize) -> Result<(), EncodeError> {
        self.space();
        match self.rest.as_bytes().first() {
            Some(b'"') => self.string(),
            Some(b'[') => self.array(depth),
            Some(b'{') if self.placeholder() => Ok(()),
            Some(b'{') => self.object(depth),
            _ => self.literal(),
        }
    }

    fn string(&mut self) -> Result<(), EncodeError> {
        // The whole value is not known yet, hence a stream of values of which the first is taken.
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Text<'a>>();
        let Some(Text(value)) = values.next().transpose()? else { return Err(invalid(&"no string")) };
        string(&value, self.out);
        self.rest = self.rest.get(values.byte_offset()..).unwrap_or_default();
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), EncodeError> {
        let start = self.out.len();
        let len = self.elements("]", depth, Self::value)?;
        self.head_at(start, len, 0x90, &[0xdc, 0xdd]);
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), EncodeError> {
        let start = self.out.len();
        let len = self.elements("}", depth, |writer, depth| {
            writer.space();
            writer.string()?;
            writer.space();
            writer.expect(":")?;
            writer.value(depth)
        })?;
        self.head_at(start, len, 0x80, &[0xde, 0xdf]);
        Ok(())
    }

    /// What is within brackets; gives the number of elements.
    fn elements(
        &mut self,
        close: &str,
        depth: usize,
        element: fn(&mut Self, usize) -> Result<(), EncodeError>,
    ) -> Result<usize, EncodeError> {
        if depth >= MAX_DEPTH {
            return Err(invalid(&"the value is nested too deep"));
        }
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.space();
        if self.eat(close) {
            return Ok(0);
        }
        let mut len = 0;
        loop {
            element(self, depth + 1)?;
            len += 1;
            self.space();
            if self.eat(close) {
                return Ok(len);
            }
            self.expect(",")?;
        }
    }

    /// Puts the head before its elements: how many there are is only known behind them.
    fn head_at(&mut self, start: usize, len: usize, fixed: u8, wide: &[u8; 2]) {
        let mut bytes = Vec::with_capacity(5);
        match len {
            0..16 => bytes.push(fixed | low_byte(len)),
            _ => head(len, &[0, wide[0], wide[1]], &mut bytes),
        }
        self.out.splice(start..start, bytes);
    }

    /// Writes the attachment, if that is what stands here.
    fn placeholder(&mut self) -> bool {
        let attachment = || {
            let rest = self.rest.strip_prefix("{\"")?.strip_prefix(PLACEHOLDER)?;
            let (number, rest) = rest.strip_prefix("\":true,\"num\":")?.split_once('}')?;
            Some((self.attachments.get(number.parse::<usize>().ok()?)?, rest))
        };
        let Some((bytes, rest)) = attachment() else { return false };
        head(bytes.len(), &[0xc4, 0xc5, 0xc6], self.out);
        self.out.extend_from_slice(bytes);
        self.rest = rest;
        true
    }

    fn literal(&mut self) -> Result<(), EncodeError> {
        let literals = [("null", 0xc0), ("false", 0xc2), ("true", 0xc3)];
        match literals.into_iter().find(|(token, _)| self.eat(token)) {
            Some((_, byte)) => {
                self.out.push(byte);
                Ok(())
            }
            None => self.number(),
        }
    }

    fn number(&mut self) -> Result<(), EncodeError> {
        let is_part = |byte: u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let end = self.rest.bytes().position(|byte| !is_part(byte)).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        if let Ok(value) = digits.parse::<u64>() {
            unsigned(value, self.out);
        } else if let Ok(value) = digits.parse::<i64>() {
            signed(value, self.out);
        } else {
            let value: f64 = digits.parse().map_err(|_| invalid(&"no value"))?;
            tagged(0xcb, &value.to_be_bytes(), self.out);
        }
        Ok(())
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &str) -> Result<(), EncodeError> {
        if self.eat(token) { Ok(()) } else { Err(invalid(&format_args!("expected {token}"))) }
    }
}

/// A string, borrowed when it holds no escape.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn signed(value: i64, out: &mut Vec<u8>) {
    match (i8::try_from(value), i16::try_from(value), i32::try_from(value)) {
        (Ok(value), ..) if value >= -32 => out.extend_from_slice(&value.to_be_bytes()),
        (Ok(value), ..) => tagged(0xd0, &value.to_be_bytes(), out),
        (_, Ok(value), _) => tagged(0xd1, &value.to_be_bytes(), out),
        (_, _, Ok(value)) => tagged(0xd2, &value.to_be_bytes(), out),
        _ => tagged(0xd3, &value.to_be_bytes(), out),
    }
}

/// A length of 1, 2 or 4 bytes after the matching tag. Nothing that fits into memory beside its text is longer.
fn head(len: usize, tags: &[u8; 3], out: &mut Vec<u8>) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len), _) if tags[0] != 0 => tagged(tags[0], &[len], out),
        (_, Ok(len)) => tagged(tags[1], &len.to_be_bytes(), out),
        _ => tagged(tags[2], &u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes(), out),
    }
}

fn tagged(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(bytes);
}

fn low_byte(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(u8::MAX)
}

/// That of `serde_json`, which has read or will read the value on the other side.
const MAX_DEPTH: usize = 128;
