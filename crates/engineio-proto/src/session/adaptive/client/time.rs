use std::time::{Duration, Instant};

use super::{Client, Phase, timing::transfer_time};
use crate::{CloseReason, session::CarrierId, session::adaptive::ladder::Failure};

/// What time brings about.
impl Client {
    pub(in crate::session) fn handle_timeout(&mut self, now: Instant) {
        self.wake(now);
        self.outgoing.note(now);
        match self.phase {
            Phase::Closed => return,
            Phase::Opening(deadline) if deadline <= now => return self.end(CloseReason::TransportError),
            Phase::Draining(deadline) if deadline <= now => return self.finish(),
            Phase::Open if self.expires_at().is_some_and(|at| at <= now) => {
                return self.end(CloseReason::PingTimeout);
            }
            _ => {}
        }
        while let Some((_, carrier, failure)) = self.next_failure().filter(|(at, ..)| *at <= now) {
            self.back_off();
            self.ladder.handle_failed(now, carrier, failure);
            self.stop(carrier);
            self.follow(now);
            if self.phase == Phase::Closed {
                return;
            }
        }
        let silent: Vec<_> =
            self.questions().filter(|(at, _)| *at <= now).map(|(_, carrier)| carrier).collect();
        for carrier in silent {
            self.ask(now, carrier);
        }
        if self.is_any_attached() && self.incoming.deadline().is_some_and(|at| at <= now) {
            self.tell_count();
        }
        if self.ladder.poll_timeout().is_some_and(|at| at <= now) {
            self.ladder.handle_timeout(now);
        }
        self.settle(now);
    }

    pub(in crate::session) fn poll_timeout(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Closed => return None,
            Phase::Opening(deadline) | Phase::Draining(deadline) => Some(deadline),
            Phase::Open => self.expires_at(),
        };
        let at_once = self.dirty.then_some(self.now);
        let ack = self.incoming.deadline().filter(|_| self.is_any_attached());
        let failure = self.next_failure().map(|(at, ..)| at);
        let question = self.questions().map(|(at, _)| at).min();
        let times = [phase, at_once, ack, failure, question, self.ladder.poll_timeout(), self.next_request()];
        times.into_iter().flatten().min()
    }

    /// When the session ends unless something comes.
    fn expires_at(&self) -> Option<Instant> {
        self.detached.into_iter().chain(self.outgoing.since()).min().map(|since| since + self.limits.expiry)
    }

    /// Which carrier fails next, if nothing comes.
    fn next_failure(&self) -> Option<(Instant, CarrierId, Failure)> {
        let requests = self.https.iter().flat_map(|http| {
            http.requests.iter().map(|request| (request.deadline, http.id, Failure::Silent))
        });
        let attached =
            self.websockets.iter().filter_map(|websocket| Some((websocket, websocket.attached()?)));
        let websockets = attached.flat_map(|(websocket, at)| {
            // A long silence from before events were expected says nothing.
            let quiet_since = self.expecting.map_or(websocket.heard, |since| since.max(websocket.heard));
            let silence = (quiet_since + self.patience().1, websocket.id, Failure::Silent);
            let since = self.outgoing.since().filter(|_| self.sender == Some(websocket.id));
            let patience = self.rtt.timeout() + ACK_DELAY + transfer_time(self.outgoing.unacked_bytes());
            let ack = since.map(|since| (since.max(at) + patience, websocket.id, Failure::Unacknowledged));
            [Some(silence), ack].into_iter().flatten()
        });
        requests.chain(websockets).min_by_key(|(at, ..)| *at)
    }

    /// Which WebSockets are asked when whether they are there.
    fn questions(&self) -> impl Iterator<Item = (Instant, CarrierId)> {
        let quiet =
            self.websockets.iter().filter(|websocket| websocket.is_attached() && !websocket.is_asked());
        quiet.map(|websocket| (websocket.heard + self.patience().0, websocket.id))
    }

    fn is_any_attached(&self) -> bool {
        self.websockets.iter().any(|websocket| websocket.is_attached())
    }
}

/// How long the server may wait before it tells its count.
const ACK_DELAY: Duration = Duration::from_millis(200);
