use std::time::{Duration, Instant};

use bytes::Bytes;
use engineio_proto::{
    Message,
    session::{
        CarrierEnd, CarrierId, RequestId,
        adaptive::{End, Record, ladder::Failure},
    },
};

use super::{
    AdaptivePair, Connection, ConnectionId, Direction, Exchange, ExchangeId, Held, Outcome, Parcel, Upgrade,
    Weather, message, server::Output,
};
use crate::Side;

/// What the network does.
impl AdaptivePair {
    /// The weather changes; it holds for what exists already, too.
    pub fn change_weather(&mut self, weather: Weather) {
        self.weather = weather;
        let mut ids: Vec<_> = self.connections.keys().copied().collect();
        ids.sort_by_key(|id| id.0);
        for id in ids {
            for to in [Side::Client, Side::Server] {
                if !self.is_mute(to) {
                    // What TCP has kept meanwhile comes now, unless the connection was given up.
                    let keeps = self.rng.percent(50);
                    let Some(connection) = self.connections.get_mut(&id) else { continue };
                    let stalled = std::mem::take(&mut connection.direction(to).stalled);
                    if stalled.is_empty() {
                        continue;
                    }
                    if keeps {
                        stalled.into_iter().for_each(|frame| self.frame(to, id, frame));
                    } else {
                        self.cut(id);
                    }
                }
            }
            self.schedule_cuts(id);
        }
    }

    /// The WebSockets that exist take no more data from either side, or take it again.
    pub fn block_websockets(&mut self, blocked: bool) {
        for connection in self.connections.values() {
            self.client.handle_blocked(connection.client, blocked);
            if let Some((index, carrier)) = connection.server {
                self.server.sessions[index].session.handle_blocked(carrier, blocked);
            }
        }
        self.flush();
    }

    /// Cuts every WebSocket; each side sees the end when it would have heard of it.
    pub fn cut_websockets(&mut self) {
        let mut ids: Vec<_> = self.connections.keys().copied().collect();
        ids.sort_by_key(|id| id.0);
        ids.into_iter().for_each(|id| self.cut(id));
        self.flush();
    }

    pub(super) fn open(&mut self, carrier: CarrierId, query: String) {
        self.requests += 1;
        let id = ConnectionId(self.requests);
        let (up, down) = Default::default();
        let now = self.now;
        let connection = Connection { client: carrier, server: None, opened: now, used: now, up, down };
        self.connections.insert(id, connection);
        // TCP needs a round trip before the request is on its way.
        let at = self.arrival() + 2 * self.weather.latency;
        match self.weather.websocket.upgrade {
            Upgrade::Allowed => self.put(at, Parcel::Upgrade(id, query)),
            Upgrade::Hangs => {}
            Upgrade::Refused => self.put(at + self.weather.latency, Parcel::Upgraded(id, false)),
        }
    }

    pub(super) fn request(&mut self, request: RequestId, query: String, body: Bytes) {
        self.requests += 1;
        let id = ExchangeId(self.requests);
        let weather = self.weather;
        let http = weather.http;
        let body = if self.rng.percent(http.cut_requests) { self.cut_short(&body) } else { body };
        self.exchanges.insert(id, Exchange { request, query, body, arrived: None, weather });
        let mut at = self.arrival();
        if self.rng.percent(30) {
            at += 2 * weather.latency;
        }
        if self.rng.percent(http.error_pages) {
            let outcome = self.error_page();
            return self.put(at + weather.latency, Parcel::Response(id, outcome));
        }
        if self.rng.percent(http.lost_requests) {
            if self.rng.percent(50) {
                self.put(at + weather.latency, Parcel::Response(id, Outcome::Reset));
            }
            return;
        }
        if self.rng.percent(http.late_requests) {
            at += self.rng.millis(0..5000);
        }
        at += self.transfer(self.exchanges.get(&id).map_or(0, |exchange| exchange.body.len()));
        self.put(at, Parcel::Request(id));
        if self.rng.percent(http.duplicates) {
            let late = self.rng.millis(0..5000);
            self.put(at + late, Parcel::Request(id));
        }
    }

