use std::io::Write as _;

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::Error as _;

use super::{
    date,
    read::{Head, Reader},
};
use crate::{
    Args, Content, DecodeError, Limits, Packet, PacketType, args::Spans, binary::PLACEHOLDER, is_reserved,
};

/// Reads a packet: a map with `type`, `nsp`, and where it applies `data` and `id`. Other keys are ignored.
pub(crate) fn packet(bytes: &Bytes, limits: Limits) -> Result<Packet, DecodeError> {
    let mut reader = Reader::new(bytes);
    let Head::Map(len) = reader.head()? else { return Err(DecodeError::NoPacketMap) };
    let (mut packet_type, mut namespace, mut id, mut data) = (None, None, None, None);
    for _ in 0..len {
        let Head::String(key) = reader.head()? else { return Err(DecodeError::InvalidKey) };
        let key = reader.text(key)?;
        let mut value = reader.clone();
        reader.skip()?;
        match (key, value.clone().head()?) {
            ("type", Head::Unsigned(number)) => packet_type = Some(number),
            ("nsp", Head::String(len)) => {
                value.head()?;
                namespace = Some(value.text(len)?);
            }
            ("id", Head::Unsigned(number)) => id = Some(number),
            ("id" | "data", Head::Nil | UNDEFINED) => {}
            ("id", _) => return Err(DecodeError::InvalidAckId),
            ("data", _) => data = Some(value),
            _ => {}
        }
    }
    if !reader.is_at_end() {
        return Err(DecodeError::NoMessagePack);
    }
    let packet_type = packet_type.and_then(plain_type).ok_or(DecodeError::UnknownType)?;
    let is_valid = |name: &&str| name.starts_with('/') && !name.contains(',');
    let namespace = namespace.filter(is_valid).ok_or(DecodeError::InvalidNamespace)?;
    let data = data.map(|data| Transcoder::new(data, limits));
    Ok(Packet { namespace: namespace.into(), content: content(packet_type, id, data)? })
}

/// What `notepack.io` writes for `undefined`.
const UNDEFINED: Head = Head::Extension { tag: 0, len: 1, fixed: true };

/// Binary events and acknowledgements have no types of their own here.
fn plain_type(number: u64) -> Option<PacketType> {
    let digit = u8::try_from(number).ok()?.checked_add(b'0')?;
    PacketType::from_digit(digit).filter(|packet_type| !packet_type.is_binary())
}

fn content(
    packet_type: PacketType,
    id: Option<u64>,
    data: Option<Transcoder<'_>>,
) -> Result<Content, DecodeError> {
    let shape = |expected: &'static str| DecodeError::InvalidPayload {
        packet_type,
        source: serde_json::Error::custom(expected),
    };
    Ok(match packet_type {
        PacketType::Connect => {
            let payload = data.map(Transcoder::payload).transpose()?;
            if payload.as_ref().is_some_and(|payload| !payload.starts_with('{')) {
                return Err(shape("expected an object"));
            }
            Content::Connect { payload }
        }
        PacketType::Disconnect if data.is_none() => Content::Disconnect,
        PacketType::Disconnect => return Err(DecodeError::UnexpectedPayload(packet_type)),
        PacketType::ConnectError => {
            let payload = data.ok_or_else(|| shape("expected an object"))?.payload()?;
            if !payload.starts_with(['{', '"']) {
                return Err(shape("expected an object"));
            }
            Content::ConnectError { payload: Some(payload) }
        }
        PacketType::Event | PacketType::BinaryEvent => {
            let mut data = data.ok_or_else(|| shape("expected an array"))?;
            let args = data.elements()?.ok_or_else(|| shape("expected an array"))?.checked_sub(1);
            let args = args.ok_or_else(|| shape("expected the name of the event"))?;
            let name = data.name()?.ok_or_else(|| shape("expected the name of the event"))?;
            if is_reserved(&name) {
                return Err(DecodeError::ReservedEvent(name.to_string()));
            }
            Content::Event { id, name, args: data.args(args)? }
        }
        PacketType::Ack | PacketType::BinaryAck => {
            let id = id.ok_or(DecodeError::MissingAckId)?;
            let mut data = data.ok_or_else(|| shape("expected an array"))?;
            let args = data.elements()?.ok_or_else(|| shape("expected an array"))?;
            Content::Ack { id, args: data.args(args)? }
        }
    })
}

/// Writes MessagePack as JSON text, with bytes set aside as attachments.
pub(super) struct Transcoder<'a> {
    reader: Reader<'a>,
    limits: Limits,
    text: Vec<u8>,
    attachments: Vec<Bytes>,
}

impl<'a> Transcoder<'a> {
    pub(super) fn new(reader: Reader<'a>, limits: Limits) -> Self {
        Self { reader, limits, text: Vec::new(), attachments: Vec::new() }
    }

