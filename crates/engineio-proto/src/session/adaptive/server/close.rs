use std::time::Instant;

use super::{Carrier, Phase, Server};
use crate::{
    CloseReason, Event, Prepared, Transmit,
    session::adaptive::{End, Record, body::BodyBuilder},
};

/// The ways to the end.
impl Server {
    pub(in crate::session) fn close(&mut self, now: Instant, reason: CloseReason) {
        if self.phase == Phase::Open {
            self.outgoing.push(Prepared::CLOSE);
            self.phase = Phase::Draining(now + self.config.close_timeout);
            self.events.push_back(Event::Closed(reason));
        }
    }

    /// Ends the session at once, for a reason that the client is told.
    pub(super) fn end(&mut self, reason: CloseReason, end: End) {
        self.tell_application(reason);
        if self.phase != Phase::Closed {
            let carrier = std::mem::replace(&mut self.carrier, Carrier::Detached(None));
            self.dismiss(carrier, end);
            self.finish();
        }
    }

    /// The client has sent CLOSE, which is acknowledged.
    pub(super) fn close_by_peer(&mut self) {
        self.tell_application(CloseReason::TransportClose);
        let ack = Record::Ack(self.incoming.tell());
        if let Carrier::WebSocket(websocket) = &self.carrier {
            self.transmits.push_back(Transmit::Send { carrier: websocket.id, packet: ack.prepare() });
        }
        self.finish();
    }

    /// No carrier came in time, or nothing was acknowledged.
    pub(super) fn expire(&mut self) {
        match self.carrier {
            Carrier::Detached(_) => {
                self.tell_application(CloseReason::PingTimeout);
                self.finish();
            }
            Carrier::Http(_) | Carrier::WebSocket(_) => self.end(CloseReason::SlowConsumer, End::Slow),
        }
    }

    /// Forgets everything; the reason has been told.
    pub(super) fn finish(&mut self) {
        if self.phase == Phase::Closed {
            return;
        }
        self.phase = Phase::Closed;
        match std::mem::replace(&mut self.carrier, Carrier::Detached(None)) {
            Carrier::Detached(_) => {}
            Carrier::Http(http) => {
                let body = BodyBuilder::default().record(Record::Ack(self.incoming.tell())).finish();
                let replies = http.held.into_iter().map(|poll| Transmit::Reply { poll, body: body.clone() });
                self.transmits.extend(replies);
            }
            Carrier::WebSocket(websocket) => {
                self.transmits.push_back(Transmit::Disconnect { carrier: websocket.id, code: None });
            }
        }
        for trial in std::mem::take(&mut self.trials) {
            self.transmits.push_back(Transmit::Disconnect { carrier: trial.id, code: None });
        }
        self.outgoing.clear();
    }

    fn tell_application(&mut self, reason: CloseReason) {
        if self.phase == Phase::Open {
            self.events.push_back(Event::Closed(reason));
        }
    }
}
