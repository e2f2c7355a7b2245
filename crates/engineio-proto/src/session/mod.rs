//! The state machine of an Engine.IO session.

pub mod adaptive;
mod close;
mod config;
mod dialect;
mod fifo;
mod heartbeat;
mod inbox;
mod outbox;
mod polling;
mod requests;
mod state;
mod timer;
mod upgrade;

use std::{sync::Arc, time::Instant};

use bytes::Bytes;

pub use config::{AdaptiveConfig, SessionConfig};
pub use outbox::{Delivery, Sent};
pub use polling::PostError;
pub use state::{CarrierId, Opening, PollId, RequestId};
pub use timer::Timer;

use crate::{CloseReason, Handshake, Message, Packet, Prepared, Sid, Transport, frame::CloseCode};
use adaptive::ladder::{Cause, Tier};
use dialect::Dialect;
use fifo::Fifo;
use inbox::Inbox;
use outbox::Outbox;
use state::{Carrier, Role, State, UpgradeState};
use timer::TimerTable;

/// One Engine.IO session, of a server or of a client, without I/O.
///
/// The methods are of four kinds:
///
/// - **Getters**: [`id`](Self::id), [`transport`](Self::transport), [`is_open`](Self::is_open),
///   [`is_finished`](Self::is_finished), [`queued_bytes`](Self::queued_bytes).
/// - **Inputs**, `handle_*`: what the carriers delivered, and time. They never block and never fail silently.
/// - **Commands**: [`send`](Self::send), [`close`](Self::close).
/// - **Outputs**, `poll_*`: after each input or command, take [`poll_transmit`](Self::poll_transmit) until `None`
///   (as long as the carriers accept data), then [`poll_event`](Self::poll_event) until `None`, then wait until
///   [`poll_timeout`](Self::poll_timeout).
///
/// The clock is a parameter: every `now` is at least the one before.
/// The first fatal event is latched; later ones change nothing.
#[derive(Debug)]
pub struct Session {
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

impl Session {
    /// A session that a client has just opened at a server.
    ///
    /// With [`Opening::Polling`] the OPEN packet waits for the first [`handle_poll`](Self::handle_poll), which is
    /// the opening request itself.
    pub fn server(now: Instant, sid: Sid, config: Arc<SessionConfig>, opening: Opening) -> Self {
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

    /// A session that this side opens.
    ///
    /// The first output is [`Transmit::Get`] or [`Transmit::Connect`]. Heartbeat and limits are the server's, as
    /// its OPEN packet states them; of `config` a client uses the rest.
    pub fn client(now: Instant, config: Arc<SessionConfig>, opening: Opening) -> Self {
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

    /// The session's id; a client knows it once the session is open.
    pub fn id(&self) -> Option<&Sid> {
        match &self.state {
            State::Adaptive(adaptive) => self.sid.as_ref().or_else(|| adaptive.id()),
            _ => self.sid.as_ref(),
        }
    }

    /// What carries the packets now.
    pub fn transport(&self) -> Transport {
        match (&self.state, self.state.carrier()) {
            (State::Adaptive(_), _) => Transport::Adaptive,
            (_, Some(Carrier::WebSocket(_))) => Transport::WebSocket,
            _ => Transport::Polling,
        }
    }

    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        match &self.state {
            State::Open { .. } => true,
            State::Adaptive(adaptive) => adaptive.is_open(),
            _ => false,
        }
    }

    /// Whether the session is over and has nothing left to transmit.
    pub fn is_finished(&self) -> bool {
        match &self.state {
            State::Closed => self.transmits.is_empty(),
            State::Adaptive(adaptive) => adaptive.is_finished(),
            _ => false,
        }
    }

    /// Whether a WebSocket is on trial for this session or being moved to.
    pub fn is_upgrading(&self) -> bool {
        self.state.probe().is_some()
    }

    /// Bytes accepted by [`send`](Self::send) that no carrier has taken yet.
    pub fn queued_bytes(&self) -> usize {
        match &self.state {
            State::Adaptive(adaptive) => adaptive.status().waiting_bytes,
            _ => self.outbox.bytes(),
        }
    }

    /// What the packets of [`queued_bytes`](Self::queued_bytes) take of [`SessionConfig::max_queued_bytes`].
    pub fn queued_cost(&self) -> usize {
        match &self.state {
            State::Adaptive(adaptive) => adaptive.queued_cost(),
            _ => self.outbox.cost(),
        }
    }

    /// Server: whether everything that [`send`](Self::send) accepted has arrived at the client.
    pub fn arrival(&self) -> Arrival {
        match &self.state {
            State::Adaptive(adaptive) => adaptive.arrival(),
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

    /// Server: what the events take that [`poll_event`](Self::poll_event) has not given yet, counted as for
    /// [`SessionConfig::max_queued_bytes`].
    ///
    /// An application that is slower than its peer stops feeding the session above some limit.
    pub fn inbox_cost(&self) -> usize {
        match &self.state {
            State::Adaptive(adaptive) => adaptive.inbox_cost(),
            _ => self.events.cost(),
        }
    }

    // === Inputs common to both transports ===

    /// A WebSocket delivered a message.
    pub fn handle_message(&mut self, now: Instant, carrier: CarrierId, message: Message) {
        if let State::Adaptive(adaptive) = &mut self.state {
            return adaptive.handle_message(now, carrier, message);
        }
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

    /// A WebSocket is gone: closed by the peer, or failed.
    pub fn handle_carrier_closed(&mut self, now: Instant, carrier: CarrierId, end: CarrierEnd) {
        if let State::Adaptive(adaptive) = &mut self.state {
            adaptive.handle_carrier_closed(now, carrier, end);
        } else if self.state.probe() == Some(carrier) {
            self.abandon_probe();
        } else if self.state.websocket() == Some(carrier) {
            self.end(match end {
                CarrierEnd::Closed => CloseReason::TransportClose,
                CarrierEnd::Failed => CloseReason::TransportError,
            });
        }
    }

    /// A WebSocket takes no more data, or takes it again.
    ///
    /// While blocked, [`poll_transmit`](Self::poll_transmit) gives nothing for it but its end.
    pub fn handle_blocked(&mut self, carrier: CarrierId, blocked: bool) {
        if let State::Adaptive(adaptive) = &mut self.state {
            adaptive.handle_blocked(carrier, blocked);
        } else if blocked {
            self.blocked = Some(carrier);
        } else {
            self.blocked.take_if(|id| *id == carrier);
        }
    }

    /// Time passed; to be called when [`poll_timeout`](Self::poll_timeout) has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let State::Adaptive(adaptive) = &mut self.state {
            return adaptive.handle_timeout(now);
        }
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

    /// Queues packets: all of them and adjacent, or none.
    ///
    /// More than [`SessionConfig::max_queued_bytes`] ends the session with [`CloseReason::SlowConsumer`]: an
    /// application that believes its events delivered is worse off than one that sees a reconnection.
    pub fn send(&mut self, packets: &[Prepared], delivery: Delivery) -> Sent {
        if let State::Adaptive(adaptive) = &mut self.state {
            return adaptive.send(packets, delivery);
        }
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

    /// The next thing to hand to a carrier.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        if let State::Adaptive(adaptive) = &mut self.state {
            return adaptive.poll_transmit();
        }
        if let Some(transmit) = self.transmits.pop_front() {
            return Some(transmit);
        }
        match &self.state {
            State::AwaitingOpen { .. } | State::Adaptive(_) | State::Closed => None,
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

    /// The next thing to tell the application.
    pub fn poll_event(&mut self) -> Option<Event> {
        match &mut self.state {
            State::Adaptive(adaptive) => adaptive.poll_event(),
            _ => self.events.pop_front(),
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Adaptive(adaptive) => adaptive.poll_timeout(),
            _ => self.timers.next(),
        }
    }

    fn is_blocked(&self) -> bool {
        self.blocked.is_some() && self.blocked == self.state.websocket()
    }

    /// Whether a packet would leave at once.
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

/// What is known of the arrival of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The client has it all.
    Complete,
    /// Something waits, or may be under way.
    Pending,
    /// All of it was given to this WebSocket; the answer to a PING behind it would be the proof.
    Unknown(CarrierId),
    /// The session is over.
    Never,
}

/// What a carrier shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transmit {
    /// Client: the response to this request is of no interest any more.
    Abort {
        /// The request.
        request: RequestId,
    },
    /// Client: open a WebSocket, with the session's id in the query if there is one.
    Connect {
        /// Its name from now on.
        carrier: CarrierId,
    },
    /// Close this WebSocket.
    Disconnect {
        /// The WebSocket.
        carrier: CarrierId,
        /// With this code, or without any.
        code: Option<CloseCode>,
    },
    /// Client: start a poll.
    Get,
    /// Client: open a WebSocket with this query; only adaptive sessions do.
    Open {
        /// Its name from now on.
        carrier: CarrierId,
        /// The raw query string.
        query: String,
    },
    /// Client: post this payload.
    Post {
        /// The request's body.
        body: Bytes,
    },
    /// Client: make a POST request with this query; only adaptive sessions do.
    Request {
        /// Its name from now on.
        request: RequestId,
        /// The raw query string.
        query: String,
        /// The request's body.
        body: Bytes,
    },
    /// Server: answer this poll.
    Reply {
        /// The request that waits.
        poll: PollId,
        /// The response's body.
        body: Bytes,
    },
    /// Send this packet on this WebSocket.
    Send {
        /// The WebSocket.
        carrier: CarrierId,
        /// What to send.
        packet: Prepared,
    },
}

/// What the application learns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Client: another carrier carries the adaptive session.
    Carried {
        /// Its tier.
        tier: Tier,
        /// Why it is another one than before.
        cause: Cause,
    },
    /// The session is over; the last event.
    Closed(CloseReason),
    /// A message arrived.
    Message(Message),
    /// Client: the server has opened the session.
    Opened(Handshake),
    /// Client: this tier works here; an opening within [ten minutes](adaptive::ladder::LadderConfig::remembered)
    /// begins with it.
    Remember(Tier),
    /// The session has moved from polling to WebSocket.
    Upgraded,
}

/// How a WebSocket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierEnd {
    /// By a CLOSE frame or an orderly end of the stream.
    Closed,
    /// By an error, or by bytes that broke the framing.
    Failed,
}
