use std::time::Instant;

use super::{Client, Phase};
use crate::{
    CloseReason, Event, Prepared, Transmit,
    session::adaptive::{End, Record},
};

/// The ways to the end.
impl Client {
    pub(in crate::session) fn close(&mut self, now: Instant, reason: CloseReason) {
        match self.phase {
            Phase::Opening(_) => self.end(reason),
            Phase::Open => {
                self.outgoing.push(Prepared::CLOSE);
                self.phase = Phase::Draining(now + self.config.close_timeout);
                self.events.push_back(Event::Closed(reason));
                self.settle(now);
            }
            Phase::Draining(_) | Phase::Closed => {}
        }
    }

    /// Ends the session at once.
    pub(super) fn end(&mut self, reason: CloseReason) {
        if matches!(self.phase, Phase::Opening(_) | Phase::Open) {
            self.events.push_back(Event::Closed(reason));
        }
        self.finish();
    }

    /// The server has said that the session is over.
    pub(super) fn end_by_server(&mut self, end: End) {
        self.end(match end {
            End::Gone | End::Stale => CloseReason::TransportClose,
            End::Slow => CloseReason::SlowConsumer,
            End::Large | End::Protocol => CloseReason::ParseError,
        });
    }

    /// The server has sent CLOSE, which is acknowledged, so that it forgets the session.
    pub(super) fn close_by_peer(&mut self) {
        if self.websockets.iter().any(|websocket| websocket.is_attached()) {
            self.tell_count();
        } else {
            self.say_goodbye();
        }
        self.end(CloseReason::TransportClose);
    }

    /// Forgets everything; the reason has been told.
    pub(super) fn finish(&mut self) {
        if self.phase == Phase::Closed {
            return;
        }
        self.phase = Phase::Closed;
        let websockets = std::mem::take(&mut self.websockets).into_iter();
        self.transmits
            .extend(websockets.map(|websocket| Transmit::Disconnect { carrier: websocket.id, code: None }));
        for http in std::mem::take(&mut self.https) {
            let requests = http.requests.into_iter();
            self.transmits.extend(requests.map(|request| Transmit::Abort { request: request.id }));
        }
        self.newest = None;
        self.sender = None;
        self.outgoing.clear();
    }

    /// Tells the received count on the WebSocket that carries the session.
    pub(super) fn tell_count(&mut self) {
        let attached = self.websockets.iter().filter(|websocket| websocket.is_attached());
        if let Some(carrier) = attached.max_by_key(|websocket| websocket.epoch).map(|websocket| websocket.id)
        {
            let packet = Record::Ack(self.incoming.tell()).prepare();
            self.transmits.push_back(Transmit::Send { carrier, packet });
        }
    }
}
