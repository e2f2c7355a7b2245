use std::{sync::Arc, time::Duration, time::Instant};

use bytes::Bytes;

use super::{
    Exchange, Key, Status,
    client::Client,
    ladder::{Failure, Hint, LadderConfig, Tier},
    server::Server,
};
use crate::{
    CloseReason, Delivery, Event, Message, Prepared, RequestError, Sent, Session, SessionConfig, Sid,
    Transmit,
    session::{Arrival, CarrierEnd, CarrierId, PollId, RequestId, state::Role, state::State},
};

/// Adaptive sessions, as `docs/adaptive-transport.md` has them.
///
/// What is said of the two transports holds for their carriers as well; these methods are only for them.
impl Session {
    /// A session that a request with a key has just opened at a server. It has no carrier; requests and WebSockets
    /// are given to [`handle_request`](Self::handle_request) and [`handle_websocket`](Self::handle_websocket).
    pub fn adaptive_server(now: Instant, sid: Sid, config: Arc<SessionConfig>) -> Self {
        let server = Server::new(now, sid.clone(), Arc::clone(&config));
        Self::new(Role::Server, config, Some(sid), State::Adaptive(Adaptive::Server(Box::new(server))))
    }

    /// An adaptive session that this side opens.
    ///
    /// `key` must be unguessable and new. The first outputs are [`Transmit::Open`] or [`Transmit::Request`].
    /// Liveness and limits are the server's, as its OPEN packet states them; of `config` a client uses the rest.
    ///
    /// Sending makes [`poll_timeout`](Self::poll_timeout) ask for the time at once, because it may bring about
    /// requests and deadlines.
    pub fn adaptive_client(now: Instant, config: Arc<SessionConfig>, key: Key, ladder: LadderConfig) -> Self {
        let client = Client::new(now, Arc::clone(&config), key, ladder);
        Self::new(Role::Client, config, None, State::Adaptive(Adaptive::Client(Box::new(client))))
    }

    /// What carries an adaptive session; `None` between two carriers, and for another session.
    pub fn tier(&self) -> Option<Tier> {
        match &self.state {
            State::Adaptive(adaptive) => adaptive.status().tier,
            _ => None,
        }
    }

    /// How an adaptive session is doing; `None` for another.
    pub fn adaptive_status(&self) -> Option<Status> {
        match &self.state {
            State::Adaptive(adaptive) => Some(adaptive.status()),
            _ => None,
        }
    }

    /// Server: a request of an HTTP carrier arrived; its answer is a [`Transmit::Reply`].
    ///
    /// # Errors
    /// The body was cut short, of which nothing has been read, or the session is not adaptive.
    pub fn handle_request(
        &mut self,
        now: Instant,
        poll: PollId,
        exchange: &Exchange,
        body: Bytes,
    ) -> Result<(), RequestError> {
        match self.adaptive_server_mut() {
            Some(server) => server.handle_request(now, poll, exchange, body),
            None => Err(RequestError::BadRequest),
        }
    }

    /// Server: a request of an HTTP carrier has a body above [`body::max_len`](super::body::max_len), which ends the
    /// session unless the request is a stale one; its answer is a [`Transmit::Reply`].
    ///
    /// # Errors
    /// The session is not adaptive.
    pub fn handle_request_too_large(
        &mut self,
        poll: PollId,
        exchange: &Exchange,
    ) -> Result<(), RequestError> {
        let server = self.adaptive_server_mut().ok_or(RequestError::BadRequest)?;
        server.handle_request_too_large(poll, exchange);
        Ok(())
    }

    /// Server: a WebSocket delivered a message above the limit, and its decoder can read no further. Whether that
    /// ends an adaptive session, which then closes the WebSocket; if not, it has failed like any other.
    pub fn handle_too_large(&mut self, carrier: CarrierId) -> bool {
        self.adaptive_server_mut().is_some_and(|server| server.handle_too_large(carrier))
    }

    /// A WebSocket delivered a part of a message whose end is missing, so that the other side is there.
    ///
    /// Without this word a message that takes long looks like silence. It is of no use to a session that is not
    /// adaptive.
    pub fn handle_heard(&mut self, now: Instant, carrier: CarrierId) {
        if let State::Adaptive(adaptive) = &mut self.state {
            match adaptive {
                Adaptive::Client(client) => client.handle_heard(now, carrier),
                Adaptive::Server(server) => server.handle_heard(now, carrier),
            }
        }
    }

    /// Client: the head of the response to a [`Transmit::Request`] came, or a part of its body.
    ///
    /// Without this word a response that takes long is given up.
    pub fn handle_response_part(&mut self, now: Instant, request: RequestId) {
        if let Some(client) = self.adaptive_client_mut() {
            client.handle_response_part(now, request);
        }
    }

    /// Client: the response to a [`Transmit::Request`] came, with status 200.
    pub fn handle_response(&mut self, now: Instant, request: RequestId, body: Bytes) {
        if let Some(client) = self.adaptive_client_mut() {
            client.handle_response(now, request, body);
        }
    }

    /// Client: a [`Transmit::Request`] has no response, or not one of the server's with status 200.
    pub fn handle_response_failed(&mut self, now: Instant, request: RequestId, failure: Failure) {
        if let Some(client) = self.adaptive_client_mut() {
            client.handle_response_failed(now, request, failure);
        }
    }

    /// Client: whether the application expects events, so that a dead carrier must be noticed within seconds.
    pub fn expect_events(&mut self, now: Instant, expecting: bool) {
        if let Some(client) = self.adaptive_client_mut() {
            client.expect_events(now, expecting);
        }
    }

