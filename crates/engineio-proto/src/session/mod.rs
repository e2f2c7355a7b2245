//! The state machine of an Engine.IO session.

pub mod adaptive;
mod config;
mod dialect;
mod fifo;
mod inbox;
mod names;
mod outbox;
mod output;
mod standard;

use std::time::Instant;

pub use config::{AdaptiveConfig, SessionConfig};
pub use names::{CarrierId, Opening, PollId, RequestId};
pub use outbox::{Delivery, Sent};
pub use output::{Arrival, CarrierEnd, Event, Transmit};
pub use standard::{PostError, Timer};

use crate::{CloseReason, Message, Prepared, RequestError, Sid, Transport};
use adaptive::{Client, Server};
use standard::Standard;

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
///
/// What only some sessions take is an error or without effect for the others.
#[derive(Debug)]
pub struct Session(Kind);

/// Whose state machine it is.
///
/// A server's are in place, not in a box: sending to many sessions is waiting for their memory.
#[derive(Debug)]
enum Kind {
    /// Either side of a session on the standard transports.
    Standard(Standard),
    /// The server's side of an adaptive session.
    Server(Server),
    /// The client's side of an adaptive session.
    Client(Box<Client>),
}

impl Session {
    // === Getters ===

    /// The session's id; a client knows it once the session is open.
    pub fn id(&self) -> Option<&Sid> {
        match &self.0 {
            Kind::Standard(standard) => standard.id(),
            Kind::Server(server) => Some(server.id()),
            Kind::Client(client) => client.id(),
        }
    }

