use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use engineio::CloseReason;
use serde::Serialize;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{SocketIo, SocketRef, connection::Connection};

/// How a server goes down; see [`SocketIo::shutdown`].
///
/// ```
/// use std::time::Duration;
/// use socketio::Shutdown;
///
/// let shutdown = Shutdown {
///     spread: Duration::from_secs(30),
///     notice: Some("maintenance".into()),
///     ..Shutdown::default()
/// };
/// assert_eq!(shutdown.grace, Duration::from_secs(5));
/// ```
#[derive(Clone, Debug)]
pub struct Shutdown {
    /// The time over which clients are sent away, each at a random moment of it. Default 5 s.
    ///
    /// Those that come back do not all arrive at the next server at the same time.
    pub spread: Duration,
    /// How long to wait after that for clients to take what is still to be sent to them. Default 5 s.
    ///
    /// Those that have neither polled nor been connected for longer than a client usually pauses are not waited for.
    pub grace: Duration,
    /// An event that each socket gets at once, with the argument `{"closesIn": milliseconds}`. Default none.
    ///
    /// An application can use it to tell its users, or to move to another server beforehand.
    pub notice: Option<Cow<'static, str>>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self { spread: Duration::from_secs(5), grace: Duration::from_secs(5), notice: None }
    }
}

/// What became of a shutdown.
///
/// ```
/// # async fn example(io: socketio::SocketIo) {
/// use socketio::{Shutdown, ShutdownReport};
///
/// let ShutdownReport { closed, remaining, .. } = io.shutdown(Shutdown::default()).await;
/// if remaining > 0 {
///     eprintln!("{remaining} of {closed} clients did not take what was left for them");
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Connections that were in a namespace and were sent away.
    pub closed: usize,
    /// Connections that did not take their last packets in time.
    pub remaining: usize,
}

impl SocketIo {
    /// Goes down in stages: no client is let in any more, then those that are here are sent away one after the other,
    /// and last is waited for what they still have to be sent. It takes at most `spread` and `grace` together.
    ///
    /// Clients see a lost connection and come back by themselves, with their backoff and its jitter; here they are
    /// refused, with status 403. Handlers get the reason `server shutting down`, which keeps sessions
    /// [recoverable](crate::Config::recovery). The listener is the caller's: let it accept until this ends, since
    /// clients on polling need further requests to get what is theirs.
    ///
    /// Dropping the future stops sending clients away; new ones stay locked out.
    ///
    /// ```
    /// # async fn example(io: socketio::SocketIo) {
    /// use std::time::Duration;
    /// use socketio::Shutdown;
    ///
    /// let report = io.shutdown(Shutdown { spread: Duration::from_secs(10), ..Shutdown::default() }).await;
    /// println!("{} clients were sent away, {} did not take what was theirs", report.closed, report.remaining);
    /// # }
    /// ```
    pub async fn shutdown(&self, shutdown: Shutdown) -> ShutdownReport {
        self.server().shared.counters.is_closing.store(true, Ordering::Release);
        let start = Instant::now();
        let mut leaving = self.leaving(start, shutdown.spread);
        if let Some(notice) = &shutdown.notice {
            leaving.iter().for_each(|leaving| leaving.tell(notice, start));
        }
        leaving.sort_unstable_by_key(|leaving| leaving.at);
        let closed = leaving.len();
        for leaving in leaving {
            sleep_until(leaving.at).await;
            leaving.connection.engine.close(CloseReason::ServerShutdown);
        }
        // Those that joined no namespace, or came in meanwhile.
        self.close();
        let deadline = Instant::now() + shutdown.grace;
        loop {
            let looked = Instant::now();
            if looked >= deadline || !self.engine().has_reachable() {
                break;
            }
            // To look at very many takes a while, in which they are not served.
            sleep(PAUSE.max(10 * looked.elapsed()).min(deadline - looked)).await;
        }
        ShutdownReport { closed, remaining: self.engine().unfinished() }
    }

    /// All connections that are in a namespace, each with a moment of its own.
    fn leaving(&self, start: Instant, spread: Duration) -> Vec<Leaving> {
        let mut leaving: HashMap<*const Connection, Leaving> = HashMap::new();
        for space in self.server().spaces.all() {
            for socket in space.sockets(&crate::rooms::Target::default()) {
                let connection = socket.connection();
                let entry = leaving.entry(Arc::as_ptr(connection)).or_insert_with(|| Leaving {
                    at: start + spread.mul_f64(rand::random()),
                    connection: Arc::clone(connection),
                    sockets: Vec::new(),
                });
                entry.sockets.push(socket);
            }
        }
        leaving.into_values().collect()
    }
}

/// A connection that is about to be sent away.
struct Leaving {
    at: Instant,
    connection: Arc<Connection>,
    sockets: Vec<SocketRef>,
}

impl Leaving {
    fn tell(&self, notice: &str, start: Instant) {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Notice {
            closes_in: u128,
        }

        let notice_data = Notice { closes_in: (self.at - start).as_millis() };
        self.sockets.iter().for_each(|socket| drop(socket.emit(notice, &notice_data)));
    }
}

/// Between two looks at how many connections are left.
const PAUSE: Duration = Duration::from_millis(20);
