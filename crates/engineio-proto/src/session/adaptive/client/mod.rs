mod actions;
mod close;
mod http;
mod response;
mod time;
mod timing;
mod websocket;

use std::{collections::VecDeque, sync::Arc, time::Duration, time::Instant};

use smallvec::SmallVec;

use super::{
    Key, MIN_LIVENESS, Record, SessionName, Status,
    incoming::{Arrival, Incoming},
    ladder::{Hint, Ladder, LadderConfig, Tier},
    outgoing::Outgoing,
    rtt::Rtt,
};
use crate::{
    Delivery, Event, Handshake, Packet, Prepared, Sent, SessionConfig, Sid, Transmit, session::CarrierId,
};
use http::Http;
use websocket::WebSocket;

/// The client's side of an adaptive session.
#[derive(Debug)]
pub(in crate::session) struct Client {
    config: Arc<SessionConfig>,
    key: Key,
    sid: Option<Sid>,
    phase: Phase,
    ladder: Ladder,
    outgoing: Outgoing,
    incoming: Incoming,
    rtt: Rtt,
    websockets: SmallVec<[WebSocket; 2]>,
    https: SmallVec<[Http; 2]>,
    /// The highest epoch given, and the carrier that has it as long as it exists.
    epoch: u64,
    newest: Option<CarrierId>,
    /// Where packets go.
    sender: Option<CarrierId>,
    /// The number of the last request.
    seq: u64,
    /// The number of the last question.
    asked: u64,
    limits: Limits,
    /// Since when the application expects events, if it does.
    expecting: Option<Instant>,
    /// Since when nothing carries the session, once it is open.
    detached: Option<Instant>,
    /// When this side was last found to have slept: what was measured across that says nothing.
    awake_since: Instant,
    /// The time of the last input, at which `dirty` asks for one more: sending knows no time.
    now: Instant,
    dirty: bool,
    transmits: VecDeque<Transmit>,
    events: VecDeque<Event>,
}

/// Where the session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// OPEN must come until then.
    Opening(Instant),
    Open,
    /// Over for the application; what was queued, then CLOSE, is still delivered until then.
    Draining(Instant),
    Closed,
}

/// What the server's OPEN packet says; before it, guesses that do no harm.
#[derive(Debug)]
struct Limits {
    liveness: Duration,
    max_payload: usize,
    window: usize,
    expiry: Duration,
    period: Duration,
}

/// Nothing more of this carrier counts.
#[derive(Debug)]
struct Failed(super::ladder::Failure);

impl Client {
    pub(in crate::session) fn new(
        now: Instant,
        config: Arc<SessionConfig>,
        key: Key,
        ladder: LadderConfig,
    ) -> Self {
        let limits = Limits {
            liveness: config.ping_interval + config.ping_timeout,
            max_payload: config.max_payload,
            window: config.adaptive.window,
            expiry: config.adaptive.expiry,
            period: config.adaptive.period,
        };
        let mut client = Self {
            phase: Phase::Opening(now + config.open_timeout),
            config,
            key,
            sid: None,
            ladder: Ladder::new(now, ladder),
            outgoing: Outgoing::new(limits.window),
            incoming: Incoming::new(ACK_DELAY, limits.window),
            rtt: Rtt::new(),
            websockets: SmallVec::new(),
            https: SmallVec::new(),
            epoch: 0,
            newest: None,
            sender: None,
            seq: 0,
            asked: 0,
            limits,
            expecting: None,
            detached: None,
            awake_since: now,
            now,
            dirty: false,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        };
        client.settle(now);
        client
    }

    // === Getters ===

    pub(in crate::session) fn id(&self) -> Option<&Sid> {
        self.sid.as_ref()
    }

    pub(in crate::session) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    pub(in crate::session) fn is_finished(&self) -> bool {
        self.phase == Phase::Closed && self.transmits.is_empty()
    }

    pub(in crate::session) fn queued_cost(&self) -> usize {
        self.outgoing.waiting_cost()
    }

    pub(in crate::session) fn status(&self) -> Status {
        Status {
            tier: self.ladder.tier(),
            round_trip: self.rtt.smoothed(),
            unacknowledged_bytes: self.outgoing.unacked_bytes(),
            waiting_bytes: self.outgoing.waiting_bytes(),
        }
    }

