//! Packets as what is sent.

use engineio_proto::Prepared;
use smallvec::SmallVec;
use socketio_proto::{EncodeError, Encoded, Encoder};

/// One packet: a text message, and a binary message for each attachment.
pub(crate) type Frames = SmallVec<[Prepared; 1]>;

pub(crate) fn encode(
    write: impl for<'a> FnOnce(&'a mut Encoder) -> Result<Encoded<'a>, EncodeError>,
) -> Result<Frames, EncodeError> {
    let mut encoder = Encoder::default();
    let encoded = write(&mut encoder)?;
    let text = Prepared::text(encoded.text);
    let attachments = encoded.attachments.iter().map(|bytes| Prepared::binary(bytes));
    Ok(std::iter::once(text).chain(attachments).collect())
}
