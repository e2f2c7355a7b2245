//! JSON: objects, nested as PingOne nests them, in an array or one after the other.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::path::Path;

use serde_json::{Map, Value};

use super::{MOST_COLUMNS, failed, table::Table, unwritable};
use crate::plan::FileError;
use crate::plan::attributes::FORMULA_GUARD;
use crate::plan::value::{NULL, guarded};

/// Converts what `open` opens; it is read twice, because the columns are known only at its end.
pub(super) fn convert<R: BufRead>(open: impl Fn() -> io::Result<R>, to: &Path) -> Result<(), FileError> {
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut objects = Objects::new(open().map_err(failed)?);
    while let Some((line, object)) = objects.next()? {
        for (path, _) in flat(object, false) {
            if !places.contains_key(&path) {
                places.insert(path.clone(), names.len());
                names.push(path);
            }
        }
        if names.len() > MOST_COLUMNS {
            let reason = format!("the objects have more than {MOST_COLUMNS} different members");
            return Err(FileError::Json { line, column: 1, reason });
        }
    }
    if names.is_empty() {
        return Err(FileError::Empty);
    }
    // What is text in JSON is meant as it stands, blanks included; a column says so, as in an export.
    let is_ours = places.contains_key(FORMULA_GUARD);
    let marks = if is_ours { None } else { Some(FORMULA_GUARD) };
    let mut table = Table::create(to, names.iter().map(String::as_str).chain(marks)).map_err(unwritable)?;
    let mut objects = Objects::new(open().map_err(failed)?);
    let mut cells = vec![String::new(); names.len()];
    while let Some((line, object)) = objects.next()? {
        cells.iter_mut().for_each(String::clear);
        for (path, text) in flat(object, !is_ours) {
            if let Some(cell) = places.get(&path).and_then(|place| cells.get_mut(*place)) {
                *cell = text;
            }
        }
        table.row(line, cells.iter().map(String::as_str)).map_err(unwritable)?;
    }
    table.finish().map_err(unwritable)
}

/// The members of an object by path, as text, guarded if that is wanted; links and what is embedded are no attributes.
fn flat(object: Map<String, Value>, guards: bool) -> Vec<(String, String)> {
    let mut cells = Vec::with_capacity(object.len());
    for (name, value) in object.into_iter().filter(|(name, _)| !name.starts_with('_')) {
        match value {
            Value::Object(parts) if COMPLEX.contains(&name.as_str()) => {
                let parts = parts.into_iter();
                cells.extend(parts.map(|(part, value)| (format!("{name}.{part}"), text(value, guards))));
            }
            value => cells.push((name, text(value, guards))),
        }
    }
    cells
}

fn text(value: Value, guards: bool) -> String {
    let text = match value {
        Value::Null => return NULL.to_owned(),
        Value::String(text) => text,
        value => value.to_string(),
    };
    match guards {
        true => guarded(&text).unwrap_or(text),
        false => text,
    }
}

/// An object and the line on which it begins.
type Placed = (u64, Map<String, Value>);

/// One object after the other, each with the line on which it begins; memory is bounded by the longest.
struct Objects<R> {
    source: R,
    line: u64,
    /// Whether the next piece goes on with the same line.
    is_within_line: bool,
    /// A piece of a line, and how far it was read.
    text: Vec<u8>,
    at: usize,
}

impl<R: BufRead> Objects<R> {
    fn new(source: R) -> Self {
        Self { source, line: 0, is_within_line: false, text: Vec::new(), at: 0 }
    }

    fn next(&mut self) -> Result<Option<Placed>, FileError> {
        loop {
            let Some(byte) = self.peek()? else { return Ok(None) };
            match byte {
                b'{' => break,
                // What stands between objects: the array around them, commas, a byte order mark.
                b'[' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' | 0xEF | 0xBB | 0xBF => self.at += 1,
                _ => return Err(self.malformed(&"something else than an object stands here")),
            }
        }
        let line = self.line;
        let object = self.object()?;
        let object = serde_json::from_slice(&object).map_err(|error| {
            let (line, column) = (line + error.line() as u64 - 1, error.column() as u64);
            FileError::Json { line, column, reason: error.to_string() }
        })?;
        Ok(Some((line, object)))
    }

    /// The bytes of the object that begins here.
    fn object(&mut self) -> Result<Vec<u8>, FileError> {
        let (mut object, mut depth) = (Vec::new(), 0_usize);
        let (mut is_quoted, mut is_escaped) = (false, false);
        loop {
            let Some(byte) = self.peek()? else {
                return Err(self.malformed(&"the file ends within an object"));
            };
            self.at += 1;
            object.push(byte);
            if object.len() > LONGEST {
                return Err(self.malformed(&"an object is longer than 128 KiB"));
            }
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                _ if is_quoted => {}
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(object);
                    }
                }
                _ => {}
            }
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, FileError> {
        while self.at >= self.text.len() {
            self.text.clear();
            self.at = 0;
            // A file of one line is read in pieces, too.
            let chunk = self.source.fill_buf().map_err(failed)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let end = memchr::memchr(b'\n', chunk).map_or(chunk.len(), |end| end + 1);
            self.text.extend_from_slice(&chunk[..end]);
            self.source.consume(end);
            if !self.is_within_line {
                self.line += 1;
            }
            self.is_within_line = self.text.last() != Some(&b'\n');
        }
        Ok(self.text.get(self.at).copied())
    }

    fn malformed(&self, reason: &dyn std::fmt::Display) -> FileError {
        FileError::Json { line: self.line, column: self.at as u64 + 1, reason: reason.to_string() }
    }
}

/// PingOne's own attributes that have parts, and what is named by its parts.
const COMPLEX: [&str; 6] = ["address", "lifecycle", "name", "password", "photo", "population"];

/// PingOne keeps at most 16 KB of a user.
const LONGEST: usize = 128 * 1024;