    pub(super) fn output(&mut self, output: Output) {
        match output {
            Output::Reply(id, body) => self.respond(id, body),
            Output::Refuse(id) => {
                let at = self.arrival();
                self.put(at, Parcel::Response(id, Outcome::Foreign));
            }
            Output::Send(id, packet) => self.frame(Side::Client, id, Some(message(&packet))),
            Output::Disconnect(id) => self.frame(Side::Client, id, None),
        }
    }

    /// Sends a message on a WebSocket, or its end.
    pub(super) fn frame(&mut self, to: Side, id: ConnectionId, frame: Option<Message>) {
        let arrival = self.arrival();
        let (mute, drops_first) = (self.is_mute(to), self.weather.websocket.drops_first);
        let now = self.now;
        let transfer = self.transfer(frame.as_ref().map_or(0, |message| match message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
        }));
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.used = now;
        let direction = connection.direction(to);
        direction.frames += 1;
        if mute || !direction.stalled.is_empty() {
            direction.stalled.push(frame);
        } else if !(drops_first && direction.frames == 1 && frame.is_some()) {
            let begins = direction.last.map_or(arrival, |last| last.max(arrival));
            let at = begins + transfer;
            direction.last = Some(at);
            Self::parts(begins, at).for_each(|at| self.put(at, Parcel::FramePart(to, id)));
            self.put(at, Parcel::Frame(to, id, frame));
        }
        if let Some(idle) = self.weather.websocket.cut_idle {
            self.put(self.now + idle, Parcel::Cut(id));
        }
    }

    pub(super) fn deliver(&mut self, parcel: Parcel) {
        let now = self.now;
        match parcel {
            Parcel::Upgrade(id, query) => self.deliver_upgrade(id, &query),
            Parcel::Upgraded(id, done) => {
                let Some(connection) = self.connections.get(&id) else { return };
                let carrier = connection.client;
                if done {
                    self.client.handle_websocket_open(now, carrier);
                } else {
                    self.connections.remove(&id);
                    self.client.handle_carrier_closed(now, carrier, CarrierEnd::Closed);
                }
            }
            Parcel::Frame(to, id, frame) => self.deliver_frame(to, id, frame),
            Parcel::FramePart(to, id) => {
                let is_mute = self.is_mute(to);
                let Some(connection) = self.connections.get(&id).filter(|_| !is_mute) else { return };
                match (to, connection.server) {
                    (Side::Client, _) => self.client.handle_heard(now, connection.client),
                    (Side::Server, Some((index, carrier))) => {
                        self.server.sessions[index].session.handle_heard(now, carrier);
                    }
                    (Side::Server, None) => {}
                }
            }
            Parcel::Cut(id) => {
                let rules = self.weather.websocket;
                let is_due =
                    |since: Instant, limit: Option<Duration>| limit.is_some_and(|it| since + it <= now);
                if let Some(connection) = self.connections.get(&id)
                    && (is_due(connection.opened, rules.cut_after) || is_due(connection.used, rules.cut_idle))
                {
                    self.cut(id);
                }
            }
            Parcel::Lost(carrier) => self.client.handle_carrier_closed(now, carrier, CarrierEnd::Failed),
            Parcel::Request(id) => self.deliver_request(id),
            Parcel::Impatience(id) => {
                if self.exchanges.contains_key(&id) {
                    let outcome = self.error_page();
                    self.deliver(Parcel::Response(id, outcome));
                    self.server.abort(id);
                }
            }
            Parcel::Response(id, outcome) => {
                let Some(Exchange { request, .. }) = self.exchanges.remove(&id) else { return };
                match outcome {
                    Outcome::Body(body) => self.client.handle_response(now, request, body),
                    Outcome::Foreign => self.client.handle_response_failed(now, request, Failure::Foreign),
                    Outcome::Reset => self.client.handle_response_failed(now, request, Failure::Error),
                }
            }
            Parcel::ResponsePart(id) => {
                if let Some(exchange) = self.exchanges.get(&id) {
                    self.client.handle_response_part(now, exchange.request);
                }
            }
            Parcel::Abort(id) => self.server.abort(id),
        }
    }

    fn deliver_upgrade(&mut self, id: ConnectionId, query: &str) {
        let server = self.server.handle_websocket(self.now, id, query);
        let at = self.arrival();
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.server = server;
        connection.down.last = Some(at);
        self.put(at, Parcel::Upgraded(id, true));
        if server.is_none() {
            self.frame(Side::Client, id, Some(message(&Record::End(End::Gone).prepare())));
            self.frame(Side::Client, id, None);
        }
        self.schedule_cuts(id);
    }

    fn deliver_frame(&mut self, to: Side, id: ConnectionId, frame: Option<Message>) {
        let now = self.now;
        let Some(connection) = self.connections.get(&id) else { return };
        match (to, frame, connection.server) {
            (Side::Client, Some(message), _) => self.client.handle_message(now, connection.client, message),
            (Side::Client, None, _) => {
                let carrier = connection.client;
                self.client.handle_carrier_closed(now, carrier, CarrierEnd::Closed);
            }
            (Side::Server, Some(message), Some((index, carrier))) => {
                self.server.sessions[index].session.handle_message(now, carrier, message);
            }
            (Side::Server, None, Some((index, carrier))) => {
                self.server.sessions[index].session.handle_carrier_closed(now, carrier, CarrierEnd::Closed);
            }
            (Side::Server, _, None) => {}
        }
    }

    fn deliver_request(&mut self, id: ExchangeId) {
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        exchange.arrived.get_or_insert(self.now);
        let (query, body, weather) = (exchange.query.clone(), exchange.body.clone(), exchange.weather);
        if weather.http.early_heads {
            let at = self.arrival();
            self.put(at, Parcel::ResponsePart(id));
        }
        if let Held::CutAfter(time) = weather.http.held {
            self.put(self.now + time, Parcel::Impatience(id));
        }
        if let Some(output) = self.server.handle_request(self.now, id, &query, body) {
            self.output(output);
        }
    }

    fn respond(&mut self, id: ExchangeId, body: Bytes) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let (http, now) = (self.weather.http, self.now);
        let was_held = exchange.arrived.is_some_and(|arrived| arrived < now);
        let mut at = self.arrival();
        if http.held == Held::Swallowed && was_held {
            return;
        }
        if self.rng.percent(http.lost_responses) {
            if self.rng.percent(50) {
                self.put(at, Parcel::Response(id, Outcome::Reset));
            }
            return;
        }
        if self.rng.percent(http.late_responses) {
            at += self.rng.millis(0..10_000);
        }
        let cuts = self.rng.percent(http.cut_responses);
        let body = if cuts { self.cut_short(&body) } else { body };
        let begins = at;
        at += self.transfer(body.len());
        Self::parts(begins, at).for_each(|at| self.put(at, Parcel::ResponsePart(id)));
        self.put(at, Parcel::Response(id, Outcome::Body(body)));
    }

    fn cut_short(&mut self, body: &Bytes) -> Bytes {
        let len = usize::try_from(self.rng.within(0..body.len() as u64)).expect("a length fits");
        // Half a character is no text, and HTTP stacks notice that.
        let end = (0..=len).rev().find(|end| str::from_utf8(&body[..*end]).is_ok()).unwrap_or(0);
        body.slice(..end)
    }

    fn error_page(&mut self) -> Outcome {
        match self.rng.within(0..3) {
            0 => Outcome::Foreign,
            1 => Outcome::Body(Bytes::from_static(b"<html>welcome to the hotel</html>")),
            _ => Outcome::Body(Bytes::from_static(b"")),
        }
    }

    fn cut(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.remove(&id) else { return };
        let now = self.now;
        self.put(now, Parcel::Lost(connection.client));
        if let Some((index, carrier)) = connection.server {
            self.server.sessions[index].session.handle_carrier_closed(now, carrier, CarrierEnd::Failed);
        }
    }

    fn schedule_cuts(&mut self, id: ConnectionId) {
        let rules = self.weather.websocket;
        let Some(connection) = self.connections.get(&id) else { return };
        let times = [
            rules.cut_after.map(|time| connection.opened + time),
            rules.cut_idle.map(|time| connection.used + time),
        ];
        for at in times.into_iter().flatten() {
            self.put(at.max(self.now), Parcel::Cut(id));
        }
    }

    fn is_mute(&self, to: Side) -> bool {
        match to {
            Side::Client => self.weather.websocket.mute_down,
            Side::Server => self.weather.websocket.mute_up,
        }
    }
}

impl Connection {
    fn direction(&mut self, to: Side) -> &mut Direction {
        match to {
            Side::Client => &mut self.down,
            Side::Server => &mut self.up,
        }
    }
}
