//! How many connections there are, and how many there may be.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// File descriptors that are left to the store, PingOne, files and the probes.
const RESERVED: u64 = 128;

/// More connections than this need a decision, not a default.
const MOST: u64 = 100_000;

/// Counts connections against a limit.
#[derive(Clone)]
pub(crate) struct Load {
    limit: usize,
    requests: Arc<AtomicUsize>,
    /// Connections that have left HTTP, which others count.
    upgraded: Arc<dyn Fn() -> usize + Send + Sync>,
}

impl Load {
    pub(crate) fn new(limit: usize, upgraded: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        Self { limit, requests: Arc::default(), upgraded: Arc::new(upgraded) }
    }

    /// Whether a further connection would be too many.
    pub(super) fn is_full(&self) -> bool {
        self.requests.load(Ordering::Relaxed) + (self.upgraded)() >= self.limit
    }

    /// Counts a connection while the result lives.
    pub(super) fn enter(&self) -> Entered {
        self.requests.fetch_add(1, Ordering::Relaxed);
        Entered(Arc::clone(&self.requests))
    }
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load")
            .field("limit", &self.limit)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Entered(Arc<AtomicUsize>);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// As many connections as the system's limit of open files leaves room for, and at most 100,000.
pub(crate) fn default_limit() -> usize {
    let files = open_files().unwrap_or(1024);
    usize::try_from(files.saturating_sub(RESERVED).clamp(16, MOST)).unwrap_or(16)
}

/// Lets this process have as many open files as the system allows it to ask for.
#[cfg(unix)]
pub(crate) fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum {
        limit.current = limit.maximum;
        // Without it there is room for fewer connections, and that is all.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

#[cfg(not(unix))]
pub(crate) fn raise_file_limit() {}

#[cfg(unix)]
fn open_files() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    // No limit at all is as good as the most.
    Some(getrlimit(Resource::Nofile).current.unwrap_or(MOST + RESERVED))
}

#[cfg(not(unix))]
fn open_files() -> Option<u64> {
    Some(MOST)
}
