//! Sorting on the disk: runs that fit into memory are sorted and written, and merged in the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::private::private_file;

/// Lines with the keys that they are sorted by.
#[derive(Debug)]
pub(super) struct Runs {
    file: File,
    /// Where the runs are in the file.
    runs: Vec<Range<u64>>,
    /// The lines of the next run.
    lines: Vec<u8>,
    /// The keys of the next run, and where their lines are.
    keys: Vec<(Box<str>, Range<usize>)>,
    /// What the next run takes in memory.
    size: usize,
    /// What a run may take.
    most: usize,
}

impl Runs {
    /// None yet; they go to a file at `path`, and one that is there is replaced.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        // Written and read through one handle, so that the file may be deleted at any time.
        drop(private_file(path)?);
        let file = File::options().read(true).write(true).open(path)?;
        Ok(Self { file, runs: Vec::new(), lines: Vec::new(), keys: Vec::new(), size: 0, most: MOST })
    }

    pub(super) fn push(&mut self, key: &str, line: &[u8]) -> io::Result<()> {
        let start = self.lines.len();
        self.lines.extend_from_slice(line);
        self.keys.push((key.into(), start..self.lines.len()));
        self.size += line.len() + key.len() + size_of::<(Box<str>, Range<usize>)>();
        if self.size >= self.most { self.write() } else { Ok(()) }
    }

    /// The lines in the order of their keys.
    pub(super) fn merged(mut self) -> io::Result<Merged> {
        self.write()?;
        let file = Arc::new(self.file);
        let mut merged = Merged { parts: Vec::new(), heads: BinaryHeap::new() };
        for run in self.runs {
            let part = Part { file: Arc::clone(&file), left: run };
            merged.parts.push(BufReader::with_capacity(READ, part));
            let head = merged.head(merged.parts.len() - 1)?;
            merged.heads.extend(head.map(Reverse));
        }
        Ok(merged)
    }

    fn write(&mut self) -> io::Result<()> {
        self.keys.sort_unstable_by(|(one, at), (other, place)| (one, at.start).cmp(&(other, place.start)));
        let start = self.file.seek(SeekFrom::End(0))?;
        let mut out = BufWriter::with_capacity(WRITTEN, &self.file);
        for (key, place) in self.keys.drain(..) {
            let line = &self.lines[place];
            for bytes in [key.as_bytes(), line] {
                out.write_all(&length(bytes)?.to_le_bytes())?;
            }
            out.write_all(key.as_bytes())?;
            out.write_all(line)?;
        }
        out.flush()?;
        drop(out);
        self.lines.clear();
        self.size = 0;
        self.runs.push(start..self.file.stream_position()?);
        Ok(())
    }
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(io::Error::other)
}

/// The lines of all runs in the order of their keys.
#[derive(Debug)]
pub(super) struct Merged {
    parts: Vec<BufReader<Part>>,
    heads: BinaryHeap<Reverse<Head>>,
}

/// The next line of a run. The order of its fields is that of lines.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    key: Vec<u8>,
    run: usize,
    line: Vec<u8>,
}

impl Merged {
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(Reverse(Head { run, line, .. })) = self.heads.pop() else { return Ok(None) };
        let head = self.head(run)?;
        self.heads.extend(head.map(Reverse));
        Ok(Some(line))
    }

    fn head(&mut self, run: usize) -> io::Result<Option<Head>> {
        let part = &mut self.parts[run];
        let mut lengths = [0; 8];
        match part.read(&mut lengths[..1])? {
            0 => return Ok(None),
            _ => part.read_exact(&mut lengths[1..])?,
        }
        let [a, b, c, d, e, f, g, h] = lengths;
        let (key, line) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        let (mut key, mut line) = (vec![0; key as usize], vec![0; line as usize]);
        part.read_exact(&mut key)?;
        part.read_exact(&mut line)?;
        Ok(Some(Head { key, run, line }))
    }
}

/// What is left of a run.
#[derive(Debug)]
struct Part {
    file: Arc<File>,
    left: Range<u64>,
}

impl Read for Part {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX);
        let most = bytes.len().min(left);
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.left.start))?;
        let count = file.read(&mut bytes[..most])?;
        self.left.start += count as u64;
        Ok(count)
    }
}

/// What a run takes in memory: a gigabyte of users is merged from some 256.
const MOST: usize = 4 * 1024 * 1024;
/// Bytes that are read of a run at a time.
const READ: usize = 16 * 1024;
/// Bytes that are written at a time.
const WRITTEN: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_the_order_of_their_keys_however_many_runs_they_are_in() {
        let dir = tempfile::tempdir().unwrap();
        for (most, runs) in [(MOST, 1), (1000, 38), (1, 1001)] {
            let mut sorted = Runs { most, ..Runs::create(&dir.path().join("spool")).unwrap() };
            // Each number once, far from in order.
            for number in (0..1000).map(|number| number * 387 % 1000) {
                sorted.push(&format!("{number:03}"), format!("{number}").as_bytes()).unwrap();
            }
            let mut merged = sorted.merged().unwrap();
            assert_eq!(merged.parts.len(), runs);
            for number in 0..1000 {
                assert_eq!(merged.next().unwrap().unwrap(), number.to_string().as_bytes());
            }
            assert!(merged.next().unwrap().is_none());
        }
    }
}
