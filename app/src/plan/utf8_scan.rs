//! One pass over a file that finds out whether it is UTF-8.

use std::io::{self, Read};
use std::str;

/// What one pass over a file found.
#[derive(Debug, Default)]
pub(super) struct Utf8Scan {
    valid_sequences: u64,
    around_first_fault: Vec<u8>,
}

impl Utf8Scan {
    /// Reads `source` to its end, or until enough is known of its faults.
    pub(super) fn run(source: &mut impl Read) -> io::Result<Self> {
        let mut scan = Self::default();
        let mut buffer = vec![0; CHUNK];
        let mut carried = 0;
        loop {
            let count = source.read(&mut buffer[carried..])?;
            let filled = carried + count;
            let chunk = &buffer[..filled];
            let (text, fault) = valid_prefix(chunk);
            if !text.is_ascii() {
                scan.valid_sequences += text.chars().filter(|c| !c.is_ascii()).count() as u64;
            }
            let rest = text.len();
            if fault || (count == 0 && rest < filled) {
                scan.note_fault(source, &buffer[..filled], rest)?;
                return Ok(scan);
            }
            if count == 0 {
                return Ok(scan);
            }
            buffer.copy_within(rest..filled, 0);
            carried = filled - rest;
        }
    }

    /// Whether the whole file is UTF-8.
    pub(super) fn is_valid(&self) -> bool {
        self.around_first_fault.is_empty()
    }

    /// Characters beyond ASCII that are rightly encoded, up to the first fault and shortly after it.
    pub(super) fn valid_sequences(&self) -> u64 {
        self.valid_sequences
    }

    /// The bytes around the first fault; empty when there is none.
    pub(super) fn around_first_fault(&self) -> &[u8] {
        &self.around_first_fault
    }

    fn note_fault(&mut self, source: &mut impl Read, chunk: &[u8], fault: usize) -> io::Result<()> {
        self.around_first_fault.extend_from_slice(&chunk[fault.saturating_sub(CONTEXT)..]);
        source.take(CHUNK as u64).read_to_end(&mut self.around_first_fault)?;
        let later = &self.around_first_fault[fault.min(CONTEXT)..];
        self.valid_sequences +=
            later.utf8_chunks().flat_map(|chunk| chunk.valid().chars()).filter(|c| !c.is_ascii()).count()
                as u64;
        Ok(())
    }
}

/// The longest valid prefix, and whether what follows is a fault rather than the beginning of a character.
fn valid_prefix(bytes: &[u8]) -> (&str, bool) {
    match str::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => {
            let text = str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            (text, error.error_len().is_some())
        }
    }
}

const CHUNK: usize = 64 * 1024;

/// A few words before the fault show whether it stands inside a word.
const CONTEXT: usize = 64;
