use std::{sync::Arc, time::Instant};

use super::{Standard, Timer};
use crate::{
    Prepared, Protocol, SessionConfig, Sid,
    session::{Opening, dialect::Dialect},
};

/// Clients of revision 3: they are the ones who send PING.
///
/// <https://github.com/socketio/engine.io-protocol/tree/v3#timeouts>
impl Standard {
    pub(in crate::session) fn server_v3(
        now: Instant,
        sid: Sid,
        config: Arc<SessionConfig>,
        opening: Opening,
        base64: bool,
    ) -> Self {
        let mut this = Self::server(now, sid, config, opening);
        let base64_frames = base64 && opening != Opening::Polling;
        this.dialect = Dialect::V3 { base64_payloads: base64, base64_frames };
        this.timers.stop(Timer::PingDue);
        this.expect_client_ping(now);
        this
    }

    pub(in crate::session) fn protocol(&self) -> Protocol {
        match self.dialect {
            Dialect::V4 => Protocol::V4,
            Dialect::V3 { .. } => Protocol::V3,
        }
    }

    pub(super) fn answer_ping(&mut self, now: Instant) {
        if !self.is_open() {
            // Nothing may stand behind the CLOSE that is on its way.
            return;
        }
        self.heard(now);
        // One answers all that came before it, so a client that never reads cannot pile them up.
        if self.outbox.back() != Some(&Prepared::PONG) {
            self.outbox.push(Prepared::PONG);
        }
    }

    pub(super) fn expect_client_ping(&mut self, now: Instant) {
        self.timers.set(Timer::PongDeadline, now + self.config.ping_interval + self.config.ping_timeout);
    }
}
