use std::time::Instant;

use super::{Standard, Timer, state::Carrier, state::State};
use crate::{CloseReason, Event, Prepared, Transmit};

/// The ways to the end.
impl Standard {
    pub(in crate::session) fn close(&mut self, now: Instant, reason: CloseReason) {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Open { carrier, upgrade } => {
                self.state = State::Open { carrier, upgrade };
                self.abandon_probe();
                self.drain(now, reason);
            }
            State::AwaitingOpen { carrier } => {
                self.state = State::AwaitingOpen { carrier };
                self.end(reason);
            }
            over @ (State::Draining { .. } | State::Closed) => self.state = over,
        }
    }

    fn drain(&mut self, now: Instant, reason: CloseReason) {
        let State::Open { carrier, .. } = std::mem::replace(&mut self.state, State::Closed) else {
            return;
        };
        if !matches!(carrier, Carrier::WebSocket(_)) {
            // A WebSocket has its own closing handshake.
            self.outbox.push(Prepared::CLOSE);
        }
        self.state = State::Draining { carrier };
        self.timers.stop_all();
        self.timers.set(Timer::CloseDeadline, now + self.config.close_timeout);
        self.events.push_back(Event::Closed(reason));
    }

    /// Ends the session at once: what is queued is lost, and a carrier that still exists is let go.
    pub(super) fn end(&mut self, reason: CloseReason) {
        match &self.state {
            State::Closed => return,
            State::Draining { .. } => {}
            State::AwaitingOpen { .. } | State::Open { .. } => {
                self.abandon_probe();
                self.events.push_back(Event::Closed(reason));
            }
        }
        if let Some(carrier) = self.state.websocket() {
            self.transmits.push_back(Transmit::Disconnect { carrier, code: None });
        }
        self.release_poll();
        self.finish();
    }

    /// Forgets the carrier; the reason has been told.
    pub(super) fn finish(&mut self) {
        self.state = State::Closed;
        self.timers.stop_all();
        self.outbox.clear();
    }
}
