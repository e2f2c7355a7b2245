use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use engineio_proto::{CloseReason, SessionConfig, Sid, Transport};
use rand::RngExt as _;
use tokio::runtime::Handle;

use crate::{Config, Handler, table::Table, timers::Timers};

/// An Engine.IO server: a [`tower::Service`] for HTTP requests.
///
/// Clones share the sessions.
pub struct EngineIo<H> {
    pub(crate) engine: Arc<Engine>,
    pub(crate) handler: Arc<H>,
}

impl<H: Handler> EngineIo<H> {
    /// A server without sessions.
    pub fn new(config: Config, handler: H) -> Self {
        let engine = Engine {
            session: config.session(),
            config,
            table: Table::new(),
            timers: OnceLock::new(),
            runtime: OnceLock::new(),
            polling: AtomicUsize::new(0),
            websocket: AtomicUsize::new(0),
        };
        Self { engine: Arc::new(engine), handler: Arc::new(handler) }
    }

    /// What answers the events of sessions.
    pub fn handler(&self) -> &H {
        &self.handler
    }

    /// Ends all sessions that exist at this moment.
    pub fn close(&self, reason: CloseReason) {
        for link in self.engine.table.snapshot() {
            link.close(reason);
        }
    }

    /// How many sessions are open.
    pub fn connections(&self) -> Counts {
        Counts {
            polling: self.engine.polling.load(Ordering::Relaxed),
            websocket: self.engine.websocket.load(Ordering::Relaxed),
        }
    }
}

impl<H> Clone for EngineIo<H> {
    fn clone(&self) -> Self {
        Self { engine: Arc::clone(&self.engine), handler: Arc::clone(&self.handler) }
    }
}

impl<H> fmt::Debug for EngineIo<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineIo").field("config", &self.engine.config).finish_non_exhaustive()
    }
}

/// Open sessions by transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// On HTTP long-polling.
    pub polling: usize,
    /// On a WebSocket.
    pub websocket: usize,
}

/// What the sessions share.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) config: Config,
    pub(crate) session: Arc<SessionConfig>,
    pub(crate) table: Table,
    timers: OnceLock<Arc<Timers>>,
    /// The runtime of the first request.
    pub(crate) runtime: OnceLock<Handle>,
    polling: AtomicUsize,
    websocket: AtomicUsize,
}

impl Engine {
    /// Starts with the first session, since a server may be built before its runtime.
    pub(crate) fn timers(&self) -> &Timers {
        self.timers.get_or_init(Timers::start)
    }

    /// An id with 128 random bits.
    pub(crate) fn new_sid(&self) -> Sid {
        self.runtime.get_or_init(Handle::current);
        let mut text = String::with_capacity(SID_LEN);
        let mut random: u128 = rand::rng().random();
        for _ in 0..SID_LEN {
            text.push(char::from(ALPHABET[(random % 64) as usize]));
            random /= 64;
        }
        text.parse().unwrap_or_else(|_| unreachable!("every character is of the alphabet"))
    }

    /// Books a session that opens, closes, or changes its transport.
    pub(crate) fn recount(&self, before: Option<Transport>, after: Option<Transport>) {
        if let Some(count) = before.and_then(|transport| self.count(transport)) {
            count.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(count) = after.and_then(|transport| self.count(transport)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count(&self, transport: Transport) -> Option<&AtomicUsize> {
        match transport {
            Transport::Polling => Some(&self.polling),
            Transport::WebSocket => Some(&self.websocket),
            _ => None,
        }
    }
}

const SID_LEN: usize = 22;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
