//! A session on the standard transports: long-polling, WebSocket, and the upgrade from the one to the other.
//!
//! <https://github.com/socketio/engine.io-protocol>

mod close;
mod heartbeat;
mod polling;
mod requests;
mod session;
mod state;
mod timer;
mod upgrade;
mod v3;

use std::{sync::Arc, time::Instant};

pub use polling::PostError;
pub use timer::Timer;

use super::{
    Arrival, CarrierEnd, CarrierId, Delivery, Event, Opening, Sent, SessionConfig, Transmit,
    dialect::Dialect, fifo::Fifo, inbox::Inbox, outbox::Outbox,
};
use crate::{CloseReason, Handshake, Message, Packet, Prepared, Sid, Transport};
use state::{Carrier, Role, State, UpgradeState};
use timer::TimerTable;

/// Either side of a session on the standard transports.
#[derive(Debug)]
pub(super) struct Standard {
    role: Role,
    config: Arc<SessionConfig>,
    dialect: Dialect,
    sid: Option<Sid>,
    state: State,
    timers: TimerTable,
    outbox: Outbox,
    /// A WebSocket that takes no more data.
    blocked: Option<CarrierId>,
    /// Outputs that do not come from the outbox; they go first.
    transmits: Fifo<Transmit>,
    events: Inbox,
}

impl Standard {
    pub(super) fn server(now: Instant, sid: Sid, config: Arc<SessionConfig>, opening: Opening) -> Self {
        let handshake = Handshake {
            sid: sid.clone(),
            upgrade: config.upgrade && opening == Opening::Polling,
            ping_interval: config.ping_interval,
            ping_timeout: config.ping_timeout,
            max_payload: config.max_payload,
            adaptive: None,
        };
        let carrier = match opening {
            Opening::Polling => Carrier::Polls(polling::Polls::default()),
            Opening::WebSocket(id) => Carrier::WebSocket(id),
        };
        let state = State::Open { carrier, upgrade: UpgradeState::Idle };
        let mut session = Self::new(Role::Server, config, Some(sid), state);
        session.outbox.push(handshake.encode());
        session.timers.set(Timer::PingDue, now + session.config.ping_interval);
        session
    }

    pub(super) fn client(now: Instant, config: Arc<SessionConfig>, opening: Opening) -> Self {
        let (carrier, first) = match opening {
            Opening::Polling => (Carrier::Requests(requests::Requests::opening()), Transmit::Get),
            Opening::WebSocket(carrier) => (Carrier::WebSocket(carrier), Transmit::Connect { carrier }),
        };
        let mut session = Self::new(Role::Client, config, None, State::AwaitingOpen { carrier });
        session.timers.set(Timer::OpenDeadline, now + session.config.open_timeout);
        session.transmits.push_back(first);
        session
    }

    fn new(role: Role, config: Arc<SessionConfig>, sid: Option<Sid>, state: State) -> Self {
        Self {
            role,
            config,
            dialect: Dialect::V4,
            sid,
            state,
            timers: TimerTable::default(),
            outbox: Outbox::default(),
            blocked: None,
            transmits: Fifo::default(),
            events: Inbox::default(),
        }
    }

    // === Getters ===

    pub(super) fn id(&self) -> Option<&Sid> {
        self.sid.as_ref()
    }

