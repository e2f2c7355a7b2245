//! Text of a packet to a [`Packet`].

use std::{borrow::Cow, fmt};

use bytestring::ByteString;
use memchr::memchr;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{Args, Content, DecodeError, Packet, PacketType, args::Spans, is_reserved};

/// Reads `<type>[<attachments>-][<namespace>,][<id>][payload]` and tells how many attachments follow.
///
/// Source: [Socket.IO protocol](https://socket.io/docs/v4/socket-io-protocol/#packet-encoding).
pub(crate) fn packet(text: ByteString, max_attachments: usize) -> Result<(Packet, usize), DecodeError> {
    let Head { packet_type, attachments, namespace, id, payload } = head(&text)?;
    if attachments > max_attachments {
        return Err(DecodeError::TooManyAttachments { count: attachments, max: max_attachments });
    }
    let namespace = match namespace {
        "/" => ByteString::from_static("/"),
        name => text.slice_ref(name),
    };
    let payload_start = text.len() - payload.len();
    let content = content(packet_type, id, text, payload_start)?;
    Ok((Packet { namespace, content }, attachments))
}

/// The parts of a packet's text.
pub(crate) struct Head<'a> {
    pub(crate) packet_type: PacketType,
    attachments: usize,
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<u64>,
    pub(crate) payload: &'a str,
}

pub(crate) fn head(text: &str) -> Result<Head<'_>, DecodeError> {
    let first = text.as_bytes().first().copied().ok_or(DecodeError::UnknownType)?;
    let packet_type = PacketType::from_digit(first).ok_or(DecodeError::UnknownType)?;
    let rest = text.get(1..).unwrap_or_default();
    let (attachments, rest) = if packet_type.is_binary() { attachments(rest)? } else { (0, rest) };
    let (namespace, rest) = namespace(rest);
    let (id, payload) = id(rest)?;
    Ok(Head { packet_type, attachments, namespace: namespace.unwrap_or("/"), id, payload })
}

fn attachments(text: &str) -> Result<(usize, &str), DecodeError> {
    let (count, rest) = text.split_once('-').ok_or(DecodeError::InvalidAttachmentCount)?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecodeError::InvalidAttachmentCount);
    }
    Ok((count.parse().unwrap_or(usize::MAX), rest))
}

/// A namespace goes on to the first comma, or to the end.
fn namespace(text: &str) -> (Option<&str>, &str) {
    if !text.starts_with('/') {
        return (None, text);
    }
    let end = memchr(b',', text.as_bytes()).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (Some(name), rest.strip_prefix(',').unwrap_or_default())
}

fn id(text: &str) -> Result<(Option<u64>, &str), DecodeError> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    match text.split_at_checked(end) {
        None | Some(("", _)) => Ok((None, text)),
        Some((digits, rest)) => Ok((Some(digits.parse().map_err(|_| DecodeError::InvalidAckId)?), rest)),
    }
}

fn content(
    packet_type: PacketType,
    id: Option<u64>,
    text: ByteString,
    payload_start: usize,
) -> Result<Content, DecodeError> {
    let payload = text.get(payload_start..).unwrap_or_default();
    let invalid = |source| DecodeError::InvalidPayload { packet_type, source };
    Ok(match packet_type {
        PacketType::Connect => {
            let payload = optional(&text, payload, |first| first == b'{').map_err(invalid)?;
            Content::Connect { payload }
        }
        PacketType::Disconnect if payload.is_empty() => Content::Disconnect,
        PacketType::Disconnect => return Err(DecodeError::UnexpectedPayload(packet_type)),
        PacketType::ConnectError => {
            let payload =
                optional(&text, payload, |first| first == b'{' || first == b'"').map_err(invalid)?;
            Content::ConnectError { payload }
        }
        PacketType::Event | PacketType::BinaryEvent => {
            let (name, spans) = Array { text: &text, is_event: true }.read(payload).map_err(invalid)?;
            if is_reserved(&name) {
                return Err(DecodeError::ReservedEvent(name.into_owned()));
            }
            let name = match name {
                Cow::Borrowed(name) => text.slice_ref(name),
                Cow::Owned(name) => name.into(),
            };
            Content::Event { id, name, args: Args::from_parts(text, spans) }
        }
        PacketType::Ack | PacketType::BinaryAck => {
            let id = id.ok_or(DecodeError::MissingAckId)?;
            if payload.is_empty() {
                return Ok(Content::Ack { id, args: Args::default() });
            }
            let (_, spans) = Array { text: &text, is_event: false }.read(payload).map_err(invalid)?;
            Content::Ack { id, args: Args::from_parts(text, spans) }
        }
    })
}

/// Where the elements of a JSON array are in its text.
pub(crate) fn elements(array: &str) -> Result<Spans, serde_json::Error> {
    Array { text: array, is_event: false }.read(array).map(|(_, spans)| spans)
}

/// A payload that may be missing and otherwise begins with a byte that `shape` accepts.
fn optional(
    text: &ByteString,
    payload: &str,
    shape: fn(u8) -> bool,
) -> Result<Option<ByteString>, serde_json::Error> {
    if payload.is_empty() {
        return Ok(None);
    }
    let raw: &RawValue = serde_json::from_str(payload)?;
    match raw.get().as_bytes().first() {
        Some(&first) if shape(first) => Ok(Some(text.slice_ref(raw.get()))),
        _ => Err(serde_json::Error::custom("expected an object")),
    }
}

/// The payload of an event or of an acknowledgement, of which only the name is read.
struct Array<'a> {
    /// What the spans are of; the payload is a part of it.
    text: &'a str,
    /// Whether it begins with a name.
    is_event: bool,
}

impl Array<'_> {
    /// The name, empty where there is none, and where the arguments are in the text.
    fn read<'de>(self, payload: &'de str) -> Result<(Cow<'de, str>, Spans), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(payload);
        let read = json.deserialize_seq(self)?;
        json.end()?;
        Ok(read)
    }
}

impl<'de> Visitor<'de> for Array<'_> {
    type Value = (Cow<'de, str>, Spans);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_event {
            "an array that begins with the name of the event"
        } else {
            "an array"
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let name = if self.is_event {
            let Name(name) = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
            name
        } else {
            Cow::Borrowed("")
        };
        let mut spans = Spans::new();
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            let start = raw.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
            spans.push(start..start + raw.get().len());
        }
        Ok((name, spans))
    }
}

/// The name of an event: a string, or a number that is kept as its digits.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of the event")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }

            fn visit_u64<E>(self, name: u64) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_string())))
            }

            fn visit_i64<E>(self, name: i64) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_string())))
            }

            fn visit_f64<E>(self, name: f64) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_string())))
            }
        }
        deserializer.deserialize_any(NameVisitor)
    }
}
