use std::time::{Duration, Instant};

use super::{Dialect, Role, Session, Timer};
use crate::Prepared;

/// Heartbeat: the server sends PING, the client answers PONG.
///
/// <https://github.com/socketio/engine.io-protocol#heartbeat>
impl Session {
    /// The PING that was due at `due`.
    ///
    /// The rounding of a driver's timers does not add up over the two deadlines; a server that is late by more
    /// gives the client its whole time.
    pub(super) fn ping(&mut self, now: Instant, due: Instant) {
        let sent = if now.duration_since(due) < TIMER_SLACK { due } else { now };
        self.outbox.push(Prepared::PING);
        self.timers.set(Timer::PongDeadline, sent + self.config.ping_timeout);
    }

    pub(super) fn pong(&mut self, now: Instant) {
        self.outbox.push(Prepared::PONG);
        self.expect_ping(now);
    }

    /// Anything from the peer shows that it lives; only a server that waits for a PONG has to note it.
    pub(super) fn heard(&mut self, now: Instant) {
        if self.dialect != Dialect::V4 {
            self.expect_client_ping(now);
        } else if self.role == Role::Server && self.timers.is_set(Timer::PongDeadline) {
            self.timers.stop(Timer::PongDeadline);
            self.timers.set(Timer::PingDue, now + self.config.ping_interval);
        }
    }

    pub(super) fn expect_ping(&mut self, now: Instant) {
        self.timers.set(Timer::PingDeadline, now + self.config.ping_interval + self.config.ping_timeout);
    }
}

const TIMER_SLACK: Duration = Duration::from_millis(50);
