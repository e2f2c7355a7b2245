use std::time::{Duration, Instant};

use super::{Standard, Timer, state::Carrier, state::Role};
use crate::{Prepared, session::dialect::Dialect};

/// Heartbeat: the server sends PING, the client answers PONG.
///
/// <https://github.com/socketio/engine.io-protocol#heartbeat>
impl Standard {
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

    /// Anything from the peer shows that it lives; of revision 4, only a server that waits for a PONG has to note it.
    ///
    /// A client that posts and fetches nothing does not live: all that it is sent would only pile up.
    pub(super) fn heard(&mut self, now: Instant) {
        let is_noted = self.dialect != Dialect::V4 || self.timers.is_set(Timer::PongDeadline);
        if is_noted && self.is_fetched() {
            self.alive(now);
        }
    }

    /// A PONG, which answers nothing while the PING has not left; in revision 3 the server sends none.
    pub(super) fn ponged(&mut self, now: Instant) {
        if self.dialect != Dialect::V4 {
            self.heard(now);
        } else if !self.outbox.contains(&Prepared::PING) {
            self.alive(now);
        }
    }

    /// Packets come from the peer and reach it.
    pub(super) fn alive(&mut self, now: Instant) {
        if self.dialect != Dialect::V4 {
            self.expect_client_ping(now);
        } else if self.role == Role::Server && self.timers.is_set(Timer::PongDeadline) {
            self.timers.stop(Timer::PongDeadline);
            self.timers.set(Timer::PingDue, now + self.config.ping_interval);
        }
    }

    fn is_fetched(&self) -> bool {
        match self.state.carrier() {
            Some(Carrier::Polls(polls)) => polls.is_waiting() || self.outbox.is_empty(),
            _ => true,
        }
    }

    pub(super) fn expect_ping(&mut self, now: Instant) {
        self.timers.set(Timer::PingDeadline, now + self.config.ping_interval + self.config.ping_timeout);
    }
}

const TIMER_SLACK: Duration = Duration::from_millis(50);
