use std::time::Instant;

use super::{Carrier, Phase, Server};
use crate::{
    CloseReason, Message, Packet, Transmit,
    frame::CloseCode,
    session::{
        CarrierId,
        adaptive::{Attach, End, Record, incoming::Arrival, incoming::Partial, ladder::Tier},
    },
};

/// A WebSocket that has not attached.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) id: CarrierId,
    pub(super) deadline: Instant,
    blocked: bool,
}

/// The WebSocket that carries the session, in the order of [`Server`]: what sending touches, then the rest.
#[derive(Debug)]
#[repr(C)]
pub(super) struct WebSocket {
    pub(super) id: CarrierId,
    /// Whether it takes no more data.
    pub(super) blocked: bool,
    /// Whether the received count may go with the next packet; here, because where it is kept lies further off.
    pub(super) tells: bool,
    /// The number of the last packet whose length was announced.
    announced: u64,
    /// The number of the packet that it delivers next.
    next: u64,
    pub(super) heard: Instant,
    partial: Partial,
    /// The last question, and when it was asked.
    asked: Option<(u64, Instant)>,
}

impl WebSocket {
    /// Whether a packet may follow: of a long one the length is to be told before, which the caller then does.
    pub(super) fn may_send(&mut self, number: u64, len: usize) -> bool {
        if len < LONG || self.announced >= number {
            return true;
        }
        self.announced = number;
        false
    }

    /// Whether a question was asked since it was heard.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_some_and(|(_, at)| at > self.heard)
    }
}

impl Server {
    /// A WebSocket was opened for this session; it touches nothing until it attaches.
    pub(in crate::session) fn handle_websocket(&mut self, now: Instant, carrier: CarrierId) {
        if self.phase == Phase::Closed {
            return self.close_websocket(carrier, End::Gone);
        }
        if self.trials.len() >= MAX_TRIALS {
            let oldest = self.trials.remove(0);
            self.drop_trial(&oldest);
        }
        let deadline = now + self.config.upgrade_timeout;
        self.trials.push(Trial { id: carrier, deadline, blocked: false });
    }

    pub(in crate::session) fn handle_message(&mut self, now: Instant, carrier: CarrierId, message: Message) {
        self.outgoing.note(now);
        // A WebSocket on trial is another one, and there is rarely any.
        let websocket = match &mut self.carrier {
            Carrier::WebSocket(websocket) if websocket.id == carrier => websocket,
            _ => return self.handle_trial_message(now, carrier, &message),
        };
        websocket.heard = now;
        websocket.partial = Partial::default();
        let result = match &message {
            Message::Text(text) if Record::is_record(text) => self.handle_record(now, text),
            _ => self.handle_packet_message(now, message),
        };
        match result {
            Err(End::Large) => self.end(CloseReason::TransportError, End::Large),
            Err(end) => self.end(CloseReason::ParseError, end),
            Ok(()) if self.incoming.is_due() => self.tell_count(),
            Ok(()) => {}
        }
    }

    /// A part of a message came whose end is missing.
    pub(in crate::session) fn handle_heard(&mut self, now: Instant, carrier: CarrierId) {
        let Carrier::WebSocket(websocket) = &mut self.carrier else { return };
        if websocket.id == carrier {
            websocket.heard = now;
            if websocket.partial.came(now) {
                self.tell_count();
            }
        }
    }

    /// A message above the limit of the frame decoder, which can read no further.
    ///
    /// Whether it carries the session, which is over then.
    pub(in crate::session) fn handle_too_large(&mut self, carrier: CarrierId) -> bool {
        let carries = matches!(&self.carrier, Carrier::WebSocket(websocket) if websocket.id == carrier);
        if carries {
            self.end(CloseReason::TransportError, End::Large);
        }
        carries
    }

    pub(in crate::session) fn handle_carrier_closed(&mut self, now: Instant, carrier: CarrierId) {
        self.trials.retain(|trial| trial.id != carrier);
        if matches!(&self.carrier, Carrier::WebSocket(websocket) if websocket.id == carrier) {
            self.detach(now);
        }
    }

    pub(in crate::session) fn handle_blocked(&mut self, carrier: CarrierId, blocked: bool) {
        if let Some(trial) = self.trials.iter_mut().find(|trial| trial.id == carrier) {
            trial.blocked = blocked;
        }
        if let Carrier::WebSocket(websocket) = &mut self.carrier
            && websocket.id == carrier
        {
            websocket.blocked = blocked;
            if !blocked && self.incoming.deadline().is_some() {
                self.tell_count();
            }
        }
    }

    /// Ends the WebSockets that have not attached in time.
    pub(super) fn end_trials(&mut self, now: Instant) {
        while let Some(index) = self.trials.iter().position(|trial| trial.deadline <= now) {
            let trial = self.trials.remove(index);
            self.drop_trial(&trial);
        }
    }

