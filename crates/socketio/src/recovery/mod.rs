//! Connection state recovery: a client that comes back gets its id, rooms, data and the events that it missed.
//!
//! Every event carries an offset, the position in the namespace's log, and a client names the last one that it has.
//! Which events were addressed to a session is kept with the session, as its rooms change; where that is not known any
//! more, there is no recovery.

mod addressed;
mod log;
mod session;
mod table;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytestring::ByteString;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use socketio_proto::Offsets;
use tokio::{
    runtime::Handle,
    time::{Instant, sleep_until},
};

use crate::{
    DisconnectReason, SocketId, SocketRef, clock,
    emit::Flags,
    rooms::Target,
    wire::{Draft, Frames},
};

pub(crate) use addressed::Addressed;
use log::Entry;
pub(crate) use session::{Lost, Resume, Session};
use table::{Found, Table};

/// Connection state recovery, for [`Config::recovery`](crate::Config::recovery).
///
/// Memory is bounded for each namespace: events are kept for `max_disconnection_duration` and the time in which a
/// dead connection is noticed (`ping_interval` and `ping_timeout`), in at most `max_log_bytes`.
/// A client that cannot be given all that it missed gets a new session: `socket.recovered` is false on its side, and
/// the answer to its CONNECT says `"recovered":false` beside the new ids.
///
/// Events that ask for an acknowledgement are not kept, and neither are volatile ones.
///
/// ```
/// use std::time::Duration;
/// use socketio::{Config, Recovery, SocketIo, SocketRef};
///
/// let recovery = Recovery { max_disconnection_duration: Duration::from_secs(60), ..Recovery::default() };
/// let io = SocketIo::new(Config { recovery: Some(recovery), ..Config::default() });
/// io.ns("/", async |socket: SocketRef| {
///     if !socket.recovered() {
///         socket.join("news"); // One that came back is in it already, and has got what it missed.
///     }
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Recovery {
    /// How long a client may be away. Default 120 s.
    pub max_disconnection_duration: Duration,
    /// Whether a client that comes back is let in without asking middleware again. Default true.
    pub skip_middlewares: bool,
    /// How many bytes of events a namespace keeps. Default 16 MiB.
    pub max_log_bytes: usize,
    /// How many clients of a namespace may be away at a time; the longest gone is forgotten first. Default 10,000.
    pub max_sessions: usize,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            max_disconnection_duration: Duration::from_secs(120),
            skip_middlewares: true,
            max_log_bytes: 16 * 1024 * 1024,
            max_sessions: 10_000,
        }
    }
}

/// The sessions and the log of a namespace.
///
/// Locks are taken in this order: `order`, `table`, those of rooms and sockets.
pub(crate) struct Keeper {
    pub(crate) config: Recovery,
    /// How long it takes at most to notice that a connection is dead.
    liveness: Duration,
    /// A client that missed more is not given all of it at once, as that might be more than it may have queued.
    max_replay: usize,
    /// Whether the recipients of an event may share its compressed form.
    compresses: bool,
    offsets: Offsets,
    /// Held while an event goes out, so that every client gets events in the order of their offsets.
    order: Mutex<()>,
    /// Position of the last event that went out to everyone. Changed under `order`.
    completed: AtomicU64,
    table: Mutex<Table>,
}

impl Keeper {
    pub(crate) fn new(mut config: Recovery, engine: &engineio::Config) -> Arc<Self> {
        config.max_disconnection_duration = config.max_disconnection_duration.min(clock::FOR_EVER);
        Arc::new(Self {
            config,
            liveness: engine.ping_interval.saturating_add(engine.ping_timeout).min(clock::FOR_EVER),
            max_replay: engine.max_queued_bytes / 2,
            compresses: engine.per_message_deflate.is_some(),
            offsets: Offsets::new(rand::random()),
            order: Mutex::default(),
            completed: AtomicU64::new(0),
            table: Mutex::default(),
        })
    }

    /// Gives an event its offset, keeps it, and lets `fan_out` send it.
    ///
    /// A volatile event is not kept and bears the offset of the event before: with a string of its own at that
    /// place, or without one, a client would forget where it was.
    pub(crate) fn publish(
        self: &Arc<Self>,
        draft: &Draft,
        flags: Flags,
        target: &Target,
        fan_out: impl FnOnce(&Frames, Option<u64>),
    ) {
        let _order = self.order.lock();
        let completed = self.completed();
        if flags.is_volatile() {
            return fan_out(&self.finish(draft, completed, flags), None);
        }
        let position = completed + 1;
        let frames = self.finish(draft, position, flags);
        self.append(Entry::new(position, frames.clone(), target.clone()));
        fan_out(&frames, Some(position));
        self.completed.store(position, Ordering::Release);
    }

    /// The session that a client asks for, taken from a connection that it has lost if that is still open.
    pub(crate) fn claim(&self, request: &Request) -> Option<(SocketId, Box<Resume>)> {
        let pid = request.pid?;
        let found = self.table.lock().find(pid);
        if let Found::Live(socket) = found {
            tracing::debug!(
                namespace = socket.namespace_path(),
                "a client comes back before its loss was noticed"
            );
            socket.connection().supersede();
        }
        let mut table = self.table.lock();
        let session = table.take(pid)?;
        let offset = request.offset.as_deref().and_then(|offset| self.offsets.position(offset));
        let position = session.position(offset);
        let resume = Resume { session, position };
        match self.missed(&table, &resume) {
            Ok(_) => Some((pid, Box::new(resume))),
            Err(Lost) => {
                tracing::debug!("a client cannot be given what it missed");
                None
            }
        }
    }

