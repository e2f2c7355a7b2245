use std::time::Instant;

use super::{Client, Failed};
use crate::{
    Message, Packet, Transmit,
    session::{
        CarrierEnd, CarrierId,
        adaptive::{Attach, End, Record, incoming::Partial, ladder::Failure},
    },
};

#[derive(Debug)]
pub(super) struct WebSocket {
    pub(super) id: CarrierId,
    state: State,
    /// Its epoch, or 0.
    pub(super) epoch: u64,
    /// Whether it takes no more data.
    blocked: bool,
    /// The number of the packet that it delivers next.
    next: u64,
    /// The number that the server expects next on it.
    pub(super) sends: u64,
    pub(super) heard: Instant,
    partial: Partial,
    /// The last question, and when it was asked.
    asked: Option<(u64, Instant)>,
}

/// What a WebSocket waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The server's answer to an attach record, which was sent then.
    AwaitingAttach(Instant),
    /// The opening handshake.
    AwaitingHandshake,
    /// A decision of the ladder, or the answer to its question.
    AwaitingVerdict,
    /// Packets; since when.
    Attached(Instant),
}

impl WebSocket {
    pub(super) fn new(id: CarrierId, now: Instant) -> Self {
        Self {
            id,
            state: State::AwaitingHandshake,
            epoch: 0,
            blocked: false,
            next: 0,
            sends: 0,
            heard: now,
            partial: Partial::default(),
            asked: None,
        }
    }

    pub(super) fn attach(&mut self, now: Instant, epoch: u64, first: u64) {
        self.sends = first;
        self.epoch = epoch;
        self.state = State::AwaitingAttach(now);
    }

    /// Whether the server has attached it, and since when.
    pub(super) fn attached(&self) -> Option<Instant> {
        match self.state {
            State::Attached(at) => Some(at),
            _ => None,
        }
    }

    pub(super) fn is_attached(&self) -> bool {
        self.attached().is_some()
    }

    pub(super) fn takes_packets(&self) -> bool {
        !self.blocked && matches!(self.state, State::Attached(_) | State::AwaitingAttach(_))
    }

    /// Whether a question was asked since it was heard.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_some_and(|(_, at)| at > self.heard)
    }
}

impl Client {
    pub(in crate::session) fn handle_websocket_open(&mut self, now: Instant, carrier: CarrierId) {
        self.wake(now);
        if let Some(websocket) = self.websocket_mut(carrier) {
            websocket.state = State::AwaitingVerdict;
            websocket.heard = now;
            self.ladder.handle_opened(now, carrier);
        }
        self.settle(now);
    }

    pub(in crate::session) fn handle_message(&mut self, now: Instant, carrier: CarrierId, message: Message) {
        self.wake(now);
        let Some(websocket) = self.websocket_mut(carrier) else { return };
        websocket.heard = now;
        websocket.partial = Partial::default();
        let result = match &message {
            Message::Text(text) if Record::is_record(text) => self.handle_record(now, carrier, text),
            _ => self.handle_packet_message(now, carrier, message),
        };
        if let Err(Failed(failure)) = result {
            self.ladder.handle_failed(now, carrier, failure);
        }
        self.settle(now);
    }

    /// A part of a message came whose end is missing.
    pub(in crate::session) fn handle_heard(&mut self, now: Instant, carrier: CarrierId) {
        self.wake(now);
        let Some(websocket) = self.websocket_mut(carrier) else { return };
        websocket.heard = now;
        if websocket.partial.came(now) && websocket.is_attached() {
            self.tell_count();
        }
        self.settle(now);
    }

    pub(in crate::session) fn handle_carrier_closed(
        &mut self,
        now: Instant,
        carrier: CarrierId,
        end: CarrierEnd,
    ) {
        self.wake(now);
        let Some(websocket) = self.websocket(carrier) else { return };
        let failure = match end {
            _ if websocket.state == State::AwaitingHandshake => Failure::Refused,
            CarrierEnd::Closed => Failure::Closed,
            CarrierEnd::Failed => Failure::Error,
        };
        self.ladder.handle_failed(now, carrier, failure);
        self.settle(now);
    }

    pub(in crate::session) fn handle_blocked(&mut self, carrier: CarrierId, blocked: bool) {
        if let Some(websocket) = self.websocket_mut(carrier) {
            websocket.blocked = blocked;
        }
    }

