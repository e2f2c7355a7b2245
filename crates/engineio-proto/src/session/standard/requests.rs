use std::time::Instant;

use bytes::Bytes;

use super::{Standard, Timer, state::Carrier, state::Role, state::State, state::UpgradeState};
use crate::{CloseReason, Event, Handshake, Transmit, payload, session::CarrierId};

/// Client: the requests under way to the server.
#[derive(Debug)]
pub(super) struct Requests {
    polling: bool,
    posting: bool,
}

impl Requests {
    /// The opening poll is under way.
    pub(super) fn opening() -> Self {
        Self { polling: true, posting: false }
    }

    pub(super) fn can_post(&self) -> bool {
        !self.posting
    }
}

/// HTTP long-polling on the client's side.
impl Standard {
    pub(in crate::session) fn handle_poll_reply(&mut self, now: Instant, body: Bytes) {
        let Some(Carrier::Requests(requests)) = self.state.carrier_mut() else {
            return;
        };
        requests.polling = false;
        if self.handle_payload(now, body).is_err() {
            self.end(CloseReason::ParseError);
        }
        self.pause_for_upgrade();
    }

    pub(in crate::session) fn handle_post_reply(&mut self) {
        if let Some(Carrier::Requests(requests)) = self.state.carrier_mut() {
            requests.posting = false;
            if matches!(self.state, State::Draining { .. }) && self.outbox.is_empty() {
                self.finish();
            }
            self.pause_for_upgrade();
        }
    }

    pub(in crate::session) fn handle_request_failed(&mut self) {
        if let Some(Carrier::Requests(_)) = self.state.carrier() {
            self.end(CloseReason::TransportError);
        }
    }

    pub(super) fn handle_open(&mut self, now: Instant, handshake: Handshake) {
        let State::AwaitingOpen { carrier } = std::mem::replace(&mut self.state, State::Closed) else {
            return self.end(CloseReason::ParseError);
        };
        let upgrade = handshake.upgrade && self.config.upgrade && matches!(carrier, Carrier::Requests(_));
        self.state = State::Open { carrier, upgrade: UpgradeState::Idle };
        self.sid = Some(handshake.sid.clone());
        let config = std::sync::Arc::make_mut(&mut self.config);
        config.ping_interval = handshake.ping_interval;
        config.ping_timeout = handshake.ping_timeout;
        config.max_payload = handshake.max_payload;
        self.timers.stop(Timer::OpenDeadline);
        self.expect_ping(now);
        self.events.push_back(Event::Opened(handshake));
        if upgrade {
            self.connect(now, CarrierId(0));
        }
    }

    /// Starts the request that is due.
    pub(super) fn poll_request(&mut self) -> Option<Transmit> {
        debug_assert_eq!(self.role, Role::Client);
        let paused = matches!(self.state.upgrade(), UpgradeState::AwaitingPause(_));
        let open = self.is_open();
        let max_payload = self.config.max_payload;
        let Some(Carrier::Requests(requests)) = self.state.carrier_mut() else {
            return None;
        };
        if paused {
            return None;
        }
        if !requests.posting && !self.outbox.is_empty() {
            requests.posting = true;
            return Some(Transmit::Post { body: payload::encode(&self.outbox.pop_payload(max_payload)) });
        }
        if open && !requests.polling {
            requests.polling = true;
            return Some(Transmit::Get);
        }
        None
    }

    /// Whether no request is under way.
    pub(super) fn is_paused(&self) -> bool {
        matches!(self.state.carrier(), Some(Carrier::Requests(Requests { polling: false, posting: false })))
    }
}
