use std::time::Instant;

use super::{Event, Session, Timer, Transmit, state::Carrier, state::State};
use crate::{CloseReason, Prepared};

/// The ways to the end.
impl Session {
    /// Ends the session: what is queued is still transmitted, then the peer is told.
    pub fn close(&mut self, now: Instant, reason: CloseReason) {
        if let State::Adaptive(adaptive) = &mut self.state {
            return adaptive.close(now, reason);
        }
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
            over @ (State::Adaptive(_) | State::Draining { .. } | State::Closed) => self.state = over,
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
            State::Adaptive(_) | State::Closed => return,
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
