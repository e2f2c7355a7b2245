//! Packets as what is sent.

use engineio_proto::Prepared;
use smallvec::SmallVec;
use socketio_proto::{EncodeError, Encoded, Encoder, Parser};

/// One packet: a text message and a binary message for each attachment, or one binary message of MessagePack.
pub(crate) type Frames = SmallVec<[Prepared; 1]>;

pub(crate) fn encode(
    parser: Parser,
    write: impl for<'a> FnOnce(&'a mut Encoder) -> Result<Encoded<'a>, EncodeError>,
) -> Result<Frames, EncodeError> {
    let mut encoder = Encoder::default();
    let encoded = write(&mut encoder)?;
    if parser == Parser::MessagePack {
        return Ok(std::iter::once(Prepared::binary(&encoded.to_message_pack()?)).collect());
    }
    let text = Prepared::text(encoded.text);
    let attachments = encoded.attachments.iter().map(|bytes| Prepared::binary(bytes));
    Ok(std::iter::once(text).chain(attachments).collect())
}
