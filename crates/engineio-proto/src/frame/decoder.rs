use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use thiserror::Error;

use super::{CloseCode, Header, Opcode, deflate, mask, utf8};
use crate::Message;

/// Turns the bytes of a WebSocket into messages.
///
/// It keeps no buffer while nothing is pending: a frame that is whole in the caller's buffer is taken from there.
#[derive(Debug)]
pub struct Decoder {
    role: Role,
    deflate: bool,
    max_message: usize,
    /// The bytes of a frame whose end has not arrived.
    partial: BytesMut,
    fragments: Option<Box<Fragments>>,
}

impl Decoder {
    /// For a server, whose clients must mask; `max_message` limits a message in bytes, over all its fragments.
    pub fn server(max_message: usize) -> Self {
        Self::new(Role::Server, max_message)
    }

    /// For a client, whose server must not mask.
    pub fn client(max_message: usize) -> Self {
        Self::new(Role::Client, max_message)
    }

    /// Accepts compressed messages, as negotiated; the limit holds for what they inflate to.
    #[must_use]
    pub fn with_deflate(self, deflate: bool) -> Self {
        Self { deflate, ..self }
    }

    /// Takes bytes from the front of `input` until something is complete; `None` once all are taken.
    ///
    /// # Errors
    /// The peer broke a rule; the connection cannot go on. [`FrameError::close_code`] is what to tell it.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<WebSocketEvent>, FrameError> {
        loop {
            let Some((header, payload)) = self.next_frame(input)? else {
                return Ok(None);
            };
            if let Some(event) = self.handle_frame(header, payload)? {
                return Ok(Some(event));
            }
        }
    }

    fn new(role: Role, max_message: usize) -> Self {
        Self { role, deflate: false, max_message, partial: BytesMut::new(), fragments: None }
    }

    /// The next whole frame, unmasked.
    fn next_frame(&mut self, input: &mut &[u8]) -> Result<Option<(Header, BytesMut)>, FrameError> {
        if self.partial.is_empty() {
            let Some((header, start)) = self.header(input)? else {
                self.keep(input, input.len());
                return Ok(None);
            };
            let end = frame_end(header, start)?;
            let Some(payload) = input.get(start..end) else {
                self.keep(input, end);
                return Ok(None);
            };
            let payload = BytesMut::from(payload);
            *input = input.get(end..).unwrap_or_default();
            return Ok(Some(unmasked(header, payload)));
        }
        loop {
            let Some((header, start)) = self.header(&self.partial)? else {
                if input.is_empty() {
                    return Ok(None);
                }
                self.keep(input, 1);
                continue;
            };
            let end = frame_end(header, start)?;
            if self.partial.len() < end {
                self.keep(input, end - self.partial.len());
            }
            if self.partial.len() < end {
                return Ok(None);
            }
            let mut frame = std::mem::take(&mut self.partial);
            let payload = frame.split_off(start);
            return Ok(Some(unmasked(header, payload)));
        }
    }

    /// Reads a header and checks what depends on this connection.
    fn header(&self, bytes: &[u8]) -> Result<Option<(Header, usize)>, FrameError> {
        let Some((header, len)) = Header::decode(bytes)? else {
            return Ok(None);
        };
        if header.mask.is_some() != (self.role == Role::Server) {
            return Err(FrameError::Mask);
        }
        // Only the first frame of a message says that it is compressed.
        if header.compressed && !(self.deflate && matches!(header.opcode, Opcode::Text | Opcode::Binary)) {
            return Err(FrameError::ReservedBits);
        }
        let collected = self.fragments.as_ref().map_or(0, |fragments| fragments.payload.len());
        match header.opcode {
            Opcode::Text | Opcode::Binary if self.fragments.is_some() => Err(FrameError::Fragmentation),
            Opcode::Continuation if self.fragments.is_none() => Err(FrameError::Fragmentation),
            Opcode::Text | Opcode::Binary | Opcode::Continuation
                if header.len > (self.max_message - collected.min(self.max_message)) as u64 =>
            {
                Err(FrameError::TooBig)
            }
            _ => Ok(Some((header, len))),
        }
    }

    /// Whether a part of a message has come whose end is missing.
    pub fn is_partial(&self) -> bool {
        !self.partial.is_empty() || self.fragments.is_some()
    }

    /// Moves up to `len` bytes from the input to the partial frame.
    fn keep(&mut self, input: &mut &[u8], len: usize) {
        let (kept, rest) = input.split_at_checked(len).unwrap_or((*input, &[]));
        self.partial.extend_from_slice(kept);
        *input = rest;
    }

    fn handle_frame(
        &mut self,
        header: Header,
        payload: BytesMut,
    ) -> Result<Option<WebSocketEvent>, FrameError> {
        match header.opcode {
            Opcode::Ping => Ok(Some(WebSocketEvent::Ping(payload.freeze()))),
            Opcode::Pong => Ok(Some(WebSocketEvent::Pong(payload.freeze()))),
            Opcode::Close => close(&payload).map(|code| Some(WebSocketEvent::Close(code))),
            Opcode::Text | Opcode::Binary if header.fin && header.compressed => {
                let payload = deflate::inflate(&payload, self.max_message)?;
                if header.opcode == Opcode::Text {
                    text(payload).map(Some)
                } else {
                    Ok(Some(binary(payload)))
                }
            }
            Opcode::Binary if header.fin => Ok(Some(binary(payload))),
            Opcode::Text if header.fin => text(payload).map(Some),
            Opcode::Text | Opcode::Binary => {
                let mut fragments = Box::new(Fragments {
                    kind: match header.opcode {
                        opcode if header.compressed => Kind::Compressed(opcode),
                        Opcode::Text => Kind::Text(utf8::Validator::default()),
                        _ => Kind::Binary,
                    },
                    payload: BytesMut::new(),
                });
                fragments.push(&payload)?;
                self.fragments = Some(fragments);
                Ok(None)
            }
            Opcode::Continuation => {
                let mut fragments = self.fragments.take().ok_or(FrameError::Fragmentation)?;
                fragments.push(&payload)?;
                if header.fin {
                    return fragments.finish(self.max_message).map(Some);
                }
                self.fragments = Some(fragments);
                Ok(None)
            }
        }
    }
}

