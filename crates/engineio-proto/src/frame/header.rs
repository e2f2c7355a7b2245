use super::FrameError;

/// What a frame carries, RFC 6455 §5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// The next fragment of a message.
    Continuation,
    /// Text, or its first fragment.
    Text,
    /// Bytes, or their first fragment.
    Binary,
    /// The closing handshake.
    Close,
    /// A ping of the WebSocket layer.
    Ping,
    /// Its answer.
    Pong,
}

impl Opcode {
    pub(super) fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }

    fn from_bits(bits: u8) -> Result<Self, FrameError> {
        match bits {
            0x0 => Ok(Self::Continuation),
            0x1 => Ok(Self::Text),
            0x2 => Ok(Self::Binary),
            0x8 => Ok(Self::Close),
            0x9 => Ok(Self::Ping),
            0xa => Ok(Self::Pong),
            _ => Err(FrameError::ReservedOpcode(bits)),
        }
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The head of a frame, RFC 6455 §5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether this is the last fragment of its message.
    pub fin: bool,
    /// RSV1: whether the frame begins a compressed message, RFC 7692 §6.
    pub compressed: bool,
    /// What the frame carries.
    pub opcode: Opcode,
    /// The masking key; a client always sets one.
    pub mask: Option<[u8; 4]>,
    /// Length of the payload in bytes.
    pub len: u64,
}

impl Header {
    /// Reads a header from the beginning of `bytes` and says how long it is; `None` where more bytes are needed.
    ///
    /// # Errors
    /// The header breaks a rule of RFC 6455 §5.2 or §5.5, which is told as early as the bytes allow.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, FrameError> {
        let Some((&[first, second], rest)) = bytes.split_first_chunk::<2>() else {
            return Ok(None);
        };
        if first & RESERVED_BITS != 0 {
            return Err(FrameError::ReservedBits);
        }
        let opcode = Opcode::from_bits(first & 0x0f)?;
        let (fin, compressed) = (first & FIN != 0, first & RSV1 != 0);
        let short = second & !MASKED;
        if opcode.is_control() && (!fin || short > 125) {
            return Err(FrameError::ControlFrame);
        }
        let Some((len, rest)) = decode_len(short, rest)? else {
            return Ok(None);
        };
        if second & MASKED == 0 {
            return Ok(Some((Self { fin, compressed, opcode, mask: None, len }, bytes.len() - rest.len())));
        }
        let Some((mask, rest)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        Ok(Some((Self { fin, compressed, opcode, mask: Some(*mask), len }, bytes.len() - rest.len())))
    }
}

/// The payload length and what follows it.
fn decode_len(short: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, FrameError> {
    match short {
        126 => {
            Ok(rest.split_first_chunk::<2>().map(|(len, rest)| (u64::from(u16::from_be_bytes(*len)), rest)))
        }
        127 => match rest.split_first_chunk::<8>() {
            None => Ok(None),
            Some((len, rest)) => match u64::from_be_bytes(*len) {
                len if len > i64::MAX as u64 => Err(FrameError::Length),
                len => Ok(Some((len, rest))),
            },
        },
        short => Ok(Some((u64::from(short), rest))),
    }
}

pub(super) const FIN: u8 = 0x80;
pub(super) const MASKED: u8 = 0x80;
pub(super) const RSV1: u8 = 0x40;
const RESERVED_BITS: u8 = 0x30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let header = |fin, opcode, mask, len| Header { fin, compressed: false, opcode, mask, len };
        type Decoded = Result<Option<(Header, usize)>, FrameError>;
        let table: &[(&[u8], Decoded)] = &[
            (&[], Ok(None)),
            (&[0x81], Ok(None)),
            (&[0x81, 0x00], Ok(Some((header(true, Opcode::Text, None, 0), 2)))),
            (&[0x02, 0x7d, 9], Ok(Some((header(false, Opcode::Binary, None, 125), 2)))),
            (&[0x81, 0xfe, 0x01], Ok(None)),
            (&[0x81, 0xfe, 0x01, 0x00, 1, 2, 3], Ok(None)),
            (
                &[0x81, 0xfe, 0x01, 0x00, 1, 2, 3, 4],
                Ok(Some((header(true, Opcode::Text, Some([1, 2, 3, 4]), 256), 8))),
            ),
            (
                &[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0],
                Ok(Some((header(true, Opcode::Binary, None, 65536), 10))),
            ),
            (&[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0], Err(FrameError::Length)),
            (&[0xa1, 0x00], Err(FrameError::ReservedBits)),
            (&[0x91, 0x00], Err(FrameError::ReservedBits)),
            (&[0x83, 0x00], Err(FrameError::ReservedOpcode(3))),
            (&[0x8b, 0x00], Err(FrameError::ReservedOpcode(11))),
            (&[0x09, 0x00], Err(FrameError::ControlFrame)),
            (&[0x89, 0x7e], Err(FrameError::ControlFrame)),
        ];
        for (bytes, expected) in table {
            assert_eq!(Header::decode(bytes), *expected, "{bytes:x?}");
        }
    }
}
