use bytes::Bytes;

use crate::DecodeError;

/// Reads the head of one value after the other.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
}

/// What a value begins with; contents and elements follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Head {
    Nil,
    Bool(bool),
    Unsigned(u64),
    /// Negative.
    Signed(i64),
    Float(f64),
    String(usize),
    Binary(usize),
    Array(u64),
    Map(u64),
    Extension {
        tag: i8,
        len: usize,
        /// Written in one of the five forms of fixed length.
        fixed: bool,
    },
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a Bytes) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(super) fn head(&mut self) -> Result<Head, DecodeError> {
        let [first] = self.array()?;
        Ok(match first {
            0x00..=0x7f => Head::Unsigned(first.into()),
            0x80..=0x8f => Head::Map((first & 0x0f).into()),
            0x90..=0x9f => Head::Array((first & 0x0f).into()),
            0xa0..=0xbf => Head::String((first & 0x1f).into()),
            0xc0 => Head::Nil,
            0xc1 => return Err(DecodeError::NoMessagePack),
            0xc2 => Head::Bool(false),
            0xc3 => Head::Bool(true),
            0xc4..=0xc6 => Head::Binary(self.len(first - 0xc4)?),
            0xc7..=0xc9 => {
                let len = self.len(first - 0xc7)?;
                Head::Extension { len, tag: i8::from_be_bytes(self.array()?), fixed: false }
            }
            0xca => Head::Float(f32::from_be_bytes(self.array()?).into()),
            0xcb => Head::Float(f64::from_be_bytes(self.array()?)),
            0xcc..=0xcf => Head::Unsigned(self.unsigned(first - 0xcc)?),
            0xd0 => Self::signed(i8::from_be_bytes(self.array()?).into()),
            0xd1 => Self::signed(i16::from_be_bytes(self.array()?).into()),
            0xd2 => Self::signed(i32::from_be_bytes(self.array()?).into()),
            0xd3 => Self::signed(i64::from_be_bytes(self.array()?)),
            0xd4..=0xd8 => Head::Extension {
                len: 1 << (first - 0xd4),
                tag: i8::from_be_bytes(self.array()?),
                fixed: true,
            },
            0xd9..=0xdb => Head::String(self.len(first - 0xd9)?),
            0xdc | 0xdd => Head::Array(self.unsigned(first - 0xdc + 1)?),
            0xde | 0xdf => Head::Map(self.unsigned(first - 0xde + 1)?),
            0xe0..=0xff => Head::Signed(i8::from_be_bytes([first]).into()),
        })
    }

    /// The contents of a string, binary or extension.
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.at.checked_add(len).ok_or(DecodeError::NoMessagePack)?;
        let taken = self.bytes.get(self.at..end).ok_or(DecodeError::NoMessagePack)?;
        self.at = end;
        Ok(taken)
    }

    /// As [`Reader::take`], sharing the memory of the message.
    pub(super) fn share(&mut self, len: usize) -> Result<Bytes, DecodeError> {
        self.take(len).map(|taken| self.bytes.slice_ref(taken))
    }

    pub(super) fn text(&mut self, len: usize) -> Result<&'a str, DecodeError> {
        str::from_utf8(self.take(len)?).map_err(|_| DecodeError::NoMessagePack)
    }

    /// Passes over one value. Without recursion, hence of any depth.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        let mut missing = 1_u64;
        while missing > 0 {
            missing -= 1;
            match self.head()? {
                Head::Array(len) => missing = missing.saturating_add(len),
                Head::Map(len) => missing = missing.saturating_add(len.saturating_mul(2)),
                Head::String(len) | Head::Binary(len) | Head::Extension { len, .. } => {
                    self.take(len)?;
                }
                Head::Nil | Head::Bool(_) | Head::Unsigned(_) | Head::Signed(_) | Head::Float(_) => {}
            }
        }
        Ok(())
    }

    fn len(&mut self, width: u8) -> Result<usize, DecodeError> {
        usize::try_from(self.unsigned(width)?).map_err(|_| DecodeError::NoMessagePack)
    }

    /// A number of 1, 2, 4 or 8 bytes for the widths 0 to 3.
    fn unsigned(&mut self, width: u8) -> Result<u64, DecodeError> {
        Ok(match width {
            0 => u8::from_be_bytes(self.array()?).into(),
            1 => u16::from_be_bytes(self.array()?).into(),
            2 => u32::from_be_bytes(self.array()?).into(),
            _ => u64::from_be_bytes(self.array()?),
        })
    }

    fn signed(value: i64) -> Head {
        u64::try_from(value).map_or(Head::Signed(value), Head::Unsigned)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.take(N)?.try_into().map_err(|_| DecodeError::NoMessagePack)
    }
}
