use std::time::{Duration, Instant};

use super::{Standard, Timer, state::Carrier, state::State, state::UpgradeState};
use crate::{Event, Packet, Prepared, RequestError, Transmit, session::CarrierId};

/// From polling to WebSocket. A WebSocket on trial never touches the session that it is tried for.
///
/// <https://github.com/socketio/engine.io-protocol#upgrade>
impl Standard {
    pub(in crate::session) fn handle_websocket(
        &mut self,
        now: Instant,
        carrier: CarrierId,
    ) -> Result<(), RequestError> {
        match &self.state {
            State::Open { carrier: Carrier::Polls(_), upgrade: UpgradeState::Idle }
                if self.config.upgrade => {}
            State::Open { .. } => return Err(RequestError::BadRequest),
            _ => return Err(RequestError::UnknownSession),
        }
        self.state.set_upgrade(UpgradeState::AwaitingProbe(carrier));
        self.timers.set(Timer::UpgradeDeadline, now + self.config.upgrade_timeout);
        Ok(())
    }

    pub(in crate::session) fn handle_websocket_open(&mut self, carrier: CarrierId) {
        if self.state.upgrade() == UpgradeState::AwaitingConnect(carrier) {
            self.state.set_upgrade(UpgradeState::AwaitingAnswer(carrier));
            self.transmits.push_back(Transmit::Send { carrier, packet: Prepared::PROBE });
        }
    }

    /// Client: tries a WebSocket.
    pub(super) fn connect(&mut self, now: Instant, carrier: CarrierId) {
        self.state.set_upgrade(UpgradeState::AwaitingConnect(carrier));
        self.timers.set(Timer::UpgradeDeadline, now + self.config.upgrade_timeout);
        self.transmits.push_back(Transmit::Connect { carrier });
    }

    pub(super) fn handle_probe_packet(&mut self, now: Instant, carrier: CarrierId, packet: Option<Packet>) {
        match (self.state.upgrade(), packet) {
            (UpgradeState::AwaitingProbe(_), Some(Packet::Probe)) => {
                self.state.set_upgrade(UpgradeState::AwaitingUpgrade(carrier));
                self.transmits.push_back(Transmit::Send { carrier, packet: Prepared::PROBE_ANSWER });
                // The client waits for its poll to end before it moves.
                self.release_poll();
                self.timers.set(Timer::UpgradeNoop, now + NOOP_DELAY);
            }
            (UpgradeState::AwaitingUpgrade(_), Some(Packet::Upgrade)) => {
                // The answer to its probe came through to the client.
                self.alive(now);
                self.release_poll();
                self.move_to(carrier);
            }
            (UpgradeState::AwaitingAnswer(_), Some(Packet::ProbeAnswer)) => {
                self.state.set_upgrade(UpgradeState::AwaitingPause(carrier));
                self.pause_for_upgrade();
            }
            _ => self.abandon_probe(),
        }
    }

    /// Client: moves once no request is under way.
    pub(super) fn pause_for_upgrade(&mut self) {
        if let UpgradeState::AwaitingPause(carrier) = self.state.upgrade()
            && self.is_paused()
        {
            self.transmits.push_back(Transmit::Send { carrier, packet: Prepared::UPGRADE });
            self.move_to(carrier);
        }
    }

    /// Lets the WebSocket on trial go; polling goes on as if it had never been there.
    pub(super) fn abandon_probe(&mut self) {
        if let Some(carrier) = self.state.probe() {
            self.state.set_upgrade(UpgradeState::Idle);
            self.timers.stop(Timer::UpgradeDeadline);
            self.timers.stop(Timer::UpgradeNoop);
            self.transmits.push_back(Transmit::Disconnect { carrier, code: None });
        }
    }

    fn move_to(&mut self, carrier: CarrierId) {
        self.state = State::Open { carrier: Carrier::WebSocket(carrier), upgrade: UpgradeState::Idle };
        self.timers.stop(Timer::UpgradeDeadline);
        self.timers.stop(Timer::UpgradeNoop);
        self.timers.stop(Timer::PollHold);
        self.events.push_back(Event::Upgraded);
    }
}

/// How long a poll that arrives during an upgrade is held, so that a probe whose answer does not get through
/// cannot make the client poll as fast as it can.
pub(super) const NOOP_DELAY: Duration = Duration::from_millis(100);
