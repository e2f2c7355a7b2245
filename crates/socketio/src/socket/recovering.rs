use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{
    SocketId, SocketRef,
    recovery::{Addressed, Left, Resume, Session},
};

/// What a socket has with [`Config::recovery`](crate::Config::recovery).
pub(crate) struct Recovering {
    /// The secret with which the client claims its session.
    pub(crate) pid: SocketId,
    pub(crate) recovered: bool,
    /// The client asked for a session that it cannot have.
    pub(crate) refused: AtomicBool,
    /// What the socket came back with, until it is connected.
    resume: Mutex<Option<Box<Resume>>>,
    track: Mutex<Track>,
}

/// What is known about the events that the client was sent.
struct Track {
    addressed: Addressed,
    proven: u64,
}

impl Recovering {
    pub(crate) fn new(pid: SocketId, resume: Option<Box<Resume>>) -> Self {
        let track = Track { addressed: Addressed::default(), proven: 0 };
        let refused = AtomicBool::new(false);
        Self {
            pid,
            recovered: resume.is_some(),
            refused,
            resume: Mutex::new(resume),
            track: Mutex::new(track),
        }
    }
}

impl SocketRef {
    pub(crate) fn recovering(&self) -> Option<&Recovering> {
        self.0.recovering.as_deref()
    }

    pub(crate) fn take_resume(&self) -> Option<Box<Resume>> {
        self.recovering()?.resume.lock().take()
    }

    /// The client is up to date with these events, of which it surely has those up to `proven`.
    pub(crate) fn track(&self, addressed: Addressed, proven: u64) {
        if let Some(recovering) = self.recovering() {
            *recovering.track.lock() = Track { addressed, proven };
        }
    }

    /// The event at this position of the log is for the client.
    pub(crate) fn address(&self, position: u64) {
        if let Some(recovering) = self.recovering() {
            recovering.track.lock().addressed.push(position);
        }
    }

    /// What the client may come back for; `left_position` is that of [`Session::left_position`].
    pub(crate) fn left(&self, was_connected: bool, left_position: u64) -> Left {
        let rooms = self.0.space.rooms.remove(self);
        let Some(recovering) = self.recovering() else { return Left::Nothing };
        if !was_connected {
            return recovering
                .resume
                .lock()
                .take()
                .map_or(Left::Nothing, |resume| Left::Session(resume.session));
        }
        let mut track = recovering.track.lock();
        Left::Session(Box::new(Session {
            id: self.id(),
            key: self.key(),
            rooms,
            data: self.0.data.lock().clone(),
            addressed: std::mem::take(&mut track.addressed),
            proven: track.proven,
            left_at: Instant::now(),
            left_position,
        }))
    }
}
