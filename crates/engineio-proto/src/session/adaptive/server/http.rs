use std::time::{Duration, Instant};

use bytes::Bytes;
use smallvec::{SmallVec, smallvec};

use super::{Carrier, Phase, Server};
use crate::{
    CloseReason, Packet, RequestError, Transmit,
    session::{
        PollId,
        adaptive::{
            End, Exchange, Record,
            body::{self, BodyBuilder, Chunk, Chunks},
            incoming::Arrival,
            ladder::Tier,
        },
        dialect::{Packets, is_crowded},
    },
};

/// An HTTP carrier: the requests of one epoch.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) tier: Tier,
    /// The requests that wait: one, and repeats of it.
    pub(super) held: SmallVec<[PollId; 1]>,
    /// The highest `seq` of those that were held or may be answered with packets.
    newest: u64,
    /// When those that wait are answered.
    release: Option<Instant>,
    /// When the carrier is gone unless a request comes.
    expires: Instant,
}

impl Http {
    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    pub(super) fn next_timeout(&self) -> Instant {
        self.release.map_or(self.expires, |release| release.min(self.expires))
    }
}

impl Server {
    /// A request of an HTTP carrier arrived; its answer is a [`Transmit::Reply`].
    ///
    /// An error is a body that is not whole; nothing of it has been read.
    pub(in crate::session) fn handle_request(
        &mut self,
        now: Instant,
        poll: PollId,
        exchange: &Exchange,
        body: Bytes,
    ) -> Result<(), RequestError> {
        if self.refuse_request(poll, exchange) {
            return Ok(());
        }
        let chunks = body::decode(body).map_err(|_| RequestError::BadRequest)?;
        self.outgoing.note(now);
        let attaches = exchange.epoch > self.epoch;
        match self.take(now, exchange, chunks) {
            Err(end) => {
                self.end(
                    if end == End::Large { CloseReason::TransportError } else { CloseReason::ParseError },
                    end,
                );
                self.reply(poll, Record::End(end));
            }
            Ok(()) if self.phase == Phase::Closed => {
                let ack = self.incoming.tell();
                self.reply(poll, Record::Ack(ack));
            }
            Ok(()) => self.hold_or_answer(now, poll, exchange, attaches),
        }
        Ok(())
    }

    /// A request whose body is above the limit of the driver.
    pub(in crate::session) fn handle_request_too_large(&mut self, poll: PollId, exchange: &Exchange) {
        if self.refuse_request(poll, exchange) {
            return;
        }
        self.end(CloseReason::TransportError, End::Large);
        self.reply(poll, Record::End(End::Large));
    }

    /// Answers a request that has nothing to say to this session any more.
    fn refuse_request(&mut self, poll: PollId, exchange: &Exchange) -> bool {
        let is_stale = exchange.epoch < self.epoch
            || (exchange.epoch == self.epoch && self.epoch_tier != Some(exchange.tier));
        let end = match self.phase {
            Phase::Closed => End::Gone,
            _ if is_stale => End::Stale,
            _ => return false,
        };
        self.reply(poll, Record::End(end));
        true
    }

    /// The client abandoned this request.
    pub(in crate::session) fn handle_poll_aborted(&mut self, poll: PollId) {
        if let Carrier::Http(http) = &mut self.carrier {
            http.held.retain(|held| *held != poll);
            if http.held.is_empty() {
                http.release = None;
            }
        }
    }

    /// Answers the requests that wait, if there is something for the client.
    pub(super) fn answer_held(&mut self) -> Option<Transmit> {
        let Carrier::Http(http) = &mut self.carrier else { return None };
        if http.held.is_empty() || self.outgoing.is_empty() {
            return None;
        }
        http.release = None;
        let polls = std::mem::take(&mut http.held);
        let body = self.answer(true);
        self.transmits.extend(polls.into_iter().map(|poll| Transmit::Reply { poll, body: body.clone() }));
        self.transmits.pop_front()
    }

    pub(super) fn http_timeout(&mut self, now: Instant) {
        let Carrier::Http(http) = &self.carrier else { return };
        let is_over = http.expires <= now;
        if is_over || http.release.is_some_and(|release| release <= now) {
            self.release();
        }
        if is_over {
            self.detach(now);
        }
    }

    /// What a request says.
    fn take(&mut self, now: Instant, exchange: &Exchange, chunks: Chunks) -> Result<(), End> {
        self.acknowledge(now, exchange.ack).map_err(|()| End::Protocol)?;
        if self.phase == Phase::Closed {
            return Ok(());
        }
        self.attach_http(now, exchange);
        let mut unread = None;
        let result = self.take_chunks(now, chunks, &mut unread);
        self.keep(unread);
        result
    }

