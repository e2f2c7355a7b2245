//! Users on the disk between PingOne and the file that is made of them.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use pingone::User;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Layout;
use crate::private::private_file;

/// Users on the disk, one JSON object on each line; in memory are only their names and places.
#[derive(Debug)]
pub(crate) struct Spool {
    layout: Layout,
    file: BufWriter<File>,
    length: u64,
    known: HashSet<Uuid>,
    places: Vec<(Box<str>, u64)>,
    used: BTreeSet<String>,
}

impl Spool {
    /// An empty spool at `path`; one that is there is replaced.
    pub(crate) fn create(path: &Path, layout: Layout) -> io::Result<Self> {
        let file = BufWriter::new(private_file(path)?);
        let (known, places, used) = (HashSet::new(), Vec::new(), BTreeSet::new());
        Ok(Self { layout, file, length: 0, known, places, used })
    }

    /// Adds a user; `false` when it was there already, as pages may repeat users.
    pub(crate) fn push(&mut self, user: &User) -> io::Result<bool> {
        if !self.known.insert(user.id) {
            return Ok(false);
        }
        let values = self.layout.values(user);
        for path in values.keys() {
            if !self.used.contains(path) {
                self.used.insert(path.clone());
            }
        }
        let line = serde_json::to_vec(&values)?;
        self.file.write_all(&line)?;
        self.file.write_all(b"\n")?;
        self.places.push((user.username.as_str().into(), self.length));
        self.length += line.len() as u64 + 1;
        Ok(true)
    }

    /// How many users there are.
    pub(crate) fn len(&self) -> u64 {
        self.places.len() as u64
    }

    /// The columns and the users in the order of their names, so that equal environments give equal files.
    pub(super) fn sorted(mut self, path: &Path) -> io::Result<(Vec<String>, Sorted)> {
        self.file.flush()?;
        self.places.sort_unstable();
        let columns = self.layout.columns(&self.used).into_iter().map(str::to_owned).collect();
        let file = BufReader::new(File::open(path)?);
        Ok((columns, Sorted { file, at: 0, places: self.places.into_iter(), line: String::new() }))
    }
}

/// The users of a spool in order.
#[derive(Debug)]
pub(super) struct Sorted {
    file: BufReader<File>,
    at: u64,
    places: std::vec::IntoIter<(Box<str>, u64)>,
    line: String,
}

impl Sorted {
    /// The values of the next user.
    pub(super) fn next(&mut self) -> io::Result<Option<Map<String, Value>>> {
        let Some((_, place)) = self.places.next() else { return Ok(None) };
        if place != self.at {
            self.file.seek(SeekFrom::Start(place))?;
        }
        self.line.clear();
        self.at = place + self.file.read_line(&mut self.line)? as u64;
        Ok(Some(serde_json::from_str(&self.line)?))
    }
}