    // === Commands ===

    pub(in crate::session) fn send(&mut self, packets: &[Prepared], delivery: Delivery) -> Sent {
        let is_too_long = packets.iter().any(|packet| packet.len() > self.limits.max_payload);
        if !self.is_open() || is_too_long || (delivery == Delivery::Volatile && !self.is_writable()) {
            return Sent::Dropped;
        }
        let cost = packets.iter().map(Prepared::cost).sum::<usize>();
        let waiting = self.outgoing.waiting_cost();
        if waiting.saturating_add(cost) > self.config.max_queued_bytes && waiting > 0 {
            self.end(crate::CloseReason::SlowConsumer);
            return Sent::Dropped;
        }
        for packet in packets {
            self.outgoing.push(packet.clone());
        }
        self.dirty = true;
        Sent::Queued
    }

    pub(in crate::session) fn expect_events(&mut self, now: Instant, expecting: bool) {
        self.wake(now);
        if !expecting {
            self.expecting = None;
        } else if self.expecting.is_none() {
            self.expecting = Some(now);
            // The poll that waits may wait too long to notice that it is dead; a shorter one replaces it.
            self.https.iter_mut().for_each(Http::shorten_poll);
        }
        self.settle(now);
    }

    pub(in crate::session) fn handle_hint(&mut self, now: Instant, hint: Hint) {
        self.wake(now);
        self.ladder.handle_hint(now, hint);
        self.settle(now);
    }

    // === Outputs ===

    pub(in crate::session) fn poll_transmit(&mut self) -> Option<Transmit> {
        if let Some(transmit) = self.transmits.pop_front() {
            return Some(transmit);
        }
        let websocket = self.websockets.iter_mut().find(|websocket| Some(websocket.id) == self.sender)?;
        if !websocket.takes_packets() {
            return None;
        }
        let carrier = websocket.id;
        let (is_attached, first) = (websocket.is_attached(), self.outgoing.next_number()?);
        if is_attached && self.incoming.rides() {
            let packet = Record::Ack(self.incoming.tell()).prepare();
            return Some(Transmit::Send { carrier, packet });
        }
        if first != websocket.sends {
            websocket.sends = first;
            return Some(Transmit::Send { carrier, packet: Record::First(first).prepare() });
        }
        websocket.sends += 1;
        self.outgoing.pop().map(|packet| Transmit::Send { carrier, packet })
    }

    pub(in crate::session) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    // === Both carriers ===

    /// To be called after every input: does what follows from it.
    fn settle(&mut self, now: Instant) {
        self.now = now;
        self.dirty = false;
        self.outgoing.note(now);
        self.follow(now);
        if self.phase == Phase::Closed {
            return;
        }
        if matches!(self.phase, Phase::Draining(_)) && self.outgoing.is_empty() {
            return self.finish();
        }
        self.choose_sender();
        self.make_requests(now);
        if self.incoming.is_due() {
            self.tell_count();
        }
    }

    /// Packets go to the newest carrier once the server has answered on it, and until then to the one that carries
    /// the session, unless the server has said that it does not any more.
    fn choose_sender(&mut self) {
        let carrying = self.ladder.carrying().filter(|id| self.http(*id).is_none_or(|http| !http.stale));
        let sender = match self.newest {
            Some(newest) if carrying.is_none() || self.has_answered(newest) => Some(newest),
            _ => carrying,
        };
        if sender != self.sender {
            self.sender = sender;
            self.outgoing.rewind();
        }
    }

    fn has_answered(&self, carrier: CarrierId) -> bool {
        match (self.websocket(carrier), self.http(carrier)) {
            (Some(websocket), _) => websocket.is_attached(),
            (None, http) => http.is_some_and(|http| http.answered),
        }
    }

