//! Which encoding a file is in, and its bytes as UTF-8.

use std::io::{self, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::FileError;
use super::utf8_scan::Utf8Scan;

/// Finds out the encoding of `file`, which is read from its beginning.
///
/// The order of evidence: a byte order mark, the zero bytes of UTF-16, validity as UTF-8 of the whole file,
/// and last the statistics of legacy encodings. Bytes that make no sense as text of a legacy encoding leave
/// the file UTF-8 with faulty rows, so that each of them is reported with its line and column.
///
/// # Errors
/// When the file is not text, is empty, or cannot be read.
pub(super) fn detect(file: &mut (impl Read + Seek)) -> Result<&'static Encoding, FileError> {
    let interrupted = |source| FileError::Interrupted { line: 0, source };
    file.seek(SeekFrom::Start(0)).map_err(interrupted)?;
    let mut sample = Vec::with_capacity(SAMPLE);
    file.by_ref().take(SAMPLE as u64).read_to_end(&mut sample).map_err(interrupted)?;
    if sample.is_empty() {
        return Err(FileError::Empty);
    }
    if let Some((encoding, _)) = Encoding::for_bom(&sample) {
        return Ok(encoding);
    }
    if let Some(what) = not_text(&sample) {
        return Err(FileError::NotText { what });
    }
    if let Some(encoding) = utf_16_without_mark(&sample) {
        return Ok(encoding);
    }
    if sample.contains(&0) {
        return Err(FileError::NotText { what: "binary data" });
    }
    file.seek(SeekFrom::Start(0)).map_err(interrupted)?;
    let scan = Utf8Scan::run(file).map_err(interrupted)?;
    Ok(if scan.is_valid() || scan.valid_sequences() > 0 { UTF_8 } else { legacy(scan.around_first_fault()) })
}

/// The bytes of a file as UTF-8. A file that is UTF-8 already is passed on as it is, faults included.
#[derive(Debug)]
pub(super) struct Utf8Reader<R> {
    source: R,
    decoder: Option<Decoding>,
}

struct Decoding {
    decoder: Decoder,
    raw: Vec<u8>,
    filled: usize,
    ended: bool,
    /// The decoder has given its last character and must not be asked again.
    finished: bool,
}

impl<R: Read + Seek> Utf8Reader<R> {
    /// Reads `source` from its beginning, its byte order mark left out.
    pub(super) fn new(mut source: R, encoding: &'static Encoding) -> io::Result<Self> {
        source.seek(SeekFrom::Start(0))?;
        if encoding == UTF_8 {
            let mut mark = [0; 3];
            let marked = source.read_exact(&mut mark).is_ok() && mark == [0xEF, 0xBB, 0xBF];
            source.seek(SeekFrom::Start(if marked { 3 } else { 0 }))?;
            return Ok(Self { source, decoder: None });
        }
        let decoder = encoding.new_decoder_with_bom_removal();
        Ok(Self {
            source,
            decoder: Some(Decoding {
                decoder,
                raw: vec![0; CHUNK],
                filled: 0,
                ended: false,
                finished: false,
            }),
        })
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.decoder {
            None => self.source.read(out),
            Some(decoding) => decoding.read(&mut self.source, out),
        }
    }
}

impl Decoding {
    /// `out` must have room for one character, which the record reader's buffer always has.
    fn read(&mut self, source: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
        while !self.finished {
            if !self.ended && self.filled < self.raw.len() {
                let count = source.read(&mut self.raw[self.filled..])?;
                self.ended = count == 0;
                self.filled += count;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[..self.filled], out, self.ended);
            self.raw.copy_within(read..self.filled, 0);
            self.filled -= read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || result == CoderResult::OutputFull {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

impl std::fmt::Debug for Decoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoding").field("encoding", &self.decoder.encoding().name()).finish_non_exhaustive()
    }
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
const CHUNK: usize = 64 * 1024;
