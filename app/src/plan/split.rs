//! Cutting the text of a record into cells.

use super::record::{FaultKind, Record};

/// How far a text with quotes could be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// The text is one record.
    Whole,
    /// The quote at this byte is still open at the end of the text.
    Open(usize),
    /// The text is malformed at this byte.
    Fault(FaultKind, usize),
    /// Something stands at the byte `text` behind the quote that closes the value whose quote was opened at `opening`.
    Behind { opening: usize, text: usize },
}

/// Cuts `text` at every delimiter, quotes taken as any other character.
pub(super) fn plain(text: &str, delimiter: u8, record: &mut Record) {
    record.text.push_str(text);
    let mut start = 0;
    each_place(text.as_bytes(), delimiter, |end| {
        record.cells.push(start..end);
        start = end + 1;
    });
    record.cells.push(start..text.len());
}

/// Calls `found` with each place of `wanted`. Cells are so short that a search that begins anew behind each of them
/// takes several times as long as to look at eight bytes at once.
fn each_place(bytes: &[u8], wanted: u8, mut found: impl FnMut(usize)) {
    let (words, rest) = bytes.as_chunks();
    let wanted_everywhere = u64::from_le_bytes([wanted; WORD]);
    for (index, word) in words.iter().enumerate() {
        let mut marks = zero_bytes(u64::from_le_bytes(*word) ^ wanted_everywhere);
        while marks != 0 {
            found(index * WORD + marks.trailing_zeros() as usize / 8);
            marks &= marks - 1;
        }
    }
    let begin = words.len() * WORD;
    (begin..).zip(rest).filter(|(_, byte)| **byte == wanted).for_each(|(place, _)| found(place));
}

/// The highest bit of each byte of `word` that is zero, and of no other.
fn zero_bytes(word: u64) -> u64 {
    const REST: u64 = u64::from_le_bytes([0x7F; WORD]);
    !(((word & REST) + REST) | word | REST)
}

/// Bytes of a word.
const WORD: usize = 8;

/// Cuts `text` by the rules of RFC 4180; blanks around a quoted value are no part of it.
pub(super) fn quoted(text: &str, delimiter: u8, record: &mut Record) -> Split {
    record.text.clear();
    record.cells.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        let begin = record.text.len();
        let opening = at + blanks(&bytes[at..], delimiter);
        at = if bytes.get(opening) == Some(&b'"') {
            match quoted_cell(text, opening, delimiter, &mut record.text) {
                Ok(next) => next,
                Err(split) => return split,
            }
        } else {
            match unquoted_cell(text, at, delimiter, &mut record.text) {
                Ok(next) => next,
                Err(split) => return split,
            }
        };
        record.cells.push(begin..record.text.len());
        if at == bytes.len() {
            return Split::Whole;
        }
        at += 1;
    }
}

/// Appends the value of the quoted cell whose quote is at `opening`, and gives the place of what ends the cell.
fn quoted_cell(text: &str, opening: usize, delimiter: u8, out: &mut String) -> Result<usize, Split> {
    let bytes = text.as_bytes();
    let mut from = opening + 1;
    loop {
        let Some(quote) = memchr::memchr(b'"', &bytes[from..]).map(|found| from + found) else {
            return Err(Split::Open(opening));
        };
        out.push_str(&text[from..quote]);
        if bytes.get(quote + 1) == Some(&b'"') {
            out.push('"');
            from = quote + 2;
            continue;
        }
        let end = quote + 1 + blanks(&bytes[quote + 1..], delimiter);
        return if end == bytes.len() || bytes[end] == delimiter {
            Ok(end)
        } else {
            Err(Split::Behind { opening, text: end })
        };
    }
}

/// Appends the value of the cell that begins at `start`, and gives the place of what ends it.
fn unquoted_cell(text: &str, start: usize, delimiter: u8, out: &mut String) -> Result<usize, Split> {
    let bytes = text.as_bytes();
    match memchr::memchr2(delimiter, b'"', &bytes[start..]).map(|found| start + found) {
        Some(quote) if bytes[quote] == b'"' => Err(Split::Fault(FaultKind::StrayQuote, quote)),
        found => {
            let end = found.unwrap_or(bytes.len());
            out.push_str(&text[start..end]);
            Ok(end)
        }
    }
}

fn blanks(bytes: &[u8], delimiter: u8) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t') && **byte != delimiter).count()
}