    /// Of a body with very many packets the messages stay in it: where the first new one is, and how many follow.
    fn take_chunks(
        &mut self,
        now: Instant,
        mut chunks: Chunks,
        unread: &mut Option<(Chunks, usize)>,
    ) -> Result<(), End> {
        let is_crowded = self.is_open() && is_crowded(chunks.rest());
        let mut next = None;
        loop {
            let here = (is_crowded && unread.is_none()).then(|| chunks.clone());
            let Some(chunk) = chunks.next() else { break };
            match chunk.map_err(|_| End::Protocol)? {
                Chunk::Record(Record::Ack(count)) => {
                    self.acknowledge(now, count).map_err(|()| End::Protocol)?
                }
                Chunk::Record(Record::First(first)) if next.is_none() && !self.incoming.leaves_gap(first) => {
                    next = Some(first);
                }
                Chunk::Packet(_, len) if len > self.config.max_payload => return Err(End::Large),
                Chunk::Packet(packet, len) => {
                    let number = next.ok_or(End::Protocol)?;
                    next = Some(number + 1);
                    match (self.incoming.accept(now, number, len), &packet) {
                        (Arrival::New, Packet::Message(_)) if is_crowded => match unread {
                            Some((_, count)) => *count += 1,
                            None => *unread = here.map(|first| (first, 1)),
                        },
                        (Arrival::New, _) => {
                            self.keep(unread.take());
                            self.handle_packet(packet).map_err(|()| End::Protocol)?;
                        }
                        _ => {}
                    }
                }
                Chunk::Unknown => {}
                Chunk::Record(_) => return Err(End::Protocol),
            }
            if self.phase == Phase::Closed {
                break;
            }
        }
        Ok(())
    }

    fn keep(&mut self, unread: Option<(Chunks, usize)>) {
        if let Some((first, count)) = unread {
            let len = first.rest().len();
            self.events.push_messages(Packets::Adaptive(first), count, len);
        }
    }

    fn attach_http(&mut self, now: Instant, exchange: &Exchange) {
        let grace = match exchange.tier {
            Tier::Periodic => 3 * self.period,
            Tier::LongPoll | Tier::WebSocket => self.hold(exchange),
        };
        let expires = now + grace + GRACE;
        let is_new = exchange.epoch > self.epoch;
        match &mut self.carrier {
            Carrier::Http(http) if !is_new => http.expires = http.expires.max(expires),
            // The epoch is new, or its carrier was given up and is back.
            _ => {
                let tier = exchange.tier;
                let http = Http { tier, held: SmallVec::new(), newest: 0, release: None, expires };
                self.supersede(exchange.epoch, tier, Carrier::Http(http));
            }
        }
    }

    fn hold_or_answer(&mut self, now: Instant, poll: PollId, exchange: &Exchange, attaches: bool) {
        let hold = self.hold(exchange);
        let Carrier::Http(http) = &mut self.carrier else { return };
        let is_newest = exchange.seq >= http.newest;
        let only_sends = exchange.tier == Tier::LongPoll && hold.is_zero();
        if attaches || (is_newest && exchange.tier == Tier::Periodic) {
            http.newest = exchange.seq.max(http.newest);
            let body = self.answer(true);
            self.transmits.push_back(Transmit::Reply { poll, body });
        } else if !is_newest || only_sends {
            let body = self.answer(false);
            self.transmits.push_back(Transmit::Reply { poll, body });
        } else if exchange.seq == http.newest && http.is_holding() && http.held.len() < MAX_REPEATS {
            http.held.push(poll);
        } else {
            http.newest = exchange.seq;
            let older = std::mem::replace(&mut http.held, smallvec![poll]);
            http.release = Some(now + hold);
            self.answer_without_packets(older);
        }
    }

    /// Answers the requests that wait although there is nothing for the client.
    fn release(&mut self) {
        if let Carrier::Http(http) = &mut self.carrier {
            http.release = None;
            let held = std::mem::take(&mut http.held);
            self.answer_without_packets(held);
        }
    }

    fn answer_without_packets(&mut self, polls: SmallVec<[PollId; 1]>) {
        for poll in polls {
            let body = self.answer(false);
            self.transmits.push_back(Transmit::Reply { poll, body });
        }
    }

    fn answer(&mut self, with_packets: bool) -> Bytes {
        let mut body = BodyBuilder::default().record(Record::Ack(self.incoming.tell()));
        let is_periodic = matches!(&self.carrier, Carrier::Http(http) if http.tier == Tier::Periodic);
        if is_periodic && self.period_changed {
            body.push_record(Record::Period(u64::try_from(self.period.as_millis()).unwrap_or(u64::MAX)));
        }
        if with_packets {
            self.outgoing.write(&mut body, self.config.max_payload);
        }
        body.finish()
    }

    fn reply(&mut self, poll: PollId, record: Record) {
        let body = BodyBuilder::default().record(record).finish();
        self.transmits.push_back(Transmit::Reply { poll, body });
    }

    fn hold(&self, exchange: &Exchange) -> Duration {
        exchange.hold.map_or(self.config.poll_hold, |hold| hold.min(self.config.poll_hold))
    }
}

/// For how long a carrier is there after its next request was due.
const GRACE: Duration = Duration::from_secs(20);

/// Repeats of one request that are held beside each other.
const MAX_REPEATS: usize = 4;
