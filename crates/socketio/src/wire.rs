//! Packets as the frames that are sent.

use std::{cell::RefCell, io::Write as _, sync::OnceLock};

use bytes::Bytes;
use engineio::{Prepared, TextBuilder};
use serde::Serialize;
use smallvec::{SmallVec, smallvec};
use socketio_proto::{EncodeError, Encoded, Encoder, Offset, Parser};

/// One packet, encoded once for each parser that a recipient has.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    /// A text message, and a binary message for each attachment.
    json: SmallVec<[Prepared; 1]>,
    /// Made by the first recipient that wants it; `None` if it cannot be written.
    message_pack: OnceLock<Option<Prepared>>,
    compression: Compression,
}

/// Whether the messages are compressed, for those recipients that agreed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    /// For each recipient by itself.
    Single,
    /// Once, for all.
    Shared,
    Never,
}

impl Compression {
    fn apply(self, packet: Prepared) -> Prepared {
        match self {
            Self::Single => packet,
            Self::Shared => packet.compressible(),
            Self::Never => packet.uncompressed(),
        }
    }
}

impl Frames {
    fn from_json(json: SmallVec<[Prepared; 1]>) -> Self {
        Self { json, message_pack: OnceLock::new(), compression: Compression::Single }
    }

    /// Lets all recipients that want compression share it.
    pub(crate) fn compressible(self) -> Self {
        self.with(Compression::Shared)
    }

    /// Lets nobody compress it.
    pub(crate) fn uncompressed(self) -> Self {
        self.with(Compression::Never)
    }

    /// The messages for a recipient.
    pub(crate) fn of(&self, parser: Parser) -> &[Prepared] {
        match parser {
            Parser::Json => &self.json,
            Parser::MessagePack => self.message_pack.get_or_init(|| self.message_pack()).as_slice(),
        }
    }

    /// What the messages take of a limit of queued bytes.
    pub(crate) fn cost(&self) -> usize {
        self.json.iter().map(Prepared::cost).sum()
    }

    fn with(self, compression: Compression) -> Self {
        let json = self.json.into_iter().map(|packet| compression.apply(packet)).collect();
        Self { json, message_pack: OnceLock::new(), compression }
    }

    fn message_pack(&self) -> Option<Prepared> {
        let (text, attachments) = self.json.split_first()?;
        // The first character is the packet type of Engine.IO.
        let text = text.payload().get(1..).and_then(|text| str::from_utf8(text).ok())?;
        let attachments: SmallVec<[Bytes; 4]> = attachments.iter().map(Prepared::to_payload).collect();
        match (Encoded { text, attachments: &attachments }).to_message_pack() {
            Ok(message) => Some(self.compression.apply(Prepared::binary(&message))),
            Err(error) => {
                tracing::error!(%error, "a packet cannot be written as MessagePack");
                None
            }
        }
    }
}

impl FromIterator<Prepared> for Frames {
    fn from_iter<I: IntoIterator<Item = Prepared>>(json: I) -> Self {
        Self::from_json(json.into_iter().collect())
    }
}

/// Encodes one packet, in a buffer that the thread keeps.
pub(crate) fn encode(
    write: impl for<'a> FnOnce(&'a mut Encoder) -> Result<Encoded<'a>, EncodeError>,
) -> Result<Frames, EncodeError> {
    encode_with(write, frames)
}

pub(crate) fn encode_with<T>(
    write: impl for<'a> FnOnce(&'a mut Encoder) -> Result<Encoded<'a>, EncodeError>,
    take: impl FnOnce(Encoded<'_>) -> T,
) -> Result<T, EncodeError> {
    thread_local!(static ENCODER: RefCell<Encoder> = RefCell::default());
    ENCODER.with(|encoder| match encoder.try_borrow_mut() {
        Ok(mut encoder) => {
            let taken = write(&mut encoder).map(take);
            encoder.reset();
            taken
        }
        // A value emits while it is being serialised.
        Err(_) => write(&mut Encoder::default()).map(take),
    })
}

/// An event that still lacks its offset.
pub(crate) struct Draft {
    /// The text of the packet without the bracket that ends its arguments.
    open_text: Box<str>,
    attachments: SmallVec<[Prepared; 1]>,
}

impl Draft {
    /// Encodes an event that asks for no acknowledgement.
    pub(crate) fn event<T: Serialize + ?Sized>(
        namespace: &str,
        event: &str,
        data: &T,
    ) -> Result<Self, EncodeError> {
        let take = |encoded: Encoded<'_>| Self {
            open_text: encoded.text.strip_suffix(']').unwrap_or(encoded.text).into(),
            attachments: attachments(encoded).collect(),
        };
        encode_with(|encoder| encoder.event(namespace, None, event, data), take)
    }

    /// The event with the offset as its last argument.
    pub(crate) fn finish(&self, offset: Offset) -> Frames {
        // There is always an argument before, as the name of the event is one.
        let mut text = TextBuilder::message(self.open_text.len() + MAX_OFFSET);
        text.push_str(&self.open_text);
        // Writing into memory does not fail.
        let _ = write!(text, ",\"{offset}\"]");
        std::iter::once(text.finish()).chain(self.attachments.iter().cloned()).collect()
    }
}

/// Room for an offset, its comma, quotes and the bracket.
const MAX_OFFSET: usize = 24;

fn frames(encoded: Encoded<'_>) -> Frames {
    let text = Prepared::text(encoded.text);
    if encoded.attachments.is_empty() {
        return Frames::from_json(smallvec![text]);
    }
    std::iter::once(text).chain(attachments(encoded)).collect()
}

fn attachments(encoded: Encoded<'_>) -> impl Iterator<Item = Prepared> {
    encoded.attachments.iter().map(|bytes| Prepared::binary(bytes))
}
