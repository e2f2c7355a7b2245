//! Records out of a stream of UTF-8 bytes (RFC 4180), where a malformed one costs its own line and no more.

use std::io::Read;
use std::str;

use memchr::{memchr, memchr_iter};

use super::FileError;
use super::record::{Fault, FaultKind, Record};
use super::split::{self, Split};

/// Reads one record after the other; memory is bounded by the longest record, at most [`MAX_RECORD`] bytes.
#[derive(Debug)]
pub(super) struct RecordReader<R> {
    source: R,
    delimiter: u8,
    terminator: u8,
    buffer: Vec<u8>,
    start: usize,
    /// No byte of the buffer from `start` up to here is a quote.
    unquoted: usize,
    ended: bool,
    line: u64,
}

impl<R: Read> RecordReader<R> {
    pub(super) fn new(source: R) -> Self {
        let buffer = Vec::with_capacity(CHUNK);
        Self {
            source,
            delimiter: b',',
            terminator: b'\n',
            buffer,
            start: 0,
            unquoted: 0,
            ended: false,
            line: 1,
        }
    }

    /// What the bytes come from.
    pub(super) fn source(&self) -> &R {
        &self.source
    }

    /// The first bytes that are not yet read as records, at least 64 KiB of them when there are so many.
    pub(super) fn peek(&mut self) -> Result<&[u8], FileError> {
        while !self.ended && self.buffer.len() - self.start < CHUNK {
            self.fill()?;
        }
        Ok(&self.buffer[self.start..])
    }

    /// Sets what ends a cell and what ends a record.
    pub(super) fn set_dialect(&mut self, delimiter: u8, terminator: u8) {
        self.delimiter = delimiter;
        self.terminator = terminator;
    }

    /// Reads the next record; `false` at the end. Lines with nothing on them are no records.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, FileError> {
        let Some(end) = self.next_line()? else { return Ok(false) };
        self.read_from_line(end, record)?;
        Ok(true)
    }

    /// Passes over the next record; `false` at the end. One that has quotes has to be read into `record`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn skip(&mut self, record: &mut Record) -> Result<bool, FileError> {
        let Some(end) = self.next_line()? else { return Ok(false) };
        if self.has_quote(end) {
            record.clear(self.line);
            self.read_quoted(end, record)?;
        } else {
            self.end_line(end);
        }
        Ok(true)
    }

    /// Passes over all records that are left, and says how many there were; otherwise as [`Self::skip`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn skip_all(&mut self, record: &mut Record) -> Result<u64, FileError> {
        let mut count = self.skip_lines();
        while self.skip(record)? {
            count += 1 + self.skip_lines();
        }
        Ok(count)
    }

    /// Passes over the whole lines in the buffer before the first quote, and says how many of them are records.
    fn skip_lines(&mut self) -> u64 {
        self.has_quote(self.buffer.len());
        let lines = self.buffer.get(self.start..self.unquoted).unwrap_or_default();
        let (mut count, mut begin) = (0, 0);
        for end in memchr_iter(self.terminator, lines) {
            self.line += 1;
            count += u64::from(has_something(&lines[begin..end]));
            begin = end + 1;
        }
        self.start += begin;
        count
    }

    /// Whether there is a quote before the byte of the buffer at `end`.
    fn has_quote(&mut self, end: usize) -> bool {
        if self.unquoted < end {
            let from = self.unquoted.max(self.start);
            let found = memchr(b'"', &self.buffer[from..]);
            self.unquoted = found.map_or(self.buffer.len(), |found| from + found);
        }
        self.unquoted < end
    }

    /// Where the next line ends that has something on it.
    fn next_line(&mut self) -> Result<Option<usize>, FileError> {
        loop {
            let Some(end) = self.line_end(0)? else { return Ok(None) };
            if has_something(&self.buffer[self.start..end]) {
                return Ok(Some(end));
            }
            self.end_line(end);
        }
    }

    /// Reads the record that begins on the line that ends at `end`.
    fn read_from_line(&mut self, end: usize, record: &mut Record) -> Result<(), FileError> {
        record.clear(self.line);
        if self.has_quote(end) {
            return self.read_quoted(end, record);
        }
        let line = self.line_bytes(end);
        match as_text(line) {
            Ok(text) => split::plain(text, self.delimiter, record),
            Err(valid) => self.give_up(end, fault_at(line, valid, FaultKind::Encoding, self.line), record),
        }
        self.end_line(end);
        Ok(())
    }

    /// As [`Self::read_from_line`], for a line that has quotes and may go on on the next.
    fn read_quoted(&mut self, first_end: usize, record: &mut Record) -> Result<(), FileError> {
        let mut end = first_end;
        loop {
            let bytes = self.line_bytes(end);
            let fault = match as_text(bytes) {
                Err(valid) => fault_at(bytes, valid, FaultKind::Encoding, self.line),
                Ok(text) => match split::quoted(text, self.delimiter, record) {
                    Split::Whole => {
                        self.advance(end);
                        return Ok(());
                    }
                    Split::Fault(kind, at) => fault_at(bytes, at, kind, self.line),
                    Split::Behind { opening, text } => behind(bytes, opening, text, self.line),
                    Split::Open(at) => {
                        let fault = fault_at(bytes, at, FaultKind::OpenQuote, self.line);
                        match self.next_line_with_quote(end + 1 - self.start)? {
                            Some(next) => {
                                end = next;
                                continue;
                            }
                            None => fault,
                        }
                    }
                },
            };
            let Some(first_end) = self.line_end(0)? else { return Ok(()) };
            self.give_up(first_end, fault, record);
            self.advance(first_end);
            return Ok(());
        }
    }

    /// Where the next line ends that has a quote, not before the byte `offset` ahead.
    ///
    /// Lines without one cannot close a value, so a lost quote costs one cut for each line that might.
    fn next_line_with_quote(&mut self, mut offset: usize) -> Result<Option<usize>, FileError> {
        while offset <= MAX_RECORD {
            let Some(end) = self.line_end(offset)? else { return Ok(None) };
            if memchr(b'"', &self.buffer[self.start + offset..end]).is_some() {
                return Ok(Some(end));
            }
            offset = end + 1 - self.start;
        }
        Ok(None)
    }

    /// Makes of the line that ends at `end` a record that says what is wrong with it.
    fn give_up(&self, end: usize, fault: Fault, record: &mut Record) {
        record.clear(self.line);
        split::plain(&String::from_utf8_lossy(self.line_bytes(end)), self.delimiter, record);
        record.fault = Some(fault);
    }

    /// Where the line ends that has the byte `offset` bytes ahead; `None` when there is no such byte.
    fn line_end(&mut self, offset: usize) -> Result<Option<usize>, FileError> {
        let mut searched = offset;
        loop {
            let from = self.start + searched;
            if let Some(found) = self.buffer.get(from..).and_then(|ahead| memchr(self.terminator, ahead)) {
                return Ok(Some(from + found));
            }
            searched = self.buffer.len().saturating_sub(self.start).max(offset);
            if self.ended {
                let remains = self.start + offset < self.buffer.len();
                return Ok(remains.then_some(self.buffer.len()));
            }
            if searched > offset + MAX_LINE {
                return Err(FileError::NotText { what: "one line of more than 1 MiB" });
            }
            self.fill()?;
        }
    }

    /// The bytes up to `end`, without the carriage return of a CRLF.
    fn line_bytes(&self, end: usize) -> &[u8] {
        let line = &self.buffer[self.start..end];
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// Goes on behind the terminator at `end`, some lines further.
    fn advance(&mut self, end: usize) {
        self.line += memchr_iter(self.terminator, &self.buffer[self.start..end]).count() as u64;
        self.end_line(end);
    }

    /// Goes on behind the terminator at `end`, which is that of this line.
    fn end_line(&mut self, end: usize) {
        self.line += 1;
        self.start = (end + 1).min(self.buffer.len());
    }

    fn fill(&mut self) -> Result<(), FileError> {
        self.buffer.drain(..self.start);
        self.unquoted = self.unquoted.saturating_sub(self.start);
        self.start = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let count = self.source.read(&mut self.buffer[filled..]);
        let count = count.map_err(|source| FileError::Interrupted { line: self.line, source })?;
        self.buffer.truncate(filled + count);
        self.ended = count == 0;
        Ok(())
    }
}

