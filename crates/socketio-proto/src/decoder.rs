use bytes::Bytes;
use bytestring::ByteString;

use crate::{Content, DecodeError, Packet, Parser, msgpack, parse};

/// Takes the messages of one connection in order and gives packets.
///
/// A packet with binary attachments comes as several messages; it is kept until the last one is here.
/// After an error the connection cannot go on and the decoder must not be used again.
///
/// ```
/// use socketio_proto::{Decoder, Limits};
///
/// let mut decoder = Decoder::new(Limits::default());
/// let incomplete = decoder.push_text(r#"51-["file",{"_placeholder":true,"num":0}]"#.into())?;
/// assert!(incomplete.is_none());
/// let packet = decoder.push_binary(vec![1, 2, 3].into())?;
/// assert!(packet.is_some());
/// # Ok::<(), socketio_proto::DecodeError>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    parser: Parser,
    limits: Limits,
    /// Boxed because it is rare, and every connection has a decoder.
    partial: Option<Box<Partial>>,
}

/// What a peer may make us keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many attachments a packet may have.
    ///
    /// Default 10, as in Node's `socket.io-parser`.
    /// An unfinished packet keeps up to that many messages of the transport's maximum size.
    ///
    /// In MessagePack the attachments are within the message.
    pub max_attachments: usize,
    /// How deep arrays and maps of MessagePack may be nested. Default 128.
    ///
    /// In JSON that is looked at when the arguments are read, where 128 is the limit of `serde_json`.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_attachments: 10, max_depth: 128 }
    }
}

#[derive(Debug)]
struct Partial {
    packet: Packet,
    /// Invariant: at least 1.
    missing: usize,
}

impl Decoder {
    /// A decoder for a new connection whose packets are JSON.
    pub fn new(limits: Limits) -> Self {
        Self::with_parser(Parser::Json, limits)
    }

    /// A decoder for a new connection.
    pub fn with_parser(parser: Parser, limits: Limits) -> Self {
        Self { parser, limits, partial: None }
    }

    /// How packets are written.
    pub fn parser(&self) -> Parser {
        self.parser
    }

    /// Takes a text message; gives its packet unless attachments are missing.
    ///
    /// # Errors
    /// The message is no packet, or attachments of the previous one are missing.
    pub fn push_text(&mut self, text: ByteString) -> Result<Option<Packet>, DecodeError> {
        if self.parser == Parser::MessagePack {
            return Err(DecodeError::UnexpectedText);
        }
        if self.partial.is_some() {
            return Err(DecodeError::ExpectedAttachment);
        }
        let (packet, missing) = parse::packet(text, self.limits.max_attachments)?;
        if missing == 0 {
            return Ok(Some(packet));
        }
        self.partial = Some(Box::new(Partial { packet, missing }));
        Ok(None)
    }

    /// Takes a binary message: an attachment, which may complete a packet, or a packet of MessagePack.
    ///
    /// # Errors
    /// No packet announced an attachment, a placeholder names none of those that came, or the message is no packet.
    pub fn push_binary(&mut self, message: Bytes) -> Result<Option<Packet>, DecodeError> {
        match self.parser {
            Parser::Json => self.attach(message),
            Parser::MessagePack => msgpack::decode(&message, self.limits).map(Some),
        }
    }

    fn attach(&mut self, attachment: Bytes) -> Result<Option<Packet>, DecodeError> {
        let mut partial = self.partial.take().ok_or(DecodeError::UnexpectedAttachment)?;
        if let Content::Event { args, .. } | Content::Ack { args, .. } = &mut partial.packet.content {
            args.attach(attachment);
        }
        partial.missing -= 1;
        if partial.missing == 0 {
            if let Content::Event { args, .. } | Content::Ack { args, .. } = &partial.packet.content {
                args.check().map_err(DecodeError::Placeholder)?;
            }
            return Ok(Some(partial.packet));
        }
        self.partial = Some(partial);
        Ok(None)
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
