//! Packets as the frames that are sent.

use std::{cell::RefCell, io::Write as _};

use engineio::{Prepared, TextBuilder};
use serde::Serialize;
use smallvec::SmallVec;
use socketio_proto::{EncodeError, Encoded, Encoder, Offset};

/// One packet: a text message, and a binary message for each attachment.
pub(crate) type Frames = SmallVec<[Prepared; 1]>;

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
    std::iter::once(text).chain(attachments(encoded)).collect()
}

fn attachments(encoded: Encoded<'_>) -> impl Iterator<Item = Prepared> {
    encoded.attachments.iter().map(|bytes| Prepared::binary(bytes))
}
