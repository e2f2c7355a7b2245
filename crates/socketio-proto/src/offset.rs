use std::fmt::{self, Write as _};

/// Writes and reads the offsets of one event log: what connection state recovery appends to an event.
///
/// An offset is the log's tag and a position. The tag tells the log's offsets from any other string, which matters
/// because a client takes the last string argument of whatever it received for one.
///
/// ```
/// use socketio_proto::Offsets;
///
/// let offsets = Offsets::new(0x1234_5678);
/// let offset = offsets.at(7).to_string();
/// assert_eq!(offsets.position(&offset), Some(7));
/// assert_eq!(offsets.position("hello"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offsets {
    tag: [u8; TAG_LEN],
}

impl Offsets {
    /// The offsets of a log; `seed` is random, and 36 bits of it are used.
    pub fn new(seed: u64) -> Self {
        let mut tag = [0; TAG_LEN];
        let mut rest = seed;
        for symbol in &mut tag {
            *symbol = digit(rest);
            rest /= BASE;
        }
        Self { tag }
    }

    /// The offset of a position.
    pub fn at(&self, position: u64) -> Offset {
        Offset { tag: self.tag, position }
    }

    /// The position that an offset of this log stands for.
    pub fn position(&self, offset: &str) -> Option<u64> {
        let digits = offset.as_bytes().strip_prefix(&self.tag)?;
        if digits.is_empty() {
            return None;
        }
        digits.iter().try_fold(0_u64, |position, symbol| {
            let value = ALPHABET.iter().position(|known| known == symbol)? as u64;
            position.checked_mul(BASE)?.checked_add(value)
        })
    }
}

/// An offset; `Display` gives what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    tag: [u8; TAG_LEN],
    position: u64,
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for symbol in self.tag {
            f.write_char(char::from(symbol))?;
        }
        let mut divisor = 1;
        while self.position / divisor >= BASE {
            divisor *= BASE;
        }
        while divisor > 0 {
            f.write_char(char::from(digit(self.position / divisor)))?;
            divisor /= BASE;
        }
        Ok(())
    }
}

fn digit(value: u64) -> u8 {
    ALPHABET.get((value % BASE) as usize).copied().unwrap_or(b'-')
}

const TAG_LEN: usize = 6;
const BASE: u64 = 64;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_their_text() {
        let offsets = Offsets::new(u64::MAX / 3);
        for position in [0, 1, 63, 64, 65, 4095, 4096, u64::MAX - 1, u64::MAX] {
            assert_eq!(offsets.position(&offsets.at(position).to_string()), Some(position));
        }
    }

    #[test]
    fn what_another_log_or_nobody_wrote_is_no_position() {
        let offsets = Offsets::new(1);
        let foreign = Offsets::new(2).at(7).to_string();
        let overflow = format!("{}_____", offsets.at(u64::MAX));
        let tag_only = &offsets.at(0).to_string()[..TAG_LEN];
        for text in ["", "hello", &foreign, &overflow, tag_only, &format!("{}é", offsets.at(1))] {
            assert_eq!(offsets.position(text), None, "{text}");
        }
    }
}
