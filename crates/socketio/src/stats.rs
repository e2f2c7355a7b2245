use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use engineio::Counts;

use crate::{SocketIo, server::Server};

/// What a server has and has seen, for metrics.
///
/// ```
/// # let io = socketio::SocketIo::new(socketio::Config::default());
/// let stats = io.stats();
/// println!("socketio_sockets {}", stats.sockets);
/// println!("socketio_handler_panics_total {}", stats.handler_panics);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Open connections by transport.
    pub connections: Counts,
    /// Namespaces, those included that are kept for clients that may come back.
    pub namespaces: usize,
    /// Sockets that are in a namespace, of this server.
    pub sockets: usize,
    /// Handlers that have panicked; each was logged with the name of its event.
    pub handler_panics: u64,
    /// Events that no handler got, as their arguments did not fit or middleware refused them.
    pub rejected_events: u64,
    /// Sockets that were not let in: unknown namespaces, and refusals of middleware.
    pub refused_sockets: u64,
    /// Connections that were ended because the client broke the protocol of Socket.IO.
    pub protocol_errors: u64,
    /// Sockets that came back and got their session.
    pub recovered_sockets: u64,
    /// Sockets that came back and got a new session, as theirs was unknown or something was missing.
    pub unrecovered_sockets: u64,
}

/// What is counted. None of it happens to every event.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) panics: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) protocol_errors: AtomicU64,
    pub(crate) recovered: AtomicU64,
    pub(crate) unrecovered: AtomicU64,
    /// Whether no connection is let in any more.
    pub(crate) is_closing: AtomicBool,
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl SocketIo {
    /// What the server has and has seen.
    pub fn stats(&self) -> Stats {
        let Server { shared, spaces, .. } = self.server();
        let counters = &shared.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let spaces = spaces.all();
        Stats {
            connections: self.engine().connections(),
            namespaces: spaces.len(),
            sockets: spaces.iter().map(|space| space.rooms.len()).sum(),
            handler_panics: read(&counters.panics),
            rejected_events: read(&counters.rejected),
            refused_sockets: read(&counters.refused),
            protocol_errors: read(&counters.protocol_errors),
            recovered_sockets: read(&counters.recovered),
            unrecovered_sockets: read(&counters.unrecovered),
        }
    }
}
