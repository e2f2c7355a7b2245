use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{
    Client, Failed,
    timing::{HELD, answer_time, is_full},
};
use crate::{
    Packet,
    session::{
        CarrierId, RequestId,
        adaptive::{
            Record,
            body::{self, Chunk},
            client::http::Request,
            ladder::{Failure, Tier},
        },
    },
};

impl Client {
    pub(in crate::session) fn handle_response(&mut self, now: Instant, request: RequestId, body: Bytes) {
        self.wake(now);
        if let Some((carrier, request)) = self.take_request(request) {
            if let Err(Failed(failure)) = self.read(now, carrier, &request, body) {
                self.ladder.handle_failed(now, carrier, failure);
            }
            self.settle(now);
        }
    }

    /// A part of a response came, or its head.
    pub(in crate::session) fn handle_response_part(&mut self, now: Instant, id: RequestId) {
        self.wake(now);
        let expecting = self.expecting.is_some();
        for http in &mut self.https {
            if let Some(request) = http.requests.iter_mut().find(|request| request.id == id) {
                request.answered.get_or_insert(now);
                // From now on each part is waited for. Some proxies begin before the server does.
                let time = answer_time(&self.rtt, http.tier, Duration::ZERO, !http.answered, expecting);
                request.deadline = request.deadline.max(now + time);
            }
        }
        self.settle(now);
    }

    pub(in crate::session) fn handle_response_failed(
        &mut self,
        now: Instant,
        request: RequestId,
        failure: Failure,
    ) {
        self.wake(now);
        if let Some((carrier, _)) = self.take_request(request) {
            self.ladder.handle_failed(now, carrier, failure);
            self.settle(now);
        }
    }

    /// The server has said which carriers it offers; to be called once the ladder knows which carries the session.
    pub(super) fn tell_offer(&mut self, now: Instant) {
        let offers = self.events.iter().find_map(|event| match event {
            crate::Event::Opened(handshake) => handshake.adaptive,
            _ => None,
        });
        if let Some(offer) = offers {
            self.ladder.handle_offered(now, offer.tiers);
        }
    }

    fn take_request(&mut self, id: RequestId) -> Option<(CarrierId, Request)> {
        for http in &mut self.https {
            if let Some(index) = http.requests.iter().position(|request| request.id == id) {
                return Some((http.id, http.requests.remove(index)));
            }
        }
        None
    }

    fn read(
        &mut self,
        now: Instant,
        carrier: CarrierId,
        request: &Request,
        body: Bytes,
    ) -> Result<(), Failed> {
        let foreign = || Failed(Failure::Foreign);
        let len = body.len();
        let mut chunks = body::decode(body).map_err(|_| foreign())?;
        match chunks.next().transpose().map_err(|_| foreign())? {
            Some(Chunk::Record(Record::Ack(count))) => self.acknowledge(now, count)?,
            Some(Chunk::Record(Record::End(end))) => {
                if self.http(carrier).is_some_and(|http| http.epoch == request.epoch) || end.is_final() {
                    self.handle_end(now, carrier, end);
                }
                return Ok(());
            }
            _ => return Err(foreign()),
        }
        let was_open = self.sid.is_some();
        let packets = self.read_packets(now, chunks)?;
        self.answered(now, carrier, request, packets, len);
        if !was_open && self.sid.is_some() {
            self.tell_offer(now);
        }
        Ok(())
    }

    /// Gives the number of packets.
    fn read_packets(
        &mut self,
        now: Instant,
        chunks: impl Iterator<Item = Result<Chunk, crate::DecodeError>>,
    ) -> Result<usize, Failed> {
        let foreign = || Failed(Failure::Foreign);
        let (mut next, mut packets) = (None, 0);
        for chunk in chunks {
            match chunk.map_err(|_| foreign())? {
                Chunk::Record(Record::Period(millis)) => self.limits.period = Duration::from_millis(millis),
                Chunk::Record(Record::First(first)) if next.is_none() && !self.incoming.leaves_gap(first) => {
                    next = Some(first);
                }
                Chunk::Packet(packet, len) => {
                    let number = next.ok_or_else(foreign)?;
                    next = Some(number + 1);
                    packets += 1;
                    let is_close = packet == Packet::Close;
                    self.handle_packet(now, number, packet, len)?;
                    if is_close {
                        break;
                    }
                }
                Chunk::Unknown => {}
                Chunk::Record(_) => return Err(foreign()),
            }
        }
        Ok(packets)
    }

    /// A whole response of the server came.
    fn answered(&mut self, now: Instant, carrier: CarrierId, request: &Request, packets: usize, len: usize) {
        let answered = request.answered.unwrap_or(now);
        let took = now.duration_since(request.made);
        let was_held = !request.hold.is_zero();
        if !was_held && request.is_short {
            self.measured(request.made, answered);
        }
        let is_full = is_full(len, packets, self.limits.window, self.limits.max_payload);
        let Some(http) = self.https.iter_mut().find(|http| http.id == carrier) else { return };
        if http.tier == Tier::Periodic {
            // At most the period.
            let wait = match (is_full, request.sends) {
                (true, _) => Duration::ZERO,
                (false, true) => FOLLOW_UP,
                (false, false) => Duration::MAX,
            };
            http.wait = (now, wait);
        } else if was_held && request.polls {
            let is_hasty = packets == 0 && took < SPACING;
            http.wait = (now, if is_hasty { SPACING } else { Duration::ZERO });
        }
        if request.epoch == http.epoch {
            http.answered = true;
            let holds = was_held && (packets > 0 || took >= HELD);
            if !http.trial || holds {
                http.trial = false;
                self.ladder.handle_proved(now, carrier);
            }
        }
    }
}

/// A server, or a proxy, that answers held requests at once with nothing is not asked more often than this.
const SPACING: Duration = Duration::from_millis(100);

/// When `periodic` asks for an answer to what it has sent.
const FOLLOW_UP: Duration = Duration::from_millis(200);