    /// Client: the network may have changed.
    pub fn handle_hint(&mut self, now: Instant, hint: Hint) {
        if let Some(client) = self.adaptive_client_mut() {
            client.handle_hint(now, hint);
        }
    }

    /// Server: asks the client for this period between requests of the `periodic` carrier, if it is on that.
    pub fn set_poll_period(&mut self, period: Duration) {
        if let Some(server) = self.adaptive_server_mut() {
            server.set_period(period);
        }
    }

    /// Server: the time between two requests of a client that it does not hold up; nothing unless the session is
    /// adaptive and on the `periodic` carrier.
    pub fn poll_period(&self) -> Duration {
        match &self.state {
            State::Adaptive(Adaptive::Server(server)) => server.poll_period(),
            _ => Duration::ZERO,
        }
    }

    pub(in crate::session) fn adaptive_client_mut(&mut self) -> Option<&mut Client> {
        match &mut self.state {
            State::Adaptive(adaptive) => match adaptive {
                Adaptive::Client(client) => Some(client),
                Adaptive::Server(_) => None,
            },
            _ => None,
        }
    }

    fn adaptive_server_mut(&mut self) -> Option<&mut Server> {
        match &mut self.state {
            State::Adaptive(adaptive) => match adaptive {
                Adaptive::Server(server) => Some(server),
                Adaptive::Client(_) => None,
            },
            _ => None,
        }
    }
}

/// The side of an adaptive session.
#[derive(Debug)]
pub(in crate::session) enum Adaptive {
    Client(Box<Client>),
    Server(Box<Server>),
}

impl Adaptive {
    /// The id, as far as a client knows it.
    pub(in crate::session) fn id(&self) -> Option<&Sid> {
        match self {
            Self::Client(client) => client.id(),
            Self::Server(_) => None,
        }
    }

    pub(in crate::session) fn is_open(&self) -> bool {
        match self {
            Self::Client(client) => client.is_open(),
            Self::Server(server) => server.is_open(),
        }
    }

    pub(in crate::session) fn is_finished(&self) -> bool {
        match self {
            Self::Client(client) => client.is_finished(),
            Self::Server(server) => server.is_finished(),
        }
    }

    pub(in crate::session) fn arrival(&self) -> Arrival {
        match self {
            Self::Client(_) => Arrival::Pending,
            Self::Server(server) => server.arrival(),
        }
    }

    pub(in crate::session) fn status(&self) -> Status {
        match self {
            Self::Client(client) => client.status(),
            Self::Server(server) => server.status(),
        }
    }

    pub(in crate::session) fn handle_websocket(
        &mut self,
        now: Instant,
        carrier: CarrierId,
    ) -> Result<(), RequestError> {
        match self {
            Self::Client(_) => Err(RequestError::BadRequest),
            Self::Server(server) => {
                server.handle_websocket(now, carrier);
                Ok(())
            }
        }
    }

    pub(in crate::session) fn handle_message(&mut self, now: Instant, carrier: CarrierId, message: Message) {
        match self {
            Self::Client(client) => client.handle_message(now, carrier, message),
            Self::Server(server) => server.handle_message(now, carrier, message),
        }
    }

    pub(in crate::session) fn handle_carrier_closed(
        &mut self,
        now: Instant,
        carrier: CarrierId,
        end: CarrierEnd,
    ) {
        match self {
            Self::Client(client) => client.handle_carrier_closed(now, carrier, end),
            Self::Server(server) => server.handle_carrier_closed(now, carrier),
        }
    }

    pub(in crate::session) fn handle_blocked(&mut self, carrier: CarrierId, blocked: bool) {
        match self {
            Self::Client(client) => client.handle_blocked(carrier, blocked),
            Self::Server(server) => server.handle_blocked(carrier, blocked),
        }
    }

    pub(in crate::session) fn handle_poll_aborted(&mut self, poll: PollId) {
        match self {
            Self::Client(_) => {}
            Self::Server(server) => server.handle_poll_aborted(poll),
        }
    }

    pub(in crate::session) fn queued_cost(&self) -> usize {
        match self {
            Self::Client(client) => client.queued_cost(),
            Self::Server(server) => server.queued_cost(),
        }
    }

    pub(in crate::session) fn inbox_cost(&self) -> usize {
        match self {
            Self::Client(_) => 0,
            Self::Server(server) => server.inbox_cost(),
        }
    }

    pub(in crate::session) fn may_compress(&self) -> bool {
        match self {
            Self::Client(_) => true,
            Self::Server(server) => server.may_compress(),
        }
    }

    pub(in crate::session) fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Client(client) => client.handle_timeout(now),
            Self::Server(server) => server.handle_timeout(now),
        }
    }

    #[inline]
    pub(in crate::session) fn send(&mut self, packets: &[Prepared], delivery: Delivery) -> Sent {
        match self {
            Self::Client(client) => client.send(packets, delivery),
            Self::Server(server) => server.send(packets, delivery),
        }
    }

    pub(in crate::session) fn close(&mut self, now: Instant, reason: CloseReason) {
        match self {
            Self::Client(client) => client.close(now, reason),
            Self::Server(server) => server.close(now, reason),
        }
    }

    #[inline]
    pub(in crate::session) fn poll_transmit(&mut self) -> Option<Transmit> {
        match self {
            Self::Client(client) => client.poll_transmit(),
            Self::Server(server) => server.poll_transmit(),
        }
    }

    pub(in crate::session) fn poll_event(&mut self) -> Option<Event> {
        match self {
            Self::Client(client) => client.poll_event(),
            Self::Server(server) => server.poll_event(),
        }
    }

    pub(in crate::session) fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Client(client) => client.poll_timeout(),
            Self::Server(server) => server.poll_timeout(),
        }
    }
}
