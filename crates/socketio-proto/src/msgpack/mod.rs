//! MessagePack, as `socket.io-msgpack-parser` and the adapters of the reference implementation write it.
//!
//! Values take the way over JSON text, in both directions: handlers see the same whichever way a packet came, and one
//! encoding of a broadcast serves clients of both kinds.
//!
//! <https://github.com/msgpack/msgpack/blob/master/spec.md>

mod date;
mod read;
mod transcode;
mod write;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    DecodeError, EncodeError, Limits,
    binary::WithAttachments,
    encoder::{self, Encoded},
    parse,
};
use read::Reader;
use transcode::Transcoder;

pub(crate) use transcode::packet as decode;

/// Writes a value, bytes included.
///
/// It has the shape that `serde_json` would give it, with bytes at the places of byte arrays.
///
/// # Errors
/// The value has no JSON form.
///
/// ```
/// use bytes::Bytes;
/// use socketio_proto::{Limits, msgpack};
///
/// let written = msgpack::to_vec(&("a", Bytes::from_static(&[1, 2]), Some(1.5)))?;
/// let read: (String, Bytes, Option<f64>) = msgpack::from_bytes(&written.into(), Limits::default())?;
/// assert_eq!(read, ("a".to_owned(), Bytes::from_static(&[1, 2]), Some(1.5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let (text, attachments) = encoder::with_attachments(value)?;
    let mut out = Vec::with_capacity(text.len());
    write::json(&text, &attachments, &mut out)?;
    Ok(out)
}

/// Reads a value of any shape; [`Value`](crate::Value) takes all of them.
///
/// # Errors
/// The bytes are no MessagePack, exceed a limit, or do not have the shape of `T`.
pub fn from_bytes<T: DeserializeOwned>(bytes: &Bytes, limits: Limits) -> Result<T, DecodeError> {
    let (text, attachments) = Transcoder::new(Reader::new(bytes), limits).document()?;
    let mut json = serde_json::Deserializer::from_str(&text);
    T::deserialize(WithAttachments::new(&mut json, &attachments)).map_err(DecodeError::Shape)
}

impl Encoded<'_> {
    /// The packet as the one binary message of [`Parser::MessagePack`](crate::Parser::MessagePack).
    ///
    /// # Errors
    /// The text is no packet, which what an [`Encoder`](crate::Encoder) writes always is, or it is nested more
    /// than 128 deep.
    pub fn to_message_pack(&self) -> Result<Vec<u8>, EncodeError> {
        let head = parse::head(self.text).map_err(|error| write::invalid(&error))?;
        let mut out = Vec::with_capacity(self.text.len() + 32);
        let fields = 2 + u8::from(!head.payload.is_empty()) + u8::from(head.id.is_some());
        out.push(0x80 | fields);
        write::string("type", &mut out);
        out.push(head.packet_type.without_attachments().digit() - b'0');
        if !head.payload.is_empty() {
            write::string("data", &mut out);
            write::json(head.payload, self.attachments, &mut out)?;
        }
        write::string("nsp", &mut out);
        write::string(head.namespace, &mut out);
        if let Some(id) = head.id {
            write::string("id", &mut out);
            write::unsigned(id, &mut out);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
