//! Users on the disk between PingOne and the file that is made of them.

mod runs;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use pingone::User;
use serde_json::{Map, Value};

use super::Layout;
use crate::seen::Seen;
use runs::{Merged, Runs};

/// Users on the disk, one JSON object each, in sorted runs.
#[derive(Debug)]
pub(crate) struct Spool {
    layout: Layout,
    runs: Runs,
    known: Seen,
    used: BTreeSet<String>,
}

impl Spool {
    /// An empty spool at `path`; one that is there is replaced. What else is needed for a time goes to `scratch`.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn create(path: &Path, scratch: &Path, layout: Layout) -> io::Result<Self> {
        Ok(Self { layout, runs: Runs::create(path)?, known: Seen::new(scratch), used: BTreeSet::new() })
    }

    /// Adds a user; `false` when it was there already, as pages may repeat users.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn push(&mut self, user: &User) -> io::Result<bool> {
        let hash = self.known.bytes(user.id.as_bytes());
        if self.known.note(hash, 1)?.is_some() {
            return Ok(false);
        }
        let values = self.layout.values(user);
        for path in values.keys() {
            if !self.used.contains(path) {
                self.used.insert(path.clone());
            }
        }
        self.runs.push(&user.username, &serde_json::to_vec(&values)?)?;
        Ok(true)
    }

    /// Whether a user is there.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn contains(&self, user: uuid::Uuid) -> io::Result<bool> {
        self.known.contains(self.known.bytes(user.as_bytes()))
    }

    /// How many users there are.
    pub(crate) fn len(&self) -> u64 {
        self.known.len()
    }

    /// The columns and the users in the order of their names, so that equal environments give equal files.
    pub(super) fn sorted(self) -> io::Result<(Vec<String>, Sorted)> {
        let columns = self.layout.columns(&self.used).into_iter().map(str::to_owned).collect();
        Ok((columns, Sorted { lines: self.runs.merged()? }))
    }
}

/// The users of a spool in order.
#[derive(Debug)]
pub(super) struct Sorted {
    lines: Merged,
}

impl Sorted {
    /// The values of the next user.
    pub(super) fn next(&mut self) -> io::Result<Option<Map<String, Value>>> {
        let line = self.lines.next()?;
        Ok(line.map(|line| serde_json::from_slice(&line)).transpose()?)
    }
}
