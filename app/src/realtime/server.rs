//! The Socket.IO server of this process.

use std::fmt;

use ::socketio::{Gateway, SocketIo};
use engineio::EngineIo;
use metrics::{counter, gauge};

use super::feed::Feeds;
use super::socketio;
use crate::doctor::Health;
use crate::metrics::{CONNECTIONS, HANDLER_PANICS, REJECTED_EVENTS};

/// A handle to the Socket.IO server.
#[derive(Clone)]
pub struct Realtime {
    io: SocketIo,
}

impl Realtime {
    /// A server that tells of the events of `feeds`, and of the server's health.
    pub fn new(feeds: Feeds, health: Health) -> Self {
        Self { io: socketio::server(feeds, health) }
    }

    /// The service behind [`PATH`](super::PATH).
    pub fn service(&self) -> EngineIo<Gateway> {
        self.io.service()
    }

    /// Ends all connections; clients come back when there is a server again.
    pub fn close(&self) {
        self.io.close();
    }

    /// WebSockets that are open.
    pub fn websockets(&self) -> usize {
        self.io.engine().connections().websocket
    }

    /// Writes the number of open connections, and what their handlers did, to the metrics.
    pub fn sample(&self) {
        let counts = self.io.engine().connections();
        let sampled = [("websocket", counts.websocket), ("polling", counts.polling)];
        for (tier, count) in sampled {
            // Far below the numbers that a float cannot hold exactly.
            gauge!(CONNECTIONS, "tier" => tier).set(u32::try_from(count).unwrap_or(u32::MAX));
        }
        counter!(HANDLER_PANICS, "source" => "socketio").absolute(self.io.handler_panics());
        counter!(REJECTED_EVENTS).absolute(self.io.rejected_events());
    }
}

impl fmt::Debug for Realtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realtime").field("connections", &self.io.engine().connections()).finish()
    }
}
