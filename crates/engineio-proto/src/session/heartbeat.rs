use std::time::Instant;

use super::{Role, Session, Timer};
use crate::Prepared;

/// Heartbeat: the server sends PING, the client answers PONG.
///
/// <https://github.com/socketio/engine.io-protocol#heartbeat>
impl Session {
    pub(super) fn ping(&mut self, now: Instant) {
        self.outbox.push(Prepared::PING);
        self.timers.set(Timer::PongDeadline, now + self.config.ping_timeout);
    }

    pub(super) fn pong(&mut self, now: Instant) {
        self.outbox.push(Prepared::PONG);
        self.expect_ping(now);
    }

    /// Anything from the peer shows that it lives; only a server that waits for a PONG has to note it.
    pub(super) fn heard(&mut self, now: Instant) {
        if self.role == Role::Server && self.timers.is_set(Timer::PongDeadline) {
            self.timers.stop(Timer::PongDeadline);
            self.timers.set(Timer::PingDue, now + self.config.ping_interval);
        }
    }

    pub(super) fn expect_ping(&mut self, now: Instant) {
        self.timers.set(Timer::PingDeadline, now + self.config.ping_interval + self.config.ping_timeout);
    }
}
