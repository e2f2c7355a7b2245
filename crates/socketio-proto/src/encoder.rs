use std::io;

use bytes::Bytes;
use serde::{
    Serialize, Serializer as _,
    ser::{Error as _, SerializeSeq},
};
use serde_json::{Serializer, ser::Formatter};

use crate::{EncodeError, PacketType, binary::PLACEHOLDER, is_reserved, spread};

/// Writes packets into a buffer that it keeps.
///
/// A value becomes arguments as the crate's table says: a tuple is several, `()` is none, bytes are attachments.
#[derive(Debug, Default)]
pub struct Encoder {
    text: Vec<u8>,
    attachments: Vec<Bytes>,
}

/// A packet, ready to be sent: a text message, and then a binary message for each attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// The text message.
    pub text: &'a str,
    /// The binary messages that follow it.
    pub attachments: &'a [Bytes],
}

impl Encoder {
    /// Writes an event; with an `id` it asks for an acknowledgement.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn event<T: Serialize + ?Sized>(
        &mut self,
        namespace: &str,
        id: Option<u64>,
        name: &str,
        args: &T,
    ) -> Result<Encoded<'_>, EncodeError> {
        if is_reserved(name) {
            return Err(EncodeError::ReservedEvent(name.to_owned()));
        }
        self.with_args(PacketType::Event, namespace, id, Some(name), args)
    }

    /// Writes the answer to the event `id`.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn ack<T: Serialize + ?Sized>(
        &mut self,
        namespace: &str,
        id: u64,
        args: &T,
    ) -> Result<Encoded<'_>, EncodeError> {
        self.with_args(PacketType::Ack, namespace, Some(id), None, args)
    }

    /// Writes a CONNECT; `payload` is a client's credentials or a server's `{"sid": …}` and must be an object.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn connect<T: Serialize + ?Sized>(
        &mut self,
        namespace: &str,
        payload: Option<&T>,
    ) -> Result<Encoded<'_>, EncodeError> {
        self.with_payload(PacketType::Connect, namespace, payload)
    }

    /// Writes a DISCONNECT.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn disconnect(&mut self, namespace: &str) -> Result<Encoded<'_>, EncodeError> {
        self.with_payload(PacketType::Disconnect, namespace, None::<&()>)
    }

    /// Writes the refusal of a CONNECT; `payload` is an object with a `message`.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn connect_error<T: Serialize + ?Sized>(
        &mut self,
        namespace: &str,
        payload: &T,
    ) -> Result<Encoded<'_>, EncodeError> {
        self.with_payload(PacketType::ConnectError, namespace, Some(payload))
    }

    /// Lets go of the last packet, and of the buffer where that was an exceptionally large one.
    pub fn reset(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT_CAPACITY);
        self.attachments.clear();
    }

    fn with_args<T: Serialize + ?Sized>(
        &mut self,
        packet_type: PacketType,
        namespace: &str,
        id: Option<u64>,
        name: Option<&str>,
        args: &T,
    ) -> Result<Encoded<'_>, EncodeError> {
        self.header(packet_type, namespace, id)?;
        let payload_start = self.text.len();
        let formatter = Attach { attachments: &mut self.attachments };
        let mut json = Serializer::with_formatter(&mut self.text, formatter);
        let mut seq = json.serialize_seq(None)?;
        if let Some(name) = name {
            seq.serialize_element(name)?;
        }
        spread::serialize(args, &mut seq)?;
        seq.end()?;
        if !self.attachments.is_empty() {
            // Only now is it known that the packet is a binary one, and its header says how many follow.
            let payload = self.text.split_off(payload_start);
            let attachments = std::mem::take(&mut self.attachments);
            let binary = match packet_type {
                PacketType::Ack => PacketType::BinaryAck,
                _ => PacketType::BinaryEvent,
            };
            self.binary_header(binary, attachments.len(), namespace, id)?;
            self.attachments = attachments;
            self.text.extend_from_slice(&payload);
        }
        self.encoded()
    }

    fn with_payload<T: Serialize + ?Sized>(
        &mut self,
        packet_type: PacketType,
        namespace: &str,
        payload: Option<&T>,
    ) -> Result<Encoded<'_>, EncodeError> {
        self.header(packet_type, namespace, None)?;
        if let Some(payload) = payload {
            serde_json::to_writer(&mut self.text, payload)?;
        }
        self.encoded()
    }

    fn header(
        &mut self,
        packet_type: PacketType,
        namespace: &str,
        id: Option<u64>,
    ) -> Result<(), EncodeError> {
        self.begin(packet_type);
        self.address(namespace, id)
    }

    fn binary_header(
        &mut self,
        packet_type: PacketType,
        attachments: usize,
        namespace: &str,
        id: Option<u64>,
    ) -> Result<(), EncodeError> {
        self.begin(packet_type);
        self.number(attachments as u64)?;
        self.text.push(b'-');
        self.address(namespace, id)
    }

    fn begin(&mut self, packet_type: PacketType) {
        self.text.clear();
        self.attachments.clear();
        self.text.push(packet_type.digit());
    }

    fn address(&mut self, namespace: &str, id: Option<u64>) -> Result<(), EncodeError> {
        if namespace != "/" {
            if !namespace.starts_with('/') || namespace.contains(',') {
                return Err(EncodeError::InvalidNamespace(namespace.to_owned()));
            }
            self.text.extend_from_slice(namespace.as_bytes());
            self.text.push(b',');
        }
        id.map_or(Ok(()), |id| self.number(id))
    }

    fn number(&mut self, number: u64) -> Result<(), EncodeError> {
        // Without the machinery of `write!`, which is for more than digits.
        Ok(serde_json::to_writer(&mut self.text, &number)?)
    }

    fn encoded(&self) -> Result<Encoded<'_>, EncodeError> {
        // A raw JSON value is text already and serde_json writes nothing else, so this cannot fail;
        // checking is cheaper than it looks, and the crate has no unsafe code.
        let text = str::from_utf8(&self.text)
            .map_err(|error| EncodeError::Json(serde_json::Error::custom(error)))?;
        Ok(Encoded { text, attachments: &self.attachments })
    }
}

