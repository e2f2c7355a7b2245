use std::time::Instant;

use super::{Client, Http, Phase, WebSocket};
use crate::{
    CloseReason, Event, Transmit,
    session::{
        CarrierId,
        adaptive::{
            AdaptiveQuery, Attach, CarrierQuery, Record,
            ladder::{Action, Tier},
        },
    },
};

/// What the ladder wants.
impl Client {
    pub(super) fn follow(&mut self, now: Instant) {
        while let Some(action) = self.ladder.poll_action() {
            if self.phase == Phase::Closed {
                return;
            }
            match action {
                Action::Start { carrier, tier: Tier::WebSocket } => {
                    self.websockets.push(WebSocket::new(carrier, now));
                    let query = AdaptiveQuery { session: self.name(), carrier: CarrierQuery::WebSocket };
                    self.transmits.push_back(Transmit::Open { carrier, query: query.to_string() });
                }
                Action::Start { carrier, tier } => self.https.push(Http::new(carrier, tier, now)),
                Action::Attach { carrier, epoch, trial } => {
                    self.attach(now, carrier, u64::from(epoch), trial)
                }
                Action::Probe { carrier } => self.ask(now, carrier),
                Action::Carry { tier, cause, .. } => {
                    self.detached = None;
                    self.tell(Event::Carried { tier, cause });
                }
                Action::Remember { tier } => self.tell(Event::Remember(tier)),
                Action::Stop { carrier } => self.stop(carrier),
                Action::GiveUp => self.end(CloseReason::TransportError),
            }
        }
        if self.ladder.carrying().is_none() && self.phase == Phase::Open {
            self.detached.get_or_insert(now);
        }
    }

    fn attach(&mut self, now: Instant, carrier: CarrierId, epoch: u64, trial: bool) {
        let first = self.outgoing.acked() + 1;
        if epoch > self.epoch {
            self.epoch = epoch;
            self.newest = Some(carrier);
        }
        if let Some(http) = self.https.iter_mut().find(|http| http.id == carrier) {
            http.attach(epoch, trial);
        } else if let Some(websocket) = self.websockets.iter_mut().find(|websocket| websocket.id == carrier) {
            websocket.attach(now, epoch, first);
            let record = Record::Attach(Attach { epoch, ack: self.incoming.tell(), first });
            self.transmits.push_back(Transmit::Send { carrier, packet: record.prepare() });
        }
    }

    /// Lets a carrier go.
    pub(super) fn stop(&mut self, carrier: CarrierId) {
        self.newest.take_if(|newest| *newest == carrier);
        self.sender.take_if(|sender| *sender == carrier);
        if let Some(index) = self.websockets.iter().position(|websocket| websocket.id == carrier) {
            self.websockets.remove(index);
            self.transmits.push_back(Transmit::Disconnect { carrier, code: None });
        }
        if let Some(index) = self.https.iter().position(|http| http.id == carrier) {
            let requests = self.https.remove(index).requests.into_iter();
            self.transmits.extend(requests.map(|request| Transmit::Abort { request: request.id }));
        }
    }
}
