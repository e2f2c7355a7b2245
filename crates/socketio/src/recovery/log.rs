use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::{rooms::Target, wire::Frames};

/// The latest events of a namespace, in the order in which they were sent.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Invariant: ordered by position, and thereby by time.
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The position of the last event that was dropped, 0 if none was.
    dropped: u64,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) position: u64,
    pub(crate) frames: Frames,
    pub(crate) target: Target,
    sent_at: Instant,
}

impl Entry {
    pub(crate) fn new(position: u64, frames: Frames, target: Target) -> Self {
        Self { position, frames, target, sent_at: Instant::now() }
    }

    /// What it takes of memory, about.
    fn bytes(&self) -> usize {
        let names = self.target.rooms.iter().chain(&self.target.except);
        size_of::<Self>()
            + self.frames.cost()
            + names.map(|name| size_of::<Box<str>>() + name.len()).sum::<usize>()
    }
}

impl Log {
    /// Adds an event at the next position and drops old ones until the limit is kept.
    pub(crate) fn push(&mut self, entry: Entry, max_bytes: usize) {
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.bytes > max_bytes {
            self.drop_oldest();
        }
    }

    /// Drops what is older than this.
    pub(crate) fn expire(&mut self, age: Duration) {
        while self.expiry(age).is_some_and(|expiry| expiry <= Instant::now()) {
            self.drop_oldest();
        }
    }

    /// When the oldest event will be older than this.
    pub(crate) fn expiry(&self, age: Duration) -> Option<Instant> {
        self.entries.front().map(|entry| entry.sent_at + age)
    }

    /// The events after a position, oldest first.
    pub(crate) fn after(&self, position: u64) -> impl Iterator<Item = &Entry> {
        let start = self.entries.partition_point(|entry| entry.position <= position);
        self.entries.range(start..)
    }

    /// The position of the last event that was dropped, 0 if none was.
    pub(crate) fn dropped_through(&self) -> u64 {
        self.dropped
    }

    fn drop_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes = self.bytes.saturating_sub(entry.bytes());
            self.dropped = entry.position;
        }
    }
}
