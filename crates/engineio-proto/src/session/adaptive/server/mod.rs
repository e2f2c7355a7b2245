mod close;
mod http;
mod websocket;

use std::{collections::VecDeque, sync::Arc, time::Duration, time::Instant};

use smallvec::SmallVec;

use super::{
    MIN_LIVENESS, Record, Status, body::BodyBuilder, incoming::Incoming, ladder::Tier, outgoing::Outgoing,
    rtt::Rtt,
};
use crate::{
    CloseReason, Delivery, Event, Handshake, Offer, Packet, Prepared, Sent, SessionConfig, Sid, Transmit,
    session::{Arrival, CarrierId, inbox::Inbox},
};
use http::Http;
use websocket::{Trial, WebSocket};

/// The server's side of an adaptive session.
///
/// In this order, because sending to many sessions is waiting for their memory: what it touches lies together.
#[derive(Debug)]
#[repr(C)]
pub(in crate::session) struct Server {
    outgoing: Outgoing,
    phase: Phase,
    config: Arc<SessionConfig>,
    transmits: VecDeque<Transmit>,
    carrier: Carrier,
    incoming: Incoming,
    /// WebSockets that have not attached.
    trials: SmallVec<[Trial; 1]>,
    events: Inbox,
    rtt: Rtt,
    /// The highest that was seen, and the tier that had it.
    epoch: u64,
    epoch_tier: Option<Tier>,
    period: Duration,
    period_changed: bool,
    sid: Sid,
}

/// Where the session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Over for the application; what was queued, then CLOSE, is still delivered until then.
    Draining(Instant),
    Closed,
}

/// What carries the session.
#[derive(Debug)]
enum Carrier {
    /// Nothing: since then, or because the session is over.
    Detached(Option<Instant>),
    Http(Http),
    WebSocket(WebSocket),
}

impl Server {
    pub(in crate::session) fn new(now: Instant, sid: Sid, config: Arc<SessionConfig>) -> Self {
        let handshake = Handshake {
            sid: sid.clone(),
            upgrade: false,
            ping_interval: config.ping_interval,
            ping_timeout: config.ping_timeout,
            max_payload: config.max_payload,
            adaptive: Some(Offer {
                window: config.adaptive.window,
                expiry: config.adaptive.expiry,
                tiers: config.adaptive.tiers,
                period: config.adaptive.period,
            }),
        };
        let mut outgoing = Outgoing::new(config.adaptive.window);
        outgoing.push(handshake.encode());
        Self {
            phase: Phase::Open,
            outgoing,
            incoming: Incoming::new(ACK_DELAY, config.adaptive.window),
            rtt: Rtt::new(),
            epoch: 0,
            epoch_tier: None,
            carrier: Carrier::Detached(Some(now)),
            trials: SmallVec::new(),
            period: config.adaptive.period,
            period_changed: false,
            transmits: VecDeque::new(),
            events: Inbox::default(),
            config,
            sid,
        }
    }

    // === Getters ===

    pub(in crate::session) fn id(&self) -> &Sid {
        &self.sid
    }

    pub(in crate::session) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    pub(in crate::session) fn is_finished(&self) -> bool {
        self.phase == Phase::Closed && self.transmits.is_empty()
    }

    /// Whether what is under way may be compressed.
    pub(in crate::session) fn may_compress(&self) -> bool {
        self.outgoing.may_compress()
    }

    pub(in crate::session) fn inbox_cost(&self) -> usize {
        self.events.cost()
    }

    pub(in crate::session) fn arrival(&self) -> Arrival {
        match self.phase {
            Phase::Open if self.outgoing.is_empty() => Arrival::Complete,
            Phase::Open => Arrival::Pending,
            Phase::Draining(_) | Phase::Closed => Arrival::Never,
        }
    }

    pub(in crate::session) fn queued_cost(&self) -> usize {
        self.outgoing.waiting_cost()
    }

    pub(in crate::session) fn status(&self) -> Status {
        Status {
            tier: match &self.carrier {
                Carrier::Detached(_) => None,
                Carrier::Http(http) => Some(http.tier),
                Carrier::WebSocket(_) => Some(Tier::WebSocket),
            },
            round_trip: self.rtt.smoothed(),
            unacknowledged_bytes: self.outgoing.unacked_bytes(),
            waiting_bytes: self.outgoing.waiting_bytes(),
        }
    }

    pub(in crate::session) fn poll_period(&self) -> Duration {
        match &self.carrier {
            Carrier::Http(http) if http.tier == Tier::Periodic => self.period,
            _ => Duration::ZERO,
        }
    }

    // === Inputs ===

    pub(in crate::session) fn handle_timeout(&mut self, now: Instant) {
        self.outgoing.note(now);
        self.end_trials(now);
        if let Phase::Draining(deadline) = self.phase
            && deadline <= now
        {
            return self.finish();
        }
        if self.expires_at().is_some_and(|at| at <= now) {
            return self.expire();
        }
        match self.carrier {
            Carrier::Detached(_) => {}
            Carrier::Http(_) => self.http_timeout(now),
            Carrier::WebSocket(_) => self.websocket_timeout(now),
        }
    }

    /// A packet of the client in its turn; whether it may be sent by one.
    #[inline]
    fn handle_packet(&mut self, packet: Packet) -> Result<(), ()> {
        match packet {
            Packet::Message(message) => {
                if self.is_open() {
                    self.events.push_back(Event::Message(message));
                }
                Ok(())
            }
            Packet::Close => {
                self.close_by_peer();
                Ok(())
            }
            _ => Err(()),
        }
    }

    // === Commands ===