    /// Asks a WebSocket whether data passes.
    pub(super) fn ask(&mut self, now: Instant, carrier: CarrierId) {
        self.asked += 1;
        let id = self.asked;
        if let Some(websocket) = self.websocket_mut(carrier) {
            websocket.asked = Some((id, now));
            self.transmits.push_back(Transmit::Send { carrier, packet: Record::Ping(id).prepare() });
        }
    }

    fn handle_record(&mut self, now: Instant, carrier: CarrierId, text: &str) -> Result<(), Failed> {
        let record = Record::parse(text).map_err(|_| Failed(Failure::Foreign))?;
        match record {
            Some(Record::Ack(count)) => {
                self.outgoing.heard(now);
                self.acknowledge(now, count)
            }
            // What comes of a packet is seen here, so that its length says nothing more.
            Some(Record::Length(_)) => Ok(()),
            Some(Record::Attach(attach)) => self.handle_attached(now, carrier, attach),
            Some(Record::End(end)) => {
                self.handle_end(now, carrier, end);
                Ok(())
            }
            Some(Record::First(first)) if !self.incoming.leaves_gap(first) => {
                if let Some(websocket) = self.websocket_mut(carrier) {
                    websocket.next = first;
                }
                Ok(())
            }
            Some(Record::Ping(id)) => {
                self.transmits.push_back(Transmit::Send { carrier, packet: Record::Pong(id).prepare() });
                Ok(())
            }
            Some(Record::Pong(id)) => {
                self.handle_pong(now, carrier, id);
                Ok(())
            }
            Some(Record::First(_) | Record::Period(_)) => Err(Failed(Failure::Foreign)),
            None => Ok(()),
        }
    }

    fn handle_pong(&mut self, now: Instant, carrier: CarrierId, id: u64) {
        let Some(websocket) = self.websocket(carrier) else { return };
        let Some((_, at)) = websocket.asked.filter(|(asked, _)| *asked == id) else { return };
        let decides = websocket.state == State::AwaitingVerdict;
        self.measured(at, now);
        if decides {
            self.ladder.handle_proved(now, carrier);
        }
    }

    /// The server's answer to the attach record.
    fn handle_attached(
        &mut self,
        now: Instant,
        carrier: CarrierId,
        Attach { epoch, ack, first }: Attach,
    ) -> Result<(), Failed> {
        let foreign = Failed(Failure::Foreign);
        let is_gap = self.incoming.leaves_gap(first);
        let Some(websocket) = self.websocket_mut(carrier) else { return Ok(()) };
        let State::AwaitingAttach(at) = websocket.state else { return Err(foreign) };
        if epoch != websocket.epoch || is_gap {
            return Err(foreign);
        }
        websocket.next = first;
        websocket.state = State::Attached(now);
        self.acknowledge(now, ack)?;
        self.measured(at, now);
        self.ladder.handle_proved(now, carrier);
        Ok(())
    }

    /// The server says that this carrier, or the session, is over.
    pub(super) fn handle_end(&mut self, now: Instant, carrier: CarrierId, end: End) {
        let epoch = match (self.websocket(carrier), self.http(carrier)) {
            (Some(websocket), _) => websocket.epoch,
            (None, Some(http)) => http.epoch,
            (None, None) => return,
        };
        if end != End::Stale || epoch == self.epoch {
            // Stale although it is the newest of ours: somebody else has the session.
            return self.end_by_server(end);
        }
        if let Some(http) = self.https.iter_mut().find(|http| http.id == carrier) {
            http.stale = true;
        }
        self.ladder.handle_stale(now, carrier);
    }

    fn handle_packet_message(
        &mut self,
        now: Instant,
        carrier: CarrierId,
        message: Message,
    ) -> Result<(), Failed> {
        let Some(websocket) = self.websocket_mut(carrier) else { return Ok(()) };
        if !websocket.is_attached() {
            return Err(Failed(Failure::Foreign));
        }
        let number = websocket.next;
        websocket.next += 1;
        let len = match &message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
        };
        let packet = Packet::from_websocket(message).map_err(|_| Failed(Failure::Foreign))?;
        let opens = matches!(packet, Packet::Open(_)) && self.sid.is_none();
        self.handle_packet(now, number, packet, len)?;
        if opens {
            self.tell_offer(now);
        }
        Ok(())
    }

    fn websocket_mut(&mut self, carrier: CarrierId) -> Option<&mut WebSocket> {
        self.websockets.iter_mut().find(|websocket| websocket.id == carrier)
    }
}
