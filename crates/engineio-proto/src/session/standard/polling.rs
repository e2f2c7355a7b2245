use std::time::Instant;

use bytes::Bytes;

use super::{Standard, Timer, state::Carrier, state::Role, state::State, state::UpgradeState};
use crate::{
    CloseReason, DecodeError, Packet, Prepared, RequestError, Transmit,
    session::{PollId, dialect::Dialect, dialect::Packets},
};

/// Server: the polls of a client.
#[derive(Debug, Default)]
pub(super) struct Polls {
    /// The request that waits for packets.
    waiting: Option<PollId>,
    /// The reply that may not have been written yet, with its packets in case that it is lost.
    unconfirmed: Option<(PollId, Vec<Prepared>)>,
}

impl Polls {
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether the client has come back for more after the last reply.
    pub(super) fn is_settled(&self) -> bool {
        self.waiting.is_some() && self.unconfirmed.is_none()
    }
}

/// HTTP long-polling on the server's side.
impl Standard {
    pub(in crate::session) fn handle_poll(&mut self, now: Instant, poll: PollId) -> Result<(), RequestError> {
        let upgrading = self.state.upgrade();
        let strict = self.config.strict_polling;
        let older = self.polls()?.waiting.replace(poll);
        self.heard(now);
        if let Some(older) = older {
            if strict {
                self.transmits.push_back(Transmit::Reply {
                    poll: older,
                    body: self.dialect.payload(&[Prepared::CLOSE]),
                });
                if let Ok(polls) = self.polls() {
                    polls.waiting = None;
                }
                self.end(CloseReason::TransportError);
                return Err(RequestError::BadRequest);
            }
            self.transmits
                .push_back(Transmit::Reply { poll: older, body: self.dialect.payload(&[Prepared::NOOP]) });
        }
        self.timers.set(Timer::PollHold, now + self.config.poll_hold);
        if let UpgradeState::AwaitingUpgrade(_) = upgrading {
            self.timers.set(Timer::UpgradeNoop, now + super::upgrade::NOOP_DELAY);
        }
        Ok(())
    }

    pub(in crate::session) fn may_compress(&self, poll: PollId) -> bool {
        match &self.state {
            State::Open { carrier: Carrier::Polls(polls), .. }
            | State::Draining { carrier: Carrier::Polls(polls) } => {
                let unconfirmed = polls.unconfirmed.iter().filter(|(id, _)| *id == poll);
                unconfirmed.flat_map(|(_, packets)| packets).all(Prepared::may_compress)
            }
            _ => true,
        }
    }

    pub(in crate::session) fn handle_reply_sent(&mut self, poll: PollId) {
        if let Ok(polls) = self.polls() {
            polls.unconfirmed.take_if(|(id, _)| *id == poll);
        }
    }

    pub(in crate::session) fn handle_poll_aborted(&mut self, poll: PollId) {
        let strict = self.config.strict_polling;
        let Ok(polls) = self.polls() else {
            return;
        };
        let waited = polls.waiting.take_if(|id| *id == poll).is_some();
        let lost = polls.unconfirmed.take_if(|(id, _)| *id == poll);
        if waited {
            self.timers.stop(Timer::PollHold);
        }
        match lost {
            _ if strict && waited => self.end(CloseReason::TransportError),
            Some((_, packets)) => self.outbox.restore(packets),
            None => {}
        }
    }

    pub(in crate::session) fn handle_post(&mut self, now: Instant, body: Bytes) -> Result<(), PostError> {
        self.polls()?;
        let result = self.handle_payload(now, body);
        if result.is_err() {
            self.end(CloseReason::ParseError);
        }
        result.map_err(PostError::Payload)
    }

    pub(super) fn handle_payload(&mut self, now: Instant, body: Bytes) -> Result<(), DecodeError> {
        let (len, is_crowded) = (body.len(), self.dialect.is_crowded(&body));
        let mut packets = self.dialect.packets(body)?;
        if is_crowded && self.is_open() {
            let odd = self.take_messages(now, &mut packets, len);
            odd.map_or(Ok(()), |packet| packet.map(|packet| self.handle_packet(now, packet)))?;
        }
        for packet in packets {
            // What stands behind a CLOSE is for nobody, and its answer would have no carrier.
            if let State::Closed = self.state {
                break;
            }
            self.handle_packet(now, packet?);
        }
        Ok(())
    }

    /// Leaves the messages in their payload until they are asked for; stops at a packet that ends the session or is
    /// none, which comes after them.
    fn take_messages(
        &mut self,
        now: Instant,
        packets: &mut Packets,
        len: usize,
    ) -> Option<Result<Packet, DecodeError>> {
        let (first, mut count) = (packets.clone(), 0);
        let role = self.role;
        let is_heartbeat = |packet: &Packet, dialect| match packet {
            Packet::Noop => true,
            Packet::Pong => role == Role::Server,
            Packet::Ping => dialect != Dialect::V4,
            _ => false,
        };
        let odd = packets.find_map(|packet| match packet {
            Ok(Packet::Message(_)) => {
                count += 1;
                None
            }
            Ok(packet) if is_heartbeat(&packet, self.dialect) => {
                self.handle_packet(now, packet);
                None
            }
            odd => Some(odd),
        });
        if count > 0 {
            self.heard(now);
        }
        self.events.push_messages(first, count, len);
        odd
    }

    /// Answers the waiting poll with what there is.
    pub(super) fn poll_reply(&mut self) -> Option<Transmit> {
        if self.outbox.is_empty() {
            return None;
        }
        let (max_payload, dialect) = (self.config.max_payload, self.dialect);
        let Some(Carrier::Polls(polls)) = self.state.carrier_mut() else {
            return None;
        };
        if polls.unconfirmed.is_some() {
            // What is under way may come back, and nothing must overtake it.
            return None;
        }
        let poll = polls.waiting.take()?;
        let mut packets = self.outbox.pop_payload(max_payload);
        if packets.len() > 1 && packets.last() == Some(&Prepared::CLOSE) {
            // socket.io-client acts on CLOSE at once and on messages one turn later, so beside it they would be lost.
            self.outbox.restore(packets.split_off(packets.len() - 1));
        }
        let body = dialect.payload(&packets);
        polls.unconfirmed = Some((poll, packets));
        self.timers.stop(Timer::PollHold);
        if matches!(self.state, State::Draining { .. }) && self.outbox.is_empty() {
            self.finish();
        }
        Some(Transmit::Reply { poll, body })
    }

    /// Answers the waiting poll with NOOP, if one waits.
    pub(super) fn release_poll(&mut self) {
        if let Some(Carrier::Polls(polls)) = self.state.carrier_mut()
            && let Some(poll) = polls.waiting.take()
        {
            self.timers.stop(Timer::PollHold);
            self.transmits.push_back(Transmit::Reply { poll, body: self.dialect.payload(&[Prepared::NOOP]) });
        }
    }

    fn polls(&mut self) -> Result<&mut Polls, RequestError> {
        match self.state.carrier_mut() {
            Some(Carrier::Polls(polls)) => Ok(polls),
            Some(_) => Err(RequestError::BadRequest),
            None => Err(RequestError::UnknownSession),
        }
    }
}

/// Why a posted payload was not accepted.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PostError {
    /// The body is no payload; the session has ended.
    #[error(transparent)]
    Payload(#[from] DecodeError),
    /// The request does not fit the session.
    #[error(transparent)]
    Request(#[from] RequestError),
}
