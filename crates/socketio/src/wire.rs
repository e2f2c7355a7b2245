//! Packets as the frames that are sent.

use std::cell::RefCell;

use engineio::Prepared;
use smallvec::SmallVec;
use socketio_proto::{EncodeError, Encoded, Encoder};

/// One packet: a text message, and a binary message for each attachment.
pub(crate) type Frames = SmallVec<[Prepared; 1]>;

/// Encodes one packet, in a buffer that the thread keeps.
pub(crate) fn encode(
    write: impl for<'a> FnOnce(&'a mut Encoder) -> Result<Encoded<'a>, EncodeError>,
) -> Result<Frames, EncodeError> {
    thread_local!(static ENCODER: RefCell<Encoder> = RefCell::default());
    ENCODER.with(|encoder| match encoder.try_borrow_mut() {
        Ok(mut encoder) => {
            let frames = write(&mut encoder).map(frames);
            encoder.reset();
            frames
        }
        // A value emits while it is being serialised.
        Err(_) => write(&mut Encoder::default()).map(frames),
    })
}

fn frames(encoded: Encoded<'_>) -> Frames {
    let text = Prepared::text(encoded.text);
    let attachments = encoded.attachments.iter().map(|bytes| Prepared::binary(bytes));
    std::iter::once(text).chain(attachments).collect()
}