/// Whether a line is not blank, which most lines show with their first byte.
fn has_something(line: &[u8]) -> bool {
    line.first().is_some_and(|first| *first > b' ') || !line.trim_ascii().is_empty()
}

/// The text, or how many of the bytes are valid.
fn as_text(bytes: &[u8]) -> Result<&str, usize> {
    let text = str::from_utf8(bytes).map_err(|error| error.valid_up_to())?;
    // A decoder writes this character for bytes that it could not make sense of.
    if !text.is_ascii() && text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(text.find(char::REPLACEMENT_CHARACTER).unwrap_or_default());
    }
    Ok(text)
}

/// A fault at the byte `at` of a record that begins on `line`.
fn fault_at(bytes: &[u8], at: usize, kind: FaultKind, line: u64) -> Fault {
    let before = &bytes[..at];
    let breaks = memchr_iter(b'\n', before).count() as u64;
    let last = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |position| position + 1);
    let column = String::from_utf8_lossy(&before[last..]).chars().count() as u64 + 1;
    Fault { kind, line: line + breaks, column }
}

/// The fault of text at the byte `text` behind a quoted value. Where the value has taken whole lines with it, its own
/// quote was most likely never closed, and the next one closes it that was to open another value.
fn behind(bytes: &[u8], opening: usize, text: usize, line: u64) -> Fault {
    let follows = fault_at(bytes, text, FaultKind::TextAfterQuote, line);
    let opened = fault_at(bytes, opening, FaultKind::TextAfterQuote, line);
    match opened.line == follows.line {
        true => follows,
        false => {
            Fault { kind: FaultKind::LateQuote { line: follows.line, column: follows.column }, ..opened }
        }
    }
}

const CHUNK: usize = 64 * 1024;

/// PingOne keeps at most 16 KB of a user; a record far beyond that is a lost quote.
const MAX_RECORD: usize = 128 * 1024;

const MAX_LINE: usize = 1024 * 1024;
