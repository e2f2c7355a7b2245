use std::{sync::Arc, time::Duration, time::Instant};

use bytes::Bytes;

use super::{
    Exchange, Key, Status,
    client::Client,
    ladder::{Failure, Hint, LadderConfig, Tier},
    server::Server,
};
use crate::{
    RequestError, Session, SessionConfig, Sid,
    session::{CarrierId, Kind, PollId, RequestId},
};

/// Adaptive sessions, as `docs/adaptive-transport.md` has them.
///
/// What is said of the two transports holds for their carriers as well; these methods are only for them.
impl Session {
    /// A session that a request with a key has just opened at a server. It has no carrier; requests and WebSockets
    /// are given to [`handle_request`](Self::handle_request) and [`handle_websocket`](Self::handle_websocket).
    pub fn adaptive_server(now: Instant, sid: Sid, config: Arc<SessionConfig>) -> Self {
        Self(Kind::Server(Server::new(now, sid, config)))
    }

    /// An adaptive session that this side opens.
    ///
    /// `key` must be unguessable and new. The first outputs are [`Transmit::Open`](crate::Transmit::Open) or
    /// [`Transmit::Request`](crate::Transmit::Request).
    /// Liveness and limits are the server's, as its OPEN packet states them; of `config` a client uses the rest.
    ///
    /// Sending makes [`poll_timeout`](Self::poll_timeout) ask for the time at once, because it may bring about
    /// requests and deadlines.
    pub fn adaptive_client(now: Instant, config: Arc<SessionConfig>, key: Key, ladder: LadderConfig) -> Self {
        Self(Kind::Client(Box::new(Client::new(now, config, key, ladder))))
    }

    /// What carries an adaptive session; `None` between two carriers, and for another session.
    pub fn tier(&self) -> Option<Tier> {
        self.adaptive_status()?.tier
    }

    /// How an adaptive session is doing; `None` for another.
    pub fn adaptive_status(&self) -> Option<Status> {
        match &self.0 {
            Kind::Standard(_) => None,
            Kind::Server(server) => Some(server.status()),
            Kind::Client(client) => Some(client.status()),
        }
    }

    /// Server: a request of an HTTP carrier arrived; its answer is a [`Transmit::Reply`](crate::Transmit::Reply).
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
    /// session unless the request is a stale one; its answer is a [`Transmit::Reply`](crate::Transmit::Reply).
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
        match &mut self.0 {
            Kind::Standard(_) => {}
            Kind::Server(server) => server.handle_heard(now, carrier),
            Kind::Client(client) => client.handle_heard(now, carrier),
        }
    }

    /// Client: the head of the response to a [`Transmit::Request`](crate::Transmit::Request) came, or a part of its
    /// body.
    ///
    /// Without this word a response that takes long is given up.
    pub fn handle_response_part(&mut self, now: Instant, request: RequestId) {
        if let Some(client) = self.adaptive_client_mut() {
            client.handle_response_part(now, request);
        }
    }

    /// Client: the response to a [`Transmit::Request`](crate::Transmit::Request) came, with status 200.
    pub fn handle_response(&mut self, now: Instant, request: RequestId, body: Bytes) {
        if let Some(client) = self.adaptive_client_mut() {
            client.handle_response(now, request, body);
        }
    }

    /// Client: a [`Transmit::Request`](crate::Transmit::Request) has no response, or not one of the server's with
    /// status 200.
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
        match &self.0 {
            Kind::Server(server) => server.poll_period(),
            Kind::Standard(_) | Kind::Client(_) => Duration::ZERO,
        }
    }

    fn adaptive_client_mut(&mut self) -> Option<&mut Client> {
        match &mut self.0 {
            Kind::Client(client) => Some(client),
            Kind::Standard(_) | Kind::Server(_) => None,
        }
    }

    fn adaptive_server_mut(&mut self) -> Option<&mut Server> {
        match &mut self.0 {
            Kind::Server(server) => Some(server),
            Kind::Standard(_) | Kind::Client(_) => None,
        }
    }
}