    pub(super) fn websocket_timeout(&mut self, now: Instant) {
        if self.incoming.deadline().is_some_and(|at| at <= now) {
            self.tell_count();
        }
        let (quiet, patience) = (self.quiet(), self.patience());
        let Carrier::WebSocket(websocket) = &mut self.carrier else { return };
        let carrier = websocket.id;
        if websocket.heard + patience <= now {
            self.transmits.push_back(Transmit::Disconnect { carrier, code: None });
            self.detach(now);
        } else if !websocket.is_asked() && websocket.heard + quiet <= now {
            let id = websocket.asked.map_or(1, |(id, _)| id + 1);
            websocket.asked = Some((id, now));
            self.transmits.push_back(Transmit::Send { carrier, packet: Record::Ping(id).prepare() });
        }
    }

    fn handle_trial_message(&mut self, now: Instant, carrier: CarrierId, message: &Message) {
        let Some(index) = self.trials.iter().position(|trial| trial.id == carrier) else { return };
        let record = match message {
            Message::Text(text) if Record::is_record(text) => Record::parse(text),
            Message::Text(_) | Message::Binary(_) => Err(crate::DecodeError::Record),
        };
        match record {
            Ok(Some(Record::Ping(_))) if self.trials.get(index).is_some_and(|trial| trial.blocked) => {}
            Ok(Some(Record::Ping(id))) => {
                self.transmits.push_back(Transmit::Send { carrier, packet: Record::Pong(id).prepare() });
            }
            Ok(Some(Record::Attach(attach))) => {
                let trial = self.trials.remove(index);
                self.attach(now, &trial, attach);
            }
            Ok(None) => {}
            _ => {
                // The attach record may have been swallowed on the way, which says nothing about the session.
                let trial = self.trials.remove(index);
                self.drop_trial(&trial);
            }
        }
    }

    fn attach(&mut self, now: Instant, trial: &Trial, Attach { epoch, ack, first }: Attach) {
        let carrier = trial.id;
        if epoch <= self.epoch {
            return self.close_websocket(carrier, End::Stale);
        }
        if self.incoming.leaves_gap(first) || self.acknowledge(now, ack).is_err() {
            self.close_websocket(carrier, End::Protocol);
            return self.end(CloseReason::ParseError, End::Protocol);
        }
        if self.phase == Phase::Closed {
            return self.close_websocket(carrier, End::Gone);
        }
        let websocket = WebSocket {
            id: carrier,
            blocked: trial.blocked,
            tells: false,
            next: first,
            heard: now,
            partial: Partial::default(),
            announced: 0,
            asked: None,
        };
        self.supersede(epoch, Tier::WebSocket, Carrier::WebSocket(websocket));
        let answer = Attach { epoch, ack: self.incoming.tell(), first: self.outgoing.acked() + 1 };
        self.transmits.push_back(Transmit::Send { carrier, packet: Record::Attach(answer).prepare() });
    }

    fn handle_record(&mut self, now: Instant, text: &str) -> Result<(), End> {
        let Carrier::WebSocket(websocket) = &mut self.carrier else { return Ok(()) };
        match Record::parse(text).map_err(|_| End::Protocol)? {
            Some(Record::Ack(count)) => {
                self.outgoing.heard(now);
                self.acknowledge(now, count).map_err(|()| End::Protocol)
            }
            Some(Record::Length(_)) => Ok(()),
            // Who does not read does not make the answers pile up.
            Some(Record::Ping(_)) if websocket.blocked => Ok(()),
            Some(Record::Ping(id)) => {
                let packet = Record::Pong(id).prepare();
                self.transmits.push_back(Transmit::Send { carrier: websocket.id, packet });
                Ok(())
            }
            Some(Record::Pong(id)) => {
                if let Some((_, at)) = websocket.asked.filter(|(asked, _)| *asked == id) {
                    self.rtt.measured(now.duration_since(at));
                }
                Ok(())
            }
            Some(Record::First(first)) if !self.incoming.leaves_gap(first) => {
                websocket.next = first;
                Ok(())
            }
            Some(_) => Err(End::Protocol),
            None => Ok(()),
        }
    }

    fn handle_packet_message(&mut self, now: Instant, message: Message) -> Result<(), End> {
        let Carrier::WebSocket(websocket) = &mut self.carrier else { return Ok(()) };
        let len = match &message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
        };
        if len > self.config.max_payload {
            return Err(End::Large);
        }
        let packet = Packet::from_websocket(message).map_err(|_| End::Protocol)?;
        let number = websocket.next;
        websocket.next += 1;
        let arrival = self.incoming.accept(now, number, len);
        websocket.tells = self.incoming.rides();
        match arrival {
            Arrival::New => self.handle_packet(packet).map_err(|()| End::Protocol),
            Arrival::Repeat => Ok(()),
            Arrival::Gap => Err(End::Protocol),
        }
    }

    fn tell_count(&mut self) {
        if let Carrier::WebSocket(websocket) = &self.carrier
            && !websocket.blocked
        {
            let carrier = websocket.id;
            let packet = Record::Ack(self.incoming.tell()).prepare();
            self.transmits.push_back(Transmit::Send { carrier, packet });
        }
    }

    fn drop_trial(&mut self, trial: &Trial) {
        let code = Some(CloseCode::POLICY_VIOLATION);
        self.transmits.push_back(Transmit::Disconnect { carrier: trial.id, code });
    }
}

/// The length from which a packet is announced, because a browser does not show what has come of it.
const LONG: usize = 16 * 1024;

/// WebSockets of a session that have not attached.
const MAX_TRIALS: usize = 4;
