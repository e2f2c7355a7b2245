use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use engineio_proto::{CloseReason, SessionConfig, Sid, Tier, Transport, session::adaptive::Key};
use rand::RngExt as _;
use tokio::runtime::Handle;

use crate::{Config, Handler, Stats, clock, ended::EndedKeys, meters::Meters, table::Table, timers::Timers};

/// An Engine.IO server: a [`tower::Service`] for HTTP requests.
///
/// Clones share the sessions.
///
/// ```
/// # use engineio::{CloseReason, Connection, EngineIo, Handler, Message, Socket};
/// # struct Silent;
/// # impl Handler for Silent {
/// #     type Connection = Self;
/// #     fn open(&self, _: Socket, _: http::request::Parts) -> Self { Self }
/// # }
/// # impl Connection for Silent {
/// #     fn message(&self, _: Message) {}
/// #     fn close(&self, _: CloseReason) {}
/// # }
/// use engineio::Config;
///
/// let engine = EngineIo::new(Config::default(), Silent);
/// let _service = engine.clone(); // A tower service, to be routed at `/engine.io/`.
/// assert_eq!(engine.connections().polling, 0);
/// engine.close(CloseReason::ServerShutdown);
/// ```
pub struct EngineIo<H> {
    pub(crate) engine: Arc<Engine>,
    pub(crate) handler: Arc<H>,
}

impl<H: Handler> EngineIo<H> {
    /// A server without sessions.
    pub fn new(mut config: Config, handler: H) -> Self {
        if !config.path.starts_with('/') {
            config.path.insert(0, '/');
        }
        let engine = Engine {
            session: config.session(),
            config,
            table: Table::new(),
            keys: Table::new(),
            ended_keys: EndedKeys::default(),
            timers: OnceLock::new(),
            runtime: OnceLock::new(),
            counters: Counters::default(),
            meters: Meters::default(),
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

    /// Everything that is counted. It looks at every session, so it is not for each request.
    pub fn stats(&self) -> Stats {
        let sessions = self.engine.table.snapshot();
        let queued = sessions.iter().map(|link| link.lock().session.queued_bytes()).sum();
        self.engine.meters.stats(self.connections(), queued)
    }

    /// How many sessions there are, those included that are over and still have something to deliver.
    pub fn unfinished(&self) -> usize {
        self.engine.table.len()
    }

    /// Whether one of these has a client that takes what is sent to it, or that may soon be back for it: one that has
    /// been without a WebSocket and without a request for longer than clients usually are between two is taken for gone.
    pub fn has_reachable(&self) -> bool {
        let now = clock::now();
        self.engine.table.any(|link| link.is_sending() || link.lock().is_reachable(now))
    }

    /// How many sessions are open.
    pub fn connections(&self) -> Counts {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let Counters { polling, websocket, adaptive } = &self.engine.counters;
        let [on_websocket, long_poll, periodic, detached] = adaptive;
        Counts {
            polling: count(polling),
            websocket: count(websocket),
            adaptive: AdaptiveCounts {
                websocket: count(on_websocket),
                long_poll: count(long_poll),
                periodic: count(periodic),
                detached: count(detached),
            },
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
///
/// ```
/// # fn example<H: engineio::Handler>(engine: &engineio::EngineIo<H>) {
/// let counts = engine.connections();
/// println!("polling {}, websocket {}", counts.polling, counts.websocket);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// On HTTP long-polling.
    pub polling: usize,
    /// On a WebSocket.
    pub websocket: usize,
    /// On the adaptive transport.
    pub adaptive: AdaptiveCounts,
}

/// Open sessions of the adaptive transport by what carries them.
///
/// ```
/// # fn example<H: engineio::Handler>(engine: &engineio::EngineIo<H>) {
/// let adaptive = engine.connections().adaptive;
/// println!("{} sessions wait for their client to come back", adaptive.detached);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdaptiveCounts {
    /// On a WebSocket.
    pub websocket: usize,
    /// On requests that are held.
    pub long_poll: usize,
    /// On requests from time to time.
    pub periodic: usize,
    /// On nothing at the moment; the client may come back.
    pub detached: usize,
}

/// What the sessions share.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) config: Config,
    pub(crate) session: Arc<SessionConfig>,
    pub(crate) table: Table<Sid>,
    /// The adaptive sessions by the keys that their clients chose.
    pub(crate) keys: Table<Key>,
    /// The keys of adaptive sessions that have ended, which a late repeat of their first request must not open again.
    pub(crate) ended_keys: EndedKeys,
    timers: OnceLock<Arc<Timers>>,
    /// The runtime of the first request.
    pub(crate) runtime: OnceLock<Handle>,
    pub(crate) meters: Meters,
    counters: Counters,
}

/// What an open session is counted as: its transport, and the tier of an adaptive one that has a carrier.
pub(crate) type Place = (Transport, Option<Tier>);

#[derive(Debug, Default)]
struct Counters {
    polling: AtomicUsize,
    websocket: AtomicUsize,
    /// In the order of the tiers; the last has no carrier.
    adaptive: [AtomicUsize; 4],
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
    pub(crate) fn recount(&self, before: Option<Place>, after: Option<Place>) {
        if let Some(count) = before.and_then(|place| self.count(place)) {
            count.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(count) = after.and_then(|place| self.count(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count(&self, (transport, tier): Place) -> Option<&AtomicUsize> {
        let Counters { polling, websocket, adaptive } = &self.counters;
        let [on_websocket, long_poll, periodic, detached] = adaptive;
        match (transport, tier) {
            (Transport::Polling, _) => Some(polling),
            (Transport::WebSocket, _) => Some(websocket),
            (Transport::Adaptive, Some(Tier::WebSocket)) => Some(on_websocket),
            (Transport::Adaptive, Some(Tier::LongPoll)) => Some(long_poll),
            (Transport::Adaptive, Some(Tier::Periodic)) => Some(periodic),
            (Transport::Adaptive, None) => Some(detached),
            _ => None,
        }
    }
}

const SID_LEN: usize = 22;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
