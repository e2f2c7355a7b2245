//! The bytes of a file as UTF-8.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

use super::encoding::beyond_ascii;

/// The bytes of a file as UTF-8. A file that is UTF-8 already is passed on as it is, faults included.
#[derive(Debug)]
pub(super) struct Utf8Reader<R> {
    source: R,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing but ASCII was read, up to this byte of the file: its encoding need not be known yet.
    Ascii(u64),
    Utf8,
    Decoding(Box<Decoding>),
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
    /// Reads `source` from its beginning, its byte order mark left out. Where no encoding is given, it is found out
    /// at the first byte beyond ASCII: so far, all that come into question are the same.
    pub(super) fn new(mut source: R, encoding: Option<&'static Encoding>) -> io::Result<Self> {
        source.seek(SeekFrom::Start(0))?;
        let state = match encoding {
            None => State::Ascii(0),
            Some(encoding) if encoding == UTF_8 => {
                let mut mark = [0; 3];
                let marked = source.read_exact(&mut mark).is_ok() && mark == [0xEF, 0xBB, 0xBF];
                source.seek(SeekFrom::Start(if marked { 3 } else { 0 }))?;
                State::Utf8
            }
            Some(encoding) => State::Decoding(Box::new(Decoding::new(encoding))),
        };
        Ok(Self { source, state })
    }

    /// The encoding, as far as it is known; UTF-8 while that may be.
    pub(super) fn encoding(&self) -> &'static Encoding {
        match &self.state {
            State::Ascii(_) | State::Utf8 => UTF_8,
            State::Decoding(decoding) => decoding.decoder.encoding(),
        }
    }

    /// Passes ASCII on; stops at the first byte beyond it, and there goes on in the encoding that it is of.
    fn read_ascii(&mut self, place: u64, out: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(out)?;
        let text = &out[..count];
        let ascii =
            if text.is_ascii() { count } else { text.iter().take_while(|byte| byte.is_ascii()).count() };
        let end = place + ascii as u64;
        self.state = State::Ascii(end);
        if ascii < count {
            let encoding = beyond_ascii(&mut self.source, end)?;
            self.source.seek(SeekFrom::Start(end))?;
            self.state = match encoding == UTF_8 {
                true => State::Utf8,
                false => State::Decoding(Box::new(Decoding::new(encoding))),
            };
            if ascii == 0 {
                return self.read(out);
            }
        }
        Ok(ascii)
    }
}

impl<R: Read + Seek> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Ascii(place) => {
                let place = *place;
                self.read_ascii(place, out)
            }
            State::Utf8 => self.source.read(out),
            State::Decoding(decoding) => decoding.read(&mut self.source, out),
        }
    }
}

impl Decoding {
    fn new(encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { decoder, raw: vec![0; CHUNK], filled: 0, ended: false, finished: false }
    }

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

const CHUNK: usize = 64 * 1024;
