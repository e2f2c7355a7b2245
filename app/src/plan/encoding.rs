//! Which encoding a file is in.

use std::io::{self, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::FileError;

/// What the beginning of `file` says of its encoding: `None` when that is for its first byte beyond ASCII to say.
///
/// The order of evidence: a byte order mark, the zero bytes of UTF-16, and then, by [`beyond_ascii`], validity as
/// UTF-8 and last the statistics of legacy encodings. Bytes that make no sense as text of a legacy encoding leave
/// the file UTF-8 with faulty rows, so that each of them is reported with its line and column.
///
/// # Errors
/// When the file is not text, is empty, or cannot be read.
pub(super) fn detect(file: &mut (impl Read + Seek)) -> Result<Option<&'static Encoding>, FileError> {
    let interrupted = |source| FileError::Interrupted { line: 0, source };
    file.seek(SeekFrom::Start(0)).map_err(interrupted)?;
    let mut sample = Vec::with_capacity(SAMPLE);
    file.by_ref().take(SAMPLE as u64).read_to_end(&mut sample).map_err(interrupted)?;
    if sample.is_empty() {
        return Err(FileError::Empty);
    }
    if let Some((encoding, _)) = Encoding::for_bom(&sample) {
        return Ok(Some(encoding));
    }
    if let Some(what) = not_text(&sample) {
        return Err(FileError::NotText { what });
    }
    if let Some(encoding) = utf_16_without_mark(&sample) {
        return Ok(Some(encoding));
    }
    if sample.contains(&0) {
        return Err(FileError::NotText { what: "binary data" });
    }
    Ok(None)
}

/// The encoding of a file that is ASCII up to the byte at `place`, by what stands there and around it.
///
/// One character that is rightly encoded is enough for UTF-8: the bytes of a legacy encoding hardly ever are.
pub(super) fn beyond_ascii(file: &mut (impl Read + Seek), place: u64) -> io::Result<&'static Encoding> {
    let before = place.min(CONTEXT);
    file.seek(SeekFrom::Start(place - before))?;
    let mut around = Vec::new();
    file.by_ref().take(before + AFTER).read_to_end(&mut around)?;
    let is_utf8 = around.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    Ok(if is_utf8 { UTF_8 } else { legacy(&around) })
}

fn not_text(sample: &[u8]) -> Option<&'static str> {
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "an Excel workbook or another zip archive"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook or another Office document"),
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"SQLite format 3\0", "a database"),
    ];
    if let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| sample.starts_with(signature)) {
        return Some(what);
    }
    let text = sample.trim_ascii_start();
    let json = text.starts_with(b"{") || text.starts_with(b"[{") || text.starts_with(b"[\n");
    json.then_some("JSON")
}

/// In UTF-16, the text of most languages has a zero in every second byte.
fn utf_16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let enough = sample.len() / 2 * 2 / 5;
    match (zeros(0), zeros(1)) {
        (0, odd) if odd > enough => Some(UTF_16LE),
        (even, 0) if even > enough => Some(UTF_16BE),
        _ => None,
    }
}

/// The legacy encoding of `text`, which is not UTF-8; or UTF-8 when it makes no sense in any.
fn legacy(text: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(text, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    // Statistics of a handful of characters say little; then the commonest encoding is the best guess.
    let few = text.iter().filter(|byte| !byte.is_ascii()).count() < 8;
    let encoding = if few { WINDOWS_1252 } else { guess };
    let (decoded, _, malformed) = encoding.decode(text);
    if malformed || !reads_like_names(&decoded) { UTF_8 } else { encoding }
}

/// Whether the characters beyond ASCII are ones that names and addresses have, in places where they have them.
fn reads_like_names(text: &str) -> bool {
    let mut previous = ' ';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        // A capital begins a word or stands among capitals; it is neither alone nor inside a word.
        let is_misplaced = c.is_uppercase()
            && (previous.is_lowercase() || !(previous.is_uppercase() || next.is_alphabetic()));
        let is_letter = c.is_alphabetic() && !STRANGE.contains(c) && !is_misplaced;
        if !(c.is_ascii() || is_letter || PUNCTUATION.contains(c)) {
            return false;
        }
        previous = c;
    }
    true
}

const PUNCTUATION: &str = "‘’‚“”„–—…€°ªº´·«»§№";

/// Letters of Windows-1252 that stand for the bytes of damaged files far more often than for themselves.
const STRANGE: &str = "ÿƒˆ";

const SAMPLE: usize = 64 * 1024;

/// A few words before a byte show whether it stands inside a word.
const CONTEXT: u64 = 64;

/// So many behind it may show that a file is UTF-8 and damaged, or have enough for statistics.
const AFTER: u64 = 128 * 1024;
