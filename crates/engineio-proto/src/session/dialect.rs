use std::{sync::Arc, time::Instant};

use bytes::Bytes;

use super::{Opening, Session, SessionConfig, Timer};
use crate::{DecodeError, Message, Packet, Prepared, Protocol, Sid, payload, v3};

/// How packets are written, which depends on the revision that the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    V4,
    /// In base64 for clients without binary data; one that moves to a WebSocket has shown that it takes binary frames.
    V3 {
        base64_payloads: bool,
        base64_frames: bool,
    },
}

impl Dialect {
    pub(super) fn packet(self, message: Message) -> Result<Packet, DecodeError> {
        match self {
            Self::V4 => Packet::from_websocket(message),
            Self::V3 { .. } => v3::decode(message),
        }
    }

    pub(super) fn frame(self, packet: Prepared) -> Prepared {
        match self {
            Self::V4 => packet,
            Self::V3 { base64_frames, .. } => v3::encode(packet, base64_frames),
        }
    }

    pub(super) fn payload(self, packets: &[Prepared]) -> Bytes {
        match self {
            Self::V4 => payload::encode(packets),
            Self::V3 { base64_payloads, .. } => v3::encode_payload(packets, base64_payloads),
        }
    }
}

/// Clients of revision 3: they are the ones who send PING.
///
/// <https://github.com/socketio/engine.io-protocol/tree/v3#timeouts>
impl Session {
    /// As [`Session::server`], for a client of revision 3; with `base64` it takes no binary data.
    pub fn server_v3(
        now: Instant,
        sid: Sid,
        config: Arc<SessionConfig>,
        opening: Opening,
        base64: bool,
    ) -> Self {
        let mut session = Self::server(now, sid, config, opening);
        let base64_frames = base64 && opening != Opening::Polling;
        session.dialect = Dialect::V3 { base64_payloads: base64, base64_frames };
        session.timers.stop(Timer::PingDue);
        session.expect_client_ping(now);
        session
    }

    /// The revision that the peer speaks.
    pub fn protocol(&self) -> Protocol {
        match self.dialect {
            Dialect::V4 => Protocol::V4,
            Dialect::V3 { .. } => Protocol::V3,
        }
    }

    pub(super) fn answer_ping(&mut self, now: Instant) {
        // One answers all that came before it, so a client that never reads cannot pile them up.
        if self.outbox.back() != Some(&Prepared::PONG) {
            self.outbox.push(Prepared::PONG);
        }
        self.heard(now);
    }

    pub(super) fn expect_client_ping(&mut self, now: Instant) {
        self.timers.set(Timer::PongDeadline, now + self.config.ping_interval + self.config.ping_timeout);
    }
}