    #[inline]
    pub(in crate::session) fn send(&mut self, packets: &[Prepared], delivery: Delivery) -> Sent {
        if !self.is_open() || (delivery == Delivery::Volatile && !self.is_writable()) {
            return Sent::Dropped;
        }
        let cost = packets.iter().map(Prepared::cost).sum::<usize>();
        let waiting = self.outgoing.waiting_cost();
        if waiting.saturating_add(cost) > self.config.max_queued_bytes && waiting > 0 {
            self.end(CloseReason::SlowConsumer, super::End::Slow);
            return Sent::Dropped;
        }
        for packet in packets {
            self.outgoing.push(packet.clone());
        }
        Sent::Queued
    }

    pub(in crate::session) fn set_period(&mut self, period: Duration) {
        self.period_changed |= period != self.period;
        self.period = period;
    }

    // === Outputs ===

    #[inline]
    pub(in crate::session) fn poll_transmit(&mut self) -> Option<Transmit> {
        if let Some(transmit) = self.transmits.pop_front() {
            return Some(transmit);
        }
        match &mut self.carrier {
            Carrier::Detached(_) => None,
            Carrier::Http(_) => self.answer_held(),
            Carrier::WebSocket(websocket) if websocket.blocked => None,
            Carrier::WebSocket(websocket) => {
                let carrier = websocket.id;
                if websocket.tells && self.outgoing.has_next() {
                    websocket.tells = false;
                    if self.incoming.rides() {
                        let packet = Record::Ack(self.incoming.tell()).prepare();
                        return Some(Transmit::Send { carrier, packet });
                    }
                }
                if let Some(first) = self.outgoing.skip() {
                    return Some(Transmit::Send { carrier, packet: Record::First(first).prepare() });
                }
                let packet = match self.outgoing.pop_if(|number, len| websocket.may_send(number, len))? {
                    Ok(packet) => packet,
                    Err(len) => Record::Length(len as u64).prepare(),
                };
                Some(Transmit::Send { carrier, packet })
            }
        }
    }

    pub(in crate::session) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(in crate::session) fn poll_timeout(&self) -> Option<Instant> {
        let draining = match self.phase {
            Phase::Closed => return None,
            Phase::Draining(deadline) => Some(deadline),
            Phase::Open => None,
        };
        let carrier = match &self.carrier {
            Carrier::Detached(_) => None,
            Carrier::Http(http) => Some(http.next_timeout()),
            Carrier::WebSocket(websocket) => {
                let ack = self.incoming.deadline().filter(|_| !websocket.blocked);
                let silence = if websocket.is_asked() { self.patience() } else { self.quiet() };
                Some(websocket.heard + silence).into_iter().chain(ack).min()
            }
        };
        let trials = self.trials.iter().map(|trial| trial.deadline);
        trials.chain(draining).chain(carrier).chain(self.expires_at()).min()
    }

    /// How long a WebSocket may be silent before it is asked.
    fn quiet(&self) -> Duration {
        self.liveness() / 2
    }

    /// How long a WebSocket may be silent before it is dead, once it is asked.
    fn patience(&self) -> Duration {
        self.rtt.patience(self.quiet(), self.liveness())
    }

    fn liveness(&self) -> Duration {
        (self.config.ping_interval + self.config.ping_timeout).max(MIN_LIVENESS)
    }

    /// When the session ends unless something comes.
    fn expires_at(&self) -> Option<Instant> {
        let detached = match self.carrier {
            Carrier::Detached(since) => since,
            Carrier::Http(_) | Carrier::WebSocket(_) => None,
        };
        let since = detached.into_iter().chain(self.outgoing.since()).min()?;
        Some(since + self.config.adaptive.expiry)
    }

    /// Whether a packet would leave at once, or with the next periodic request.
    fn is_writable(&self) -> bool {
        self.outgoing.is_clear()
            && match &self.carrier {
                Carrier::Detached(_) => false,
                Carrier::Http(http) => http.tier == Tier::Periodic || http.is_holding(),
                Carrier::WebSocket(websocket) => !websocket.blocked,
            }
    }

    /// Counts what the client acknowledges; an error is one of what was never sent.
    fn acknowledge(&mut self, now: Instant, count: u64) -> Result<(), ()> {
        self.outgoing.acknowledge(now, count).map_err(|_| ())?;
        if matches!(self.phase, Phase::Draining(_)) && self.outgoing.is_empty() {
            self.finish();
        }
        Ok(())
    }

    /// Makes another carrier the one that carries the session.
    fn supersede(&mut self, epoch: u64, tier: Tier, carrier: Carrier) {
        self.epoch = epoch;
        self.epoch_tier = Some(tier);
        let older = std::mem::replace(&mut self.carrier, carrier);
        self.dismiss(older, super::End::Stale);
        self.outgoing.rewind();
    }

    /// Tells a carrier that it is over.
    fn dismiss(&mut self, carrier: Carrier, end: super::End) {
        match carrier {
            Carrier::Detached(_) => {}
            Carrier::Http(http) => {
                let body = BodyBuilder::default().record(Record::End(end)).finish();
                let replies = http.held.into_iter().map(|poll| Transmit::Reply { poll, body: body.clone() });
                self.transmits.extend(replies);
            }
            Carrier::WebSocket(WebSocket { id, .. }) => self.close_websocket(id, end),
        }
    }

    fn close_websocket(&mut self, carrier: CarrierId, end: super::End) {
        self.transmits.push_back(Transmit::Send { carrier, packet: Record::End(end).prepare() });
        self.transmits.push_back(Transmit::Disconnect { carrier, code: Some(end.close_code()) });
    }

    fn detach(&mut self, now: Instant) {
        self.carrier = Carrier::Detached(Some(now));
    }
}

/// How long the client waits for an acknowledgement that its packets do not bring about at once.
const ACK_DELAY: Duration = Duration::from_millis(200);