    /// A packet of the server with its number.
    fn handle_packet(&mut self, now: Instant, number: u64, packet: Packet, len: usize) -> Result<(), Failed> {
        // Before it counts, because what something on the way has spoiled comes again, and better, elsewhere.
        let may_be_sent = match &packet {
            Packet::Open(handshake) => number == 1 && handshake.adaptive.is_some(),
            Packet::Message(_) | Packet::Close => number > 1 || self.sid.is_some(),
            _ => false,
        };
        if !may_be_sent {
            return Err(Failed(super::ladder::Failure::Foreign));
        }
        match self.incoming.accept(now, number, len) {
            Arrival::Repeat => return Ok(()),
            Arrival::Gap => return Err(Failed(super::ladder::Failure::Foreign)),
            Arrival::New => {}
        }
        match packet {
            Packet::Open(handshake) => self.opened(handshake),
            Packet::Message(message) if self.is_open() => self.tell(Event::Message(message)),
            Packet::Close => self.close_by_peer(),
            // What arrives while this side closes is of no interest any more.
            _ => {}
        }
        Ok(())
    }

    /// Tells the application, which nothing interests behind the end.
    fn tell(&mut self, event: Event) {
        if matches!(self.phase, Phase::Opening(_) | Phase::Open) {
            self.events.push_back(event);
        }
    }

    fn opened(&mut self, handshake: Handshake) {
        let Some(offer) = handshake.adaptive else { return };
        self.sid = Some(handshake.sid.clone());
        self.limits = Limits {
            liveness: handshake.ping_interval + handshake.ping_timeout,
            max_payload: handshake.max_payload,
            window: offer.window,
            expiry: offer.expiry,
            period: offer.period,
        };
        self.outgoing.set_window(offer.window);
        self.incoming.set_window(offer.window);
        self.phase = Phase::Open;
        self.events.push_back(Event::Opened(handshake));
    }

    fn acknowledge(&mut self, now: Instant, count: u64) -> Result<(), Failed> {
        self.outgoing.acknowledge(now, count).map(|_| ()).map_err(|_| Failed(super::ladder::Failure::Foreign))
    }

    /// What was asked at `since` is answered.
    fn measured(&mut self, since: Instant, now: Instant) {
        if since >= self.awake_since {
            self.rtt.measured(now.duration_since(since));
            self.ladder.handle_rto(self.rtt.timeout());
        }
    }

    /// To be called before every input: notices that something was due long ago.
    fn wake(&mut self, now: Instant) {
        if now > self.now + OVERSLEPT && self.poll_timeout().is_some_and(|at| at + OVERSLEPT < now) {
            self.awake_since = now;
        }
    }

    fn back_off(&mut self) {
        self.rtt.back_off();
        self.ladder.handle_rto(self.rtt.timeout());
    }

    /// How a request or a WebSocket names the session.
    fn name(&self) -> SessionName {
        match &self.sid {
            Some(sid) => SessionName::Sid(sid.clone()),
            None => SessionName::Key(self.key.clone()),
        }
    }

    /// How long a WebSocket may be silent before it is asked and before it is dead.
    fn patience(&self) -> (Duration, Duration) {
        let quiet = self.liveness() / 2;
        (quiet, self.rtt.patience(quiet, self.liveness()))
    }

    fn liveness(&self) -> Duration {
        if self.expecting.is_some() { MIN_LIVENESS } else { self.limits.liveness.max(MIN_LIVENESS) }
    }

    /// Whether a packet would leave at once, or with the next periodic request.
    fn is_writable(&self) -> bool {
        let Some(sender) = self.sender.filter(|_| self.outgoing.is_clear()) else { return false };
        match (self.websocket(sender), self.http(sender)) {
            (Some(websocket), _) => websocket.takes_packets(),
            (None, Some(http)) => http.tier == Tier::Periodic || !http.is_sending(),
            (None, None) => false,
        }
    }

    fn websocket(&self, id: CarrierId) -> Option<&WebSocket> {
        self.websockets.iter().find(|websocket| websocket.id == id)
    }

    fn http(&self, id: CarrierId) -> Option<&Http> {
        self.https.iter().find(|http| http.id == id)
    }
}

/// A timer that is so late means that the computer slept, or that a page in the background was slowed down.
const OVERSLEPT: Duration = Duration::from_secs(1);

/// The server only frees memory by what this side tells it.
const ACK_DELAY: Duration = Duration::from_secs(2);
