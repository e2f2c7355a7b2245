//! The Socket.IO server of this process.

use std::fmt;
use std::time::Duration;

use ::socketio::{Gateway, Shutdown, SocketIo};
use engineio::{EngineIo, Switch, SwitchCause, Tier};
use metrics::{counter, gauge};

use super::feed::Feeds;
use super::socketio;
use crate::doctor::Health;
use crate::metrics::{
    CONNECTIONS, HANDLER_PANICS, QUEUED_BYTES, REFUSALS, REJECTED_EVENTS, SLOW_CONSUMERS, SOCKET_FAULTS,
    SWITCHES,
};

/// Words for the codes of Engine.IO, from 0.
const REFUSAL_CODES: [&str; 6] = [
    "unknown_transport",
    "unknown_session",
    "bad_handshake_method",
    "bad_request",
    "forbidden",
    "unsupported_version",
];

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

    /// Lets nobody in any more and ends each connection at a random moment of `spread`, so that clients do not all come
    /// back at the same time; then waits up to `grace` for what they still have to take.
    pub async fn shut_down(&self, spread: Duration, grace: Duration) {
        let report = self.io.shutdown(Shutdown { spread, grace, notice: None }).await;
        tracing::debug!(
            closed = report.closed,
            remaining = report.remaining,
            "Socket.IO clients were sent away"
        );
    }

    /// WebSockets that are open, whichever transport uses them.
    pub fn websockets(&self) -> usize {
        let counts = self.io.engine().connections();
        counts.websocket + counts.adaptive.websocket
    }

    /// Writes the number of open connections, and what became of others, to the metrics.
    pub fn sample(&self) {
        let engine = self.io.engine().stats();
        let (open, adaptive) = (engine.open, engine.open.adaptive);
        let sampled = [
            ("websocket", open.websocket),
            ("polling", open.polling),
            ("adaptive_websocket", adaptive.websocket),
            ("adaptive_long_poll", adaptive.long_poll),
            ("adaptive_periodic", adaptive.periodic),
            ("adaptive_detached", adaptive.detached),
        ];
        for (tier, count) in sampled {
            // Far below the numbers that a float cannot hold exactly.
            gauge!(CONNECTIONS, "tier" => tier).set(u32::try_from(count).unwrap_or(u32::MAX));
        }
        gauge!(QUEUED_BYTES).set(u32::try_from(engine.queued_bytes).unwrap_or(u32::MAX));
        for (code, count) in REFUSAL_CODES.into_iter().zip(engine.refused) {
            counter!(REFUSALS, "reason" => code).absolute(count);
        }
        let stats = self.io.stats();
        let faults = [
            ("too_large", engine.too_large),
            ("protocol_error", engine.protocol_errors),
            ("ping_timeout", engine.ping_timeouts),
            ("slow_body", engine.slow_bodies),
            ("lost", engine.lost),
            ("overlapping_poll", engine.overlapping_polls),
            ("overlapping_post", engine.overlapping_posts),
            ("held_back", engine.held_back),
            ("bad_packet", stats.protocol_errors),
            ("refused_socket", stats.refused_sockets),
            ("unrecovered", stats.unrecovered_sockets),
        ];
        for (reason, count) in faults {
            counter!(SOCKET_FAULTS, "reason" => reason).absolute(count);
        }
        for (Switch { from, to, cause }, count) in engine.switches.iter() {
            let cause = match cause {
                SwitchCause::Lost => "lost",
                SwitchCause::Promoted => "promoted",
                SwitchCause::Demoted => "demoted",
            };
            counter!(SWITCHES, "from" => tier(from), "to" => tier(to), "cause" => cause).absolute(count);
        }
        counter!(SLOW_CONSUMERS).absolute(engine.slow_consumers);
        counter!(HANDLER_PANICS, "source" => "socketio").absolute(stats.handler_panics);
        counter!(REJECTED_EVENTS).absolute(stats.rejected_events);
    }
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::WebSocket => "websocket",
        Tier::LongPoll => "long_poll",
        Tier::Periodic => "periodic",
    }
}

impl fmt::Debug for Realtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realtime").field("connections", &self.io.engine().connections()).finish()
    }
}