/// A value as JSON, with its bytes set aside as attachments.
pub(crate) fn with_attachments<T: Serialize + ?Sized>(
    value: &T,
) -> Result<(String, Vec<Bytes>), EncodeError> {
    let (mut text, mut attachments) = (Vec::new(), Vec::new());
    let formatter = Attach { attachments: &mut attachments };
    value.serialize(&mut Serializer::with_formatter(&mut text, formatter))?;
    Ok((into_string(text)?, attachments))
}

/// Data as a JSON array of arguments, with its bytes set aside.
pub(crate) fn args<T: Serialize + ?Sized>(data: &T) -> Result<(String, Vec<Bytes>), EncodeError> {
    let (mut text, mut attachments) = (Vec::new(), Vec::new());
    let mut json = Serializer::with_formatter(&mut text, Attach { attachments: &mut attachments });
    let mut seq = json.serialize_seq(None)?;
    spread::serialize(data, &mut seq)?;
    seq.end()?;
    Ok((into_string(text)?, attachments))
}

fn into_string(text: Vec<u8>) -> Result<String, EncodeError> {
    String::from_utf8(text).map_err(|error| EncodeError::Json(serde_json::Error::custom(error)))
}

/// In bytes: as much as one thread may keep to encode without allocating.
const KEPT_CAPACITY: usize = 64 * 1024;

/// Compact JSON, with bytes set aside as attachments.
struct Attach<'a> {
    attachments: &'a mut Vec<Bytes>,
}

impl Formatter for Attach<'_> {
    fn write_byte_array<W: ?Sized + io::Write>(&mut self, writer: &mut W, bytes: &[u8]) -> io::Result<()> {
        let number = self.attachments.len();
        self.attachments.push(Bytes::copy_from_slice(bytes));
        write!(writer, r#"{{"{PLACEHOLDER}":true,"num":{number}}}"#)
    }
}

#[cfg(test)]
#[path = "encoder_tests.rs"]
mod tests;
