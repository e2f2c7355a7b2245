use std::{sync::Arc, time::Duration};

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
    pub(crate) connected_at: Instant,
    /// Whether the connection was ended unless it answered a PING in time. An adaptive one outlives its carriers.
    pub(crate) was_pinged: bool,
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

/// Some of what a session missed is in no log any more, or it is too much to be sent at once.
#[derive(Debug)]
pub(crate) struct Lost;

impl Session {
    /// Up to where the client has everything.
    ///
    /// `liveness` is the time in which a connection must answer a PING: one that lived longer after an event was
    /// sent has received that event. A client that names no offset, or one that is not ours, is believed no less
    /// than that.
    pub(crate) fn position(&self, log: &Log, offset: Option<u64>, liveness: Duration) -> u64 {
        let answered_at = self.left_at.checked_sub(liveness).filter(|_| self.was_pinged);
        let answered_at = answered_at.filter(|time| self.connected_at <= *time);
        let proven = answered_at.map_or(self.proven, |time| log.position_before(time).max(self.proven));
        offset.map_or(proven, |offset| offset.max(proven))
    }

    /// What was addressed to the session after a position.
    pub(crate) fn missed<'a>(
        &'a self,
        log: &'a Log,
        position: u64,
    ) -> Result<impl Iterator<Item = (u64, &'a Frames)>, Lost> {
        let dropped = log.dropped_through();
        if self.addressed.may_intersect(position, dropped) || self.left_position < dropped {
            return Err(Lost);
        }
        let missed = log.after(position).filter(|entry| self.is_addressed(entry));
        Ok(missed.map(|entry| (entry.position, &entry.frames)))
    }

    fn is_addressed(&self, entry: &Entry) -> bool {
        match self.addressed.contains(entry.position) {
            Some(true) => true,
            Some(false) => entry.position > self.left_position && self.is_meant(&entry.target),
            None => self.is_meant(&entry.target),
        }
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
