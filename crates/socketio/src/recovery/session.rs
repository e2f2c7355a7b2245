use std::sync::Arc;

use http::Extensions;
use tokio::time::Instant;

use super::{
    addressed::Addressed,
    log::{Entry, Log},
};
use crate::{SocketId, rooms::Target, wire::Frames};

/// What is kept of a socket whose connection was lost.
pub(crate) struct Session {
    pub(crate) id: SocketId,
    pub(crate) key: u64,
    pub(crate) rooms: Vec<Arc<str>>,
    pub(crate) data: Extensions,
    pub(crate) addressed: Addressed,
    /// The client has everything up to here, as was known when it connected.
    pub(crate) proven: u64,
    pub(crate) left_at: Instant,
    /// Later events were sent without this socket, and only its rooms tell which were for it.
    pub(crate) left_position: u64,
}

/// A session that a client claims.
pub(crate) struct Resume {
    pub(crate) session: Box<Session>,
    /// The client has everything up to here.
    pub(crate) position: u64,
}

/// Some of what a session missed is in no log any more, or not known, or it is too much to be sent at once.
#[derive(Debug)]
pub(crate) struct Lost;

impl Session {
    /// Up to where the client has everything.
    ///
    /// Nobody knows that better than the client: a connection that lives proves nothing, as one whose polls are held
    /// up can still send. A client that names no offset, or one that is not ours, has what it had when it connected.
    pub(crate) fn position(&self, offset: Option<u64>) -> u64 {
        offset.unwrap_or(self.proven)
    }

    /// What was addressed to the session after a position.
    pub(crate) fn missed<'a>(
        &'a self,
        log: &'a Log,
        position: u64,
    ) -> Result<impl Iterator<Item = (u64, &'a Frames)>, Lost> {
        let dropped = log.dropped_through();
        let is_dropped = self.addressed.may_intersect(position, dropped) || self.left_position < dropped;
        if is_dropped || !self.addressed.is_known_after(position) {
            return Err(Lost);
        }
        let missed = log.after(position).filter(|entry| self.is_addressed(entry));
        Ok(missed.map(|entry| (entry.position, &entry.frames)))
    }

    fn is_addressed(&self, entry: &Entry) -> bool {
        // The rooms are those at departure, and tell nothing about what was sent before.
        self.addressed.contains(entry.position)
            || entry.position > self.left_position && self.is_meant(&entry.target)
    }

    fn is_meant(&self, target: &Target) -> bool {
        let is_in = |names: &[Box<str>]| names.iter().any(|name| self.is_member(name));
        let is_chosen = target.rooms.is_empty() || is_in(&target.rooms);
        is_chosen && !is_in(&target.except) && target.sender.is_none_or(|(sender, _)| sender != self.key)
    }

    fn is_member(&self, name: &str) -> bool {
        name == self.id.as_str() || self.rooms.iter().any(|room| **room == *name)
    }
}