    /// What carries the packets now.
    pub fn transport(&self) -> Transport {
        match &self.0 {
            Kind::Standard(standard) => standard.transport(),
            Kind::Server(_) | Kind::Client(_) => Transport::Adaptive,
        }
    }

    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        match &self.0 {
            Kind::Standard(standard) => standard.is_open(),
            Kind::Server(server) => server.is_open(),
            Kind::Client(client) => client.is_open(),
        }
    }

    /// Whether the session is over and has nothing left to transmit.
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            Kind::Standard(standard) => standard.is_finished(),
            Kind::Server(server) => server.is_finished(),
            Kind::Client(client) => client.is_finished(),
        }
    }

    /// Bytes accepted by [`send`](Self::send) that no carrier has taken yet.
    pub fn queued_bytes(&self) -> usize {
        match &self.0 {
            Kind::Standard(standard) => standard.queued_bytes(),
            Kind::Server(server) => server.status().waiting_bytes,
            Kind::Client(client) => client.status().waiting_bytes,
        }
    }

    /// What the packets of [`queued_bytes`](Self::queued_bytes) take of [`SessionConfig::max_queued_bytes`].
    pub fn queued_cost(&self) -> usize {
        match &self.0 {
            Kind::Standard(standard) => standard.queued_cost(),
            Kind::Server(server) => server.queued_cost(),
            Kind::Client(client) => client.queued_cost(),
        }
    }

    /// Server: whether everything that [`send`](Self::send) accepted has arrived at the client.
    pub fn arrival(&self) -> Arrival {
        match &self.0 {
            Kind::Standard(standard) => standard.arrival(),
            Kind::Server(server) => server.arrival(),
            Kind::Client(_) => Arrival::Pending,
        }
    }

    /// Server: what the events take that [`poll_event`](Self::poll_event) has not given yet, counted as for
    /// [`SessionConfig::max_queued_bytes`].
    ///
    /// An application that is slower than its peer stops feeding the session above some limit.
    pub fn inbox_cost(&self) -> usize {
        match &self.0 {
            Kind::Standard(standard) => standard.inbox_cost(),
            Kind::Server(server) => server.inbox_cost(),
            Kind::Client(_) => 0,
        }
    }

    /// Server: whether the [`Transmit::Reply`] to this poll, which was the last output, may be compressed: not if it may
    /// hold a packet that must [not be](Prepared::uncompressed).
    pub fn may_compress(&self, poll: PollId) -> bool {
        match &self.0 {
            Kind::Standard(standard) => standard.may_compress(poll),
            Kind::Server(server) => server.may_compress(),
            Kind::Client(_) => true,
        }
    }

    // === Inputs ===

    /// Server: a WebSocket was opened for this session.
    ///
    /// # Errors
    /// The session is on WebSocket already, or another WebSocket is on trial: close this one. An adaptive session
    /// takes any, and closes those itself for which it has no use.
    pub fn handle_websocket(&mut self, now: Instant, carrier: CarrierId) -> Result<(), RequestError> {
        match &mut self.0 {
            Kind::Standard(standard) => standard.handle_websocket(now, carrier),
            Kind::Server(server) => {
                server.handle_websocket(now, carrier);
                Ok(())
            }
            Kind::Client(_) => Err(RequestError::BadRequest),
        }
    }

    /// Client: the WebSocket that [`Transmit::Connect`] or [`Transmit::Open`] asked for is open.
    pub fn handle_websocket_open(&mut self, now: Instant, carrier: CarrierId) {
        match &mut self.0 {
            Kind::Standard(standard) => standard.handle_websocket_open(carrier),
            Kind::Server(_) => {}
            Kind::Client(client) => client.handle_websocket_open(now, carrier),
        }
    }

    /// A WebSocket delivered a message.
    pub fn handle_message(&mut self, now: Instant, carrier: CarrierId, message: Message) {
        match &mut self.0 {
            Kind::Standard(standard) => standard.handle_message(now, carrier, message),
            Kind::Server(server) => server.handle_message(now, carrier, message),
            Kind::Client(client) => client.handle_message(now, carrier, message),
        }
    }

    /// A WebSocket is gone: closed by the peer, or failed.
    pub fn handle_carrier_closed(&mut self, now: Instant, carrier: CarrierId, end: CarrierEnd) {
        match &mut self.0 {
            Kind::Standard(standard) => standard.handle_carrier_closed(carrier, end),
            Kind::Server(server) => server.handle_carrier_closed(now, carrier),
            Kind::Client(client) => client.handle_carrier_closed(now, carrier, end),
        }
    }

    /// A WebSocket takes no more data, or takes it again.
    ///
    /// While blocked, [`poll_transmit`](Self::poll_transmit) gives nothing for it but its end.
    pub fn handle_blocked(&mut self, carrier: CarrierId, blocked: bool) {
        match &mut self.0 {
            Kind::Standard(standard) => standard.handle_blocked(carrier, blocked),
            Kind::Server(server) => server.handle_blocked(carrier, blocked),
            Kind::Client(client) => client.handle_blocked(carrier, blocked),
        }
    }

    /// Server: the client abandoned this poll; packets that were on their way go to the next one.
    pub fn handle_poll_aborted(&mut self, poll: PollId) {
        match &mut self.0 {
            Kind::Standard(standard) => standard.handle_poll_aborted(poll),
            Kind::Server(server) => server.handle_poll_aborted(poll),
            Kind::Client(_) => {}
        }
    }

    /// Time passed; to be called when [`poll_timeout`](Self::poll_timeout) has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &mut self.0 {
            Kind::Standard(standard) => standard.handle_timeout(now),
            Kind::Server(server) => server.handle_timeout(now),
            Kind::Client(client) => client.handle_timeout(now),
        }
    }

    // === Commands ===

    /// Queues packets: all of them and adjacent, or none.
    ///
    /// More than [`SessionConfig::max_queued_bytes`] ends the session with [`CloseReason::SlowConsumer`]: an
    /// application that believes its events delivered is worse off than one that sees a reconnection.
    pub fn send(&mut self, packets: &[Prepared], delivery: Delivery) -> Sent {
        match &mut self.0 {
            Kind::Standard(standard) => standard.send(packets, delivery),
            Kind::Server(server) => server.send(packets, delivery),
            Kind::Client(client) => client.send(packets, delivery),
        }
    }

    /// Ends the session: what is queued is still transmitted, then the peer is told.
    pub fn close(&mut self, now: Instant, reason: CloseReason) {
        match &mut self.0 {
            Kind::Standard(standard) => standard.close(now, reason),
            Kind::Server(server) => server.close(now, reason),
            Kind::Client(client) => client.close(now, reason),
        }
    }

    // === Outputs ===

    /// The next thing to hand to a carrier.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        match &mut self.0 {
            Kind::Standard(standard) => standard.poll_transmit(),
            Kind::Server(server) => server.poll_transmit(),
            Kind::Client(client) => client.poll_transmit(),
        }
    }

    /// The next thing to tell the application.
    pub fn poll_event(&mut self) -> Option<Event> {
        match &mut self.0 {
            Kind::Standard(standard) => standard.poll_event(),
            Kind::Server(server) => server.poll_event(),
            Kind::Client(client) => client.poll_event(),
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.0 {
            Kind::Standard(standard) => standard.poll_timeout(),
            Kind::Server(server) => server.poll_timeout(),
            Kind::Client(client) => client.poll_timeout(),
        }
    }
}