    /// Brings the client up to date, and lets the socket be part of its namespace.
    ///
    /// `welcome` is sent after the events that the client missed; without it the client keeps them back.
    pub(crate) fn admit(
        &self,
        socket: &SocketRef,
        pid: SocketId,
        send: impl Fn(&Frames),
        welcome: &Frames,
    ) -> Result<bool, Lost> {
        let _order = self.order.lock();
        let mut table = self.table.lock();
        let (mut addressed, mut rooms, mut proven) = (Addressed::default(), Vec::new(), self.completed());
        if let Some(mut resume) = socket.take_resume() {
            for (position, frames) in self.missed(&table, &resume)? {
                send(&frames);
                resume.session.addressed.push(position);
            }
            (addressed, rooms) = (resume.session.addressed, resume.session.rooms);
            proven = resume.position;
        }
        send(welcome);
        Ok(table.connect(socket, pid, || {
            socket.track(addressed, proven);
            socket.space().rooms.connect(socket, rooms);
        }))
    }

    /// The socket leaves its namespace, for a while if the reason allows it.
    ///
    /// `leave` gives what becomes of the socket, or `None` if it has left already.
    pub(crate) fn leave(
        self: &Arc<Self>,
        pid: SocketId,
        reason: DisconnectReason,
        runtime: Option<&Handle>,
        leave: impl FnOnce(u64) -> Option<Left>,
    ) {
        let mut table = self.table.lock();
        // Before the phase of the socket changes: a fan-out that finds it changed has a later position.
        let Some(left) = leave(self.completed()) else { return };
        table.forget(pid);
        if let (Left::Session(session), true) = (left, reason.is_recoverable()) {
            table.store(pid, session, &self.config);
            self.watch(&mut table, runtime);
        }
    }

    /// When the last of those who are away will be forgotten; `None` if nobody is away.
    pub(crate) fn last_expiry(&self) -> Option<Instant> {
        self.table.lock().last_expiry()
    }

    pub(crate) fn completed(&self) -> u64 {
        self.completed.load(Ordering::Acquire)
    }

    fn finish(&self, draft: &Draft, position: u64, flags: Flags) -> Frames {
        let frames = draft.finish(self.offsets.at(position));
        match self.compresses {
            _ if !flags.compress => frames.uncompressed(),
            true => frames.compressible(),
            false => frames,
        }
    }

    fn append(&self, entry: Entry) {
        let mut table = self.table.lock();
        if table.is_needed() {
            table.log.push(entry, self.config.max_log_bytes);
            table.log.expire(self.retention());
        }
    }

    fn missed(&self, table: &Table, resume: &Resume) -> Result<Vec<(u64, Frames)>, Lost> {
        let missed = resume.session.missed(&table.log, resume.position)?;
        let missed: Vec<_> = missed.map(|(position, frames)| (position, frames.clone())).collect();
        let cost: usize = missed.iter().map(|(_, frames)| frames.cost()).sum();
        if cost > self.max_replay { Err(Lost) } else { Ok(missed) }
    }

    /// A session may be claimed that long after an event of which it is not known whether it arrived.
    fn retention(&self) -> Duration {
        self.config.max_disconnection_duration + self.liveness
    }

    /// Starts a task that forgets what is too old, unless there is one.
    fn watch(self: &Arc<Self>, table: &mut Table, runtime: Option<&Handle>) {
        if let (false, Some(runtime)) = (table.is_watched, runtime) {
            table.is_watched = true;
            let keeper = Arc::downgrade(self);
            runtime.spawn(async move {
                while let Some(next) = keeper.upgrade().and_then(|keeper| keeper.expire()) {
                    sleep_until(next).await;
                }
            });
        }
    }

    /// Forgets what is too old and tells when more will be; `None` ends the watch.
    fn expire(&self) -> Option<Instant> {
        let mut table = self.table.lock();
        table.expire();
        table.log.expire(self.retention());
        let next = table.expiry().into_iter().chain(table.log.expiry(self.retention())).min();
        table.is_watched = next.is_some();
        next
    }
}

/// What a socket that leaves its namespace leaves behind.
pub(crate) enum Left {
    Nothing,
    Session(Box<Session>),
}

/// What a client asks for in its CONNECT.
#[derive(Debug)]
pub(crate) struct Request {
    /// `None` if it is none of ours, such as one that another server has given.
    pid: Option<SocketId>,
    offset: Option<String>,
}

impl Request {
    /// Splits the payload of a CONNECT into the request, if there is one, and the credentials.
    pub(crate) fn split(payload: ByteString) -> (Option<Self>, Option<ByteString>) {
        let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(&payload) else {
            return (None, Some(payload));
        };
        let pid = match fields.remove("pid") {
            None | Some(Value::Null) => return (None, Some(payload)),
            Some(pid) => pid.as_str().and_then(SocketId::parse),
        };
        // An offset of another type, or none, is no reason to refuse.
        let offset = match fields.remove("offset") {
            Some(Value::String(offset)) => Some(offset),
            _ => None,
        };
        let credentials = (!fields.is_empty()).then(|| Value::Object(fields).to_string().into());
        (Some(Self { pid, offset }), credentials)
    }
}