    /// One value, and nothing behind it.
    pub(super) fn document(mut self) -> Result<(ByteString, Vec<Bytes>), DecodeError> {
        self.value(0)?;
        if !self.reader.is_at_end() {
            return Err(DecodeError::NoMessagePack);
        }
        Ok((text(self.text)?, self.attachments))
    }

    /// The payload of a packet that is no event.
    fn payload(mut self) -> Result<ByteString, DecodeError> {
        self.value(0)?;
        text(self.text)
    }

    /// How many elements follow, if the value is an array.
    fn elements(&mut self) -> Result<Option<u64>, DecodeError> {
        Ok(match self.reader.head()? {
            Head::Array(len) => Some(len),
            _ => None,
        })
    }

    /// The name of an event: a string, or a number that is kept as its digits.
    fn name(&mut self) -> Result<Option<ByteString>, DecodeError> {
        Ok(match self.reader.head()? {
            Head::String(len) => Some(self.reader.text(len)?.into()),
            Head::Unsigned(number) => Some(number.to_string().into()),
            Head::Signed(number) => Some(number.to_string().into()),
            _ => None,
        })
    }

    fn args(mut self, count: u64) -> Result<Args, DecodeError> {
        let mut spans = Spans::new();
        for _ in 0..count {
            let start = self.text.len();
            self.value(1)?;
            spans.push(start..self.text.len());
        }
        let mut args = Args::from_parts(text(self.text)?, spans);
        self.attachments.into_iter().for_each(|attachment| args.attach(attachment));
        Ok(args)
    }

    fn value(&mut self, depth: usize) -> Result<(), DecodeError> {
        match self.reader.head()? {
            Head::Nil => self.push("null"),
            Head::Bool(value) => self.push(if value { "true" } else { "false" }),
            Head::Unsigned(number) => self.json(&number)?,
            Head::Signed(number) => self.json(&number)?,
            // As with `JSON.stringify`, what is no number in JSON reads as nothing.
            Head::Float(number) => self.json(&number)?,
            Head::String(len) => {
                let string = self.reader.text(len)?;
                self.json(string)?;
            }
            Head::Binary(len) => self.attachment(len)?,
            Head::Array(len) => self.sequence(len, b"[]", depth, Self::value)?,
            Head::Map(len) => self.sequence(len, b"{}", depth, Self::entry)?,
            Head::Extension { tag, len, fixed } => self.extension(tag, len, fixed)?,
        }
        Ok(())
    }

    fn sequence(
        &mut self,
        len: u64,
        brackets: &[u8; 2],
        depth: usize,
        element: fn(&mut Self, usize) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if depth >= self.limits.max_depth {
            return Err(DecodeError::TooDeep { max: self.limits.max_depth });
        }
        let [open, close] = *brackets;
        self.text.push(open);
        for index in 0..len {
            if index > 0 {
                self.text.push(b',');
            }
            element(self, depth + 1)?;
        }
        self.text.push(close);
        Ok(())
    }

    fn entry(&mut self, depth: usize) -> Result<(), DecodeError> {
        match self.reader.head()? {
            Head::String(len) => {
                let key = self.reader.text(len)?;
                self.json(key)?;
            }
            Head::Unsigned(number) => self.json(&number.to_string())?,
            Head::Signed(number) => self.json(&number.to_string())?,
            _ => return Err(DecodeError::InvalidKey),
        }
        self.text.push(b':');
        self.value(depth)
    }

    /// The types of the specification and of `notepack.io`: both have dates, and the latter has `ArrayBuffer`.
    fn extension(&mut self, tag: i8, len: usize, fixed: bool) -> Result<(), DecodeError> {
        if tag == 0 && !fixed {
            return self.attachment(len);
        }
        let date = match (tag, self.reader.take(len)?) {
            (0, [_]) => None,
            (0, &[a, b, c, d, e, f, g, h]) => date::iso(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
            (-1, bytes) => date::timestamp(bytes).and_then(date::iso),
            _ => return Err(DecodeError::UnknownExtension(tag)),
        };
        // As in JSON, `undefined` and an invalid `Date` read as nothing.
        self.json(&date)
    }

    fn attachment(&mut self, len: usize) -> Result<(), DecodeError> {
        let (number, max) = (self.attachments.len(), self.limits.max_attachments);
        if number >= max {
            return Err(DecodeError::TooManyAttachments { count: number + 1, max });
        }
        self.attachments.push(self.reader.share(len)?);
        // Writing into memory does not fail.
        let _ = write!(self.text, r#"{{"{PLACEHOLDER}":true,"num":{number}}}"#);
        Ok(())
    }

    fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn json<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Result<(), DecodeError> {
        serde_json::to_writer(&mut self.text, value).map_err(DecodeError::Shape)
    }
}

/// The text was put together of text, so this does not fail; checking is the price of having no unsafe code.
fn text(bytes: Vec<u8>) -> Result<ByteString, DecodeError> {
    ByteString::try_from(bytes).map_err(|_| DecodeError::NoMessagePack)
}