/// What a WebSocket delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebSocketEvent {
    /// A whole message.
    Message(Message),
    /// A ping, to be answered with a pong of the same payload.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
    /// The peer closes; to be answered with a CLOSE frame of the same code.
    Close(Option<CloseCode>),
}

/// The peer broke RFC 6455 or a limit.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// §7.4, §5.5.1: a CLOSE payload of one byte, or a code that must not be sent.
    #[error("a CLOSE frame with an invalid code")]
    CloseCode,
    /// §5.5: a fragmented control frame, or one over 125 bytes.
    #[error("a control frame that is fragmented or too long")]
    ControlFrame,
    /// RFC 7692: a compressed message that does not inflate.
    #[error("a compressed message that cannot be inflated")]
    Deflate,
    /// §5.4: a continuation without a beginning, or a new message inside another.
    #[error("fragments out of place")]
    Fragmentation,
    /// §5.2: a length with its highest bit set.
    #[error("an impossible payload length")]
    Length,
    /// §5.1: a client that does not mask, or a server that does.
    #[error("a frame of a client must be masked, and that of a server must not")]
    Mask,
    /// §5.2: a reserved bit without an extension that gives it a meaning.
    #[error("a reserved bit is set")]
    ReservedBits,
    /// §5.2: an opcode that is not defined.
    #[error("reserved opcode {0:#x}")]
    ReservedOpcode(u8),
    /// The message exceeds the limit.
    #[error("a message above the size limit")]
    TooBig,
    /// §8.1: text that is not UTF-8.
    #[error("text is not valid UTF-8")]
    Utf8,
}

impl FrameError {
    /// What the CLOSE frame tells the peer.
    pub fn close_code(self) -> CloseCode {
        match self {
            Self::TooBig => CloseCode::TOO_BIG,
            Self::Utf8 | Self::Deflate => CloseCode::INVALID_PAYLOAD,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Client,
    Server,
}

/// A message of which some fragments have arrived.
#[derive(Debug)]
struct Fragments {
    kind: Kind,
    payload: BytesMut,
}

#[derive(Debug)]
enum Kind {
    Binary,
    /// What it is when it has been inflated.
    Compressed(Opcode),
    /// Checked as it comes.
    Text(utf8::Validator),
}

impl Fragments {
    fn push(&mut self, payload: &[u8]) -> Result<(), FrameError> {
        if let Kind::Text(validator) = &mut self.kind {
            validator.push(payload)?;
        }
        self.payload.extend_from_slice(payload);
        Ok(())
    }

    fn finish(self, max_message: usize) -> Result<WebSocketEvent, FrameError> {
        match self.kind {
            Kind::Binary => Ok(binary(self.payload)),
            Kind::Text(validator) => {
                validator.finish()?;
                text(self.payload)
            }
            Kind::Compressed(opcode) => {
                let payload = deflate::inflate(&self.payload, max_message)?;
                if opcode == Opcode::Text { text(payload) } else { Ok(binary(payload)) }
            }
        }
    }
}

/// Length of the whole frame.
fn frame_end(header: Header, start: usize) -> Result<usize, FrameError> {
    let len = usize::try_from(header.len).map_err(|_| FrameError::TooBig)?;
    start.checked_add(len).ok_or(FrameError::TooBig)
}

fn unmasked(header: Header, mut payload: BytesMut) -> (Header, BytesMut) {
    if let Some(key) = header.mask {
        mask::apply(&mut payload, key, 0);
    }
    (header, payload)
}

fn binary(payload: BytesMut) -> WebSocketEvent {
    WebSocketEvent::Message(Message::Binary(payload.freeze()))
}

fn text(payload: BytesMut) -> Result<WebSocketEvent, FrameError> {
    let text = ByteString::try_from(payload.freeze()).map_err(|_| FrameError::Utf8)?;
    Ok(WebSocketEvent::Message(Message::Text(text)))
}

fn close(payload: &[u8]) -> Result<Option<CloseCode>, FrameError> {
    match payload.split_first_chunk::<2>() {
        None if payload.is_empty() => Ok(None),
        None => Err(FrameError::CloseCode),
        Some((code, reason)) => {
            str::from_utf8(reason).map_err(|_| FrameError::Utf8)?;
            CloseCode::new(u16::from_be_bytes(*code)).map(Some).ok_or(FrameError::CloseCode)
        }
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
