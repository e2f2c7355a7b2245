use std::{sync::Arc, time::Instant};

use bytes::Bytes;

use super::{PostError, Standard};
use crate::{
    Protocol, RequestError, Session, SessionConfig, Sid,
    session::{Kind, Opening, PollId},
};

/// Sessions on the standard transports; their constructors, and the inputs that only long-polling has.
impl Session {
    /// A session that a client has just opened at a server.
    ///
    /// With [`Opening::Polling`] the OPEN packet waits for the first [`handle_poll`](Self::handle_poll), which is
    /// the opening request itself.
    pub fn server(now: Instant, sid: Sid, config: Arc<SessionConfig>, opening: Opening) -> Self {
        Self(Kind::Standard(Standard::server(now, sid, config, opening)))
    }

    /// As [`Session::server`], for a client of revision 3; with `base64` it takes no binary data.
    pub fn server_v3(
        now: Instant,
        sid: Sid,
        config: Arc<SessionConfig>,
        opening: Opening,
        base64: bool,
    ) -> Self {
        Self(Kind::Standard(Standard::server_v3(now, sid, config, opening, base64)))
    }

    /// A session that this side opens.
    ///
    /// The first output is [`Transmit::Get`] or [`Transmit::Connect`]. Heartbeat and limits are the server's, as
    /// its OPEN packet states them; of `config` a client uses the rest.
    ///
    /// [`Transmit::Connect`]: crate::Transmit::Connect
    /// [`Transmit::Get`]: crate::Transmit::Get
    pub fn client(now: Instant, config: Arc<SessionConfig>, opening: Opening) -> Self {
        Self(Kind::Standard(Standard::client(now, config, opening)))
    }

    /// The revision that the peer speaks.
    pub fn protocol(&self) -> Protocol {
        match &self.0 {
            Kind::Standard(standard) => standard.protocol(),
            Kind::Server(_) | Kind::Client(_) => Protocol::V4,
        }
    }

    /// Whether a WebSocket is on trial for this session or being moved to.
    pub fn is_upgrading(&self) -> bool {
        match &self.0 {
            Kind::Standard(standard) => standard.is_upgrading(),
            Kind::Server(_) | Kind::Client(_) => false,
        }
    }

    /// Server: a poll arrived; its answer is a [`Transmit::Reply`](crate::Transmit::Reply).
    ///
    /// Of two polls at once the newest waits and the older is answered with NOOP.
    ///
    /// # Errors
    /// The session is not on polling, or over; nothing has changed. With [`strict_polling`] also a second poll,
    /// which then ends the session.
    ///
    /// [`strict_polling`]: SessionConfig::strict_polling
    pub fn handle_poll(&mut self, now: Instant, poll: PollId) -> Result<(), RequestError> {
        self.standard_mut().ok_or(RequestError::BadRequest)?.handle_poll(now, poll)
    }

    /// Server: the reply to this poll has been handed to the network whole.
    pub fn handle_reply_sent(&mut self, poll: PollId) {
        if let Some(standard) = self.standard_mut() {
            standard.handle_reply_sent(poll);
        }
    }

    /// Server: the client posted a payload.
    ///
    /// # Errors
    /// [`PostError::Request`] when the session is not on polling, which changes nothing;
    /// [`PostError::Payload`] when the body is no payload, which ends the session.
    pub fn handle_post(&mut self, now: Instant, body: Bytes) -> Result<(), PostError> {
        self.standard_mut().ok_or(RequestError::BadRequest)?.handle_post(now, body)
    }

    /// Client: a poll was answered.
    pub fn handle_poll_reply(&mut self, now: Instant, body: Bytes) {
        if let Some(standard) = self.standard_mut() {
            standard.handle_poll_reply(now, body);
        }
    }

    /// Client: a post was accepted.
    pub fn handle_post_reply(&mut self) {
        if let Some(standard) = self.standard_mut() {
            standard.handle_post_reply();
        }
    }

    /// Client: a poll or a post failed, or was refused.
    pub fn handle_request_failed(&mut self) {
        if let Some(standard) = self.standard_mut() {
            standard.handle_request_failed();
        }
    }

    fn standard_mut(&mut self) -> Option<&mut Standard> {
        match &mut self.0 {
            Kind::Standard(standard) => Some(standard),
            Kind::Server(_) | Kind::Client(_) => None,
        }
    }
}
