use std::collections::{BTreeMap, HashMap};

use tokio::time::Instant;

use super::{Recovery, log::Log, session::Session};
use crate::{SocketId, SocketRef};

/// Who has a session in a namespace, by the secret id that only the client knows.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) log: Log,
    sessions: HashMap<SocketId, State>,
    /// Those that are away by the time at which they are forgotten, with a number that makes the key unique.
    away: BTreeMap<Expiry, SocketId>,
    issued: u64,
    /// Whether a task calls [`Table::expire`].
    pub(crate) is_watched: bool,
}

type Expiry = (Instant, u64);

enum State {
    Live(SocketRef),
    Away(Expiry, Box<Session>),
}

pub(crate) enum Found {
    Live(SocketRef),
    Other,
}

impl Table {
    pub(crate) fn find(&self, pid: SocketId) -> Found {
        match self.sessions.get(&pid) {
            Some(State::Live(socket)) => Found::Live(socket.clone()),
            Some(State::Away(..)) | None => Found::Other,
        }
    }

    /// Lets a socket in, unless it is gone already.
    pub(crate) fn connect(&mut self, socket: &SocketRef, pid: SocketId, prepare: impl FnOnce()) -> bool {
        self.issued += 1;
        let connected = socket.connected();
        if connected {
            prepare();
            self.sessions.insert(pid, State::Live(socket.clone()));
        }
        connected
    }

    /// Whether there was ever somebody who may want the log.
    pub(crate) fn is_needed(&self) -> bool {
        self.issued > 0
    }

    /// A socket has left for good.
    pub(crate) fn forget(&mut self, pid: SocketId) {
        if let Some(State::Away(expiry, _)) = self.sessions.remove(&pid) {
            self.away.remove(&expiry);
        }
    }

    /// A socket has left and may come back.
    pub(crate) fn store(&mut self, pid: SocketId, session: Box<Session>, config: &Recovery) {
        self.issued += 1;
        let expiry = (session.left_at + config.max_disconnection_duration, self.issued);
        self.away.insert(expiry, pid);
        self.sessions.insert(pid, State::Away(expiry, session));
        while self.away.len() > config.max_sessions
            && let Some((_, oldest)) = self.away.pop_first()
        {
            self.sessions.remove(&oldest);
        }
    }

    /// The session of a socket that has left.
    pub(crate) fn take(&mut self, pid: SocketId) -> Option<Box<Session>> {
        self.expire();
        match self.sessions.remove(&pid)? {
            State::Away(expiry, session) => {
                self.away.remove(&expiry);
                Some(session)
            }
            live @ State::Live(_) => {
                self.sessions.insert(pid, live);
                None
            }
        }
    }

    /// Forgets those that were away for too long.
    pub(crate) fn expire(&mut self) {
        while self.expiry().is_some_and(|expiry| expiry <= Instant::now())
            && let Some((_, pid)) = self.away.pop_first()
        {
            self.sessions.remove(&pid);
        }
    }

    /// When the last one is forgotten.
    pub(crate) fn last_expiry(&mut self) -> Option<Instant> {
        self.expire();
        self.away.last_key_value().map(|((expiry, _), _)| *expiry)
    }

    /// When the next one is forgotten.
    pub(crate) fn expiry(&self) -> Option<Instant> {
        self.away.first_key_value().map(|((expiry, _), _)| *expiry)
    }
}