    pub(super) fn transport(&self) -> Transport {
        match self.state.carrier() {
            Some(Carrier::WebSocket(_)) => Transport::WebSocket,
            _ => Transport::Polling,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    pub(super) fn is_finished(&self) -> bool {
        matches!(self.state, State::Closed) && self.transmits.is_empty()
    }

    pub(super) fn is_upgrading(&self) -> bool {
        self.state.probe().is_some()
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.outbox.bytes()
    }

    pub(super) fn queued_cost(&self) -> usize {
        self.outbox.cost()
    }

    pub(super) fn inbox_cost(&self) -> usize {
        self.events.cost()
    }

    pub(super) fn arrival(&self) -> Arrival {
        match &self.state {
            State::Open { carrier, .. } => match carrier {
                _ if !self.outbox.is_empty() => Arrival::Pending,
                Carrier::Polls(polls) if polls.is_settled() => Arrival::Complete,
                Carrier::WebSocket(carrier) => Arrival::Unknown(*carrier),
                Carrier::Polls(_) | Carrier::Requests(_) => Arrival::Pending,
            },
            State::AwaitingOpen { .. } => Arrival::Pending,
            State::Draining { .. } | State::Closed => Arrival::Never,
        }
    }

    // === Inputs common to both transports ===

    pub(super) fn handle_message(&mut self, now: Instant, carrier: CarrierId, message: Message) {
        let packet = self.dialect.packet(message);
        if self.state.probe() == Some(carrier) {
            return self.handle_probe_packet(now, carrier, packet.ok());
        }
        if self.state.websocket() != Some(carrier) {
            return;
        }
        match packet {
            Ok(packet) => self.handle_packet(now, packet),
            Err(_) => self.end(CloseReason::ParseError),
        }
    }

    pub(super) fn handle_carrier_closed(&mut self, carrier: CarrierId, end: CarrierEnd) {
        if self.state.probe() == Some(carrier) {
            self.abandon_probe();
        } else if self.state.websocket() == Some(carrier) {
            self.end(match end {
                CarrierEnd::Closed => CloseReason::TransportClose,
                CarrierEnd::Failed => CloseReason::TransportError,
            });
        }
    }

    pub(super) fn handle_blocked(&mut self, carrier: CarrierId, blocked: bool) {
        if blocked {
            self.blocked = Some(carrier);
        } else {
            self.blocked.take_if(|id| *id == carrier);
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        while let Some((timer, deadline)) = self.timers.pop(now) {
            match timer {
                Timer::PingDue => self.ping(now, deadline),
                Timer::PongDeadline | Timer::PingDeadline => self.end(CloseReason::PingTimeout),
                Timer::UpgradeDeadline => self.abandon_probe(),
                Timer::UpgradeNoop | Timer::PollHold => self.release_poll(),
                Timer::OpenDeadline => self.end(CloseReason::TransportError),
                Timer::CloseDeadline => self.finish(),
            }
        }
    }

    fn handle_packet(&mut self, now: Instant, packet: Packet) {
        match (packet, self.role) {
            (Packet::Message(message), _) if self.is_open() => {
                self.heard(now);
                self.events.push_back(Event::Message(message));
            }
            (Packet::Pong, Role::Server) => self.ponged(now),
            (Packet::Ping, Role::Client) => self.pong(now),
            (Packet::Ping, Role::Server) if self.dialect != Dialect::V4 => self.answer_ping(now),
            (Packet::Open(handshake), Role::Client) => self.handle_open(now, handshake),
            (Packet::Close, _) => self.end(CloseReason::TransportClose),
            (Packet::Noop, _) | (Packet::Message(_), _) => {}
            // The rest belongs to a probe or to the other side.
            _ => self.end(CloseReason::ParseError),
        }
    }

    // === Commands ===

    pub(super) fn send(&mut self, packets: &[Prepared], delivery: Delivery) -> Sent {
        if !self.is_open() || (delivery == Delivery::Volatile && !self.is_writable()) {
            return Sent::Dropped;
        }
        let cost = packets.iter().map(Prepared::cost).sum::<usize>();
        if self.outbox.cost().saturating_add(cost) > self.config.max_queued_bytes && !self.outbox.is_empty() {
            self.end(CloseReason::SlowConsumer);
            return Sent::Dropped;
        }
        for packet in packets {
            self.outbox.push(packet.clone());
        }
        Sent::Queued
    }

    // === Outputs ===

    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        if let Some(transmit) = self.transmits.pop_front() {
            return Some(transmit);
        }
        match &self.state {
            State::AwaitingOpen { .. } | State::Closed => None,
            _ if self.is_blocked() => None,
            State::Open { carrier: Carrier::WebSocket(id), .. }
            | State::Draining { carrier: Carrier::WebSocket(id) } => {
                let carrier = *id;
                match self.outbox.pop() {
                    Some(packet) => Some(Transmit::Send { carrier, packet: self.dialect.frame(packet) }),
                    None if self.is_open() => None,
                    None => {
                        self.finish();
                        Some(Transmit::Disconnect { carrier, code: None })
                    }
                }
            }
            State::Open { carrier: Carrier::Polls(_), .. }
            | State::Draining { carrier: Carrier::Polls(_) } => self.poll_reply(),
            State::Open { carrier: Carrier::Requests(_), .. }
            | State::Draining { carrier: Carrier::Requests(_) } => self.poll_request(),
        }
    }

    pub(super) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    fn is_blocked(&self) -> bool {
        self.blocked.is_some() && self.blocked == self.state.websocket()
    }

    fn is_writable(&self) -> bool {
        self.outbox.is_empty()
            && !self.is_blocked()
            && match self.state.carrier() {
                Some(Carrier::WebSocket(_)) => true,
                Some(Carrier::Polls(polls)) => polls.is_waiting(),
                Some(Carrier::Requests(requests)) => requests.can_post(),
                None => false,
            }
    }
}
