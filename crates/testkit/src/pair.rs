use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Delivery, Event, Message, Prepared, Sent, Session, SessionConfig, Sid, Transmit,
    session::{CarrierEnd, CarrierId, Opening, PollId},
};

use crate::{Network, WebSockets};

/// A client and a server session in virtual time: no clock, no sockets, no runtime.
#[derive(Debug)]
pub struct Pair {
    /// The virtual time.
    pub now: Instant,
    /// What lies between the two.
    pub network: Network<Parcel>,
    /// The client.
    pub client: Peer,
    /// The server; it has a session once the opening request has arrived.
    pub server: Peer,
    config: Arc<SessionConfig>,
    polls: u32,
    start: Instant,
}

/// One end of a [`Pair`].
#[derive(Debug)]
pub struct Peer {
    /// The state machine.
    pub session: Option<Session>,
    /// Everything that it has told its application.
    pub events: Vec<Event>,
}

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that opens.
    Client,
    /// The one that is opened.
    Server,
}

/// Something on its way.
#[derive(Debug)]
pub enum Parcel {
    /// A poll to the server.
    Get,
    /// A post to the server.
    Post(Bytes),
    /// The answer to a poll.
    PollReply(PollId, Bytes),
    /// The answer to a post.
    PostReply,
    /// A request was refused.
    Refused,
    /// A WebSocket is being opened.
    Connect(CarrierId),
    /// It is open.
    Connected(CarrierId),
    /// A message on a WebSocket.
    Frame(Side, CarrierId, Message),
    /// A WebSocket was closed, as this side sees it.
    Closed(Side, CarrierId),
}

impl Pair {
    /// A client that is about to open with polling.
    pub fn polling(config: SessionConfig) -> Self {
        Self::new(config, Opening::Polling)
    }

    /// A client that is about to open with a WebSocket.
    pub fn websocket(config: SessionConfig) -> Self {
        Self::new(config, Opening::WebSocket(CarrierId(0)))
    }

    fn new(config: SessionConfig, opening: Opening) -> Self {
        let now = Instant::now();
        let config = Arc::new(config);
        let session = Session::client(now, Arc::clone(&config), opening);
        Self {
            now,
            network: Network::new(),
            client: Peer { session: Some(session), events: Vec::new() },
            server: Peer { session: None, events: Vec::new() },
            config,
            polls: 0,
            start: now,
        }
    }

    /// Virtual time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// The session of a side.
    ///
    /// # Panics
    /// The server has not been opened yet.
    pub fn session(&mut self, side: Side) -> &mut Session {
        self.peer(side).session.as_mut().expect("the session is open")
    }

    /// Sends text from one side.
    pub fn send(&mut self, side: Side, text: &str) -> Sent {
        let sent = self.session(side).send(&[Prepared::text(text)], Delivery::Reliable);
        self.flush();
        sent
    }

    /// Closes from one side.
    pub fn close(&mut self, side: Side, reason: CloseReason) {
        let now = self.now;
        self.session(side).close(now, reason);
        self.flush();
    }

    /// Lets this much time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        self.flush();
        while let Some(at) = self.next().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = end;
    }

    /// The texts that a side has received.
    pub fn received(&self, side: Side) -> Vec<&str> {
        let events = match side {
            Side::Client => &self.client.events,
            Side::Server => &self.server.events,
        };
        let texts = events.iter().filter_map(|event| match event {
            Event::Message(Message::Text(text)) => Some(&**text),
            _ => None,
        });
        texts.collect()
    }

    /// Why a side's session ended.
    pub fn closed(&self, side: Side) -> Option<CloseReason> {
        let events = match side {
            Side::Client => &self.client.events,
            Side::Server => &self.server.events,
        };
        let mut reasons = events.iter().filter_map(|event| match event {
            Event::Closed(reason) => Some(*reason),
            _ => None,
        });
        let reason = reasons.next();
        assert_eq!(reasons.next(), None, "a session ends once");
        reason
    }

    /// Breaks a WebSocket so that each side sees the end at once.
    pub fn cut(&mut self, carrier: CarrierId) {
        let now = self.now;
        for side in [Side::Client, Side::Server] {
            if let Some(session) = &mut self.peer(side).session {
                session.handle_carrier_closed(now, carrier, CarrierEnd::Failed);
            }
        }
        self.flush();
    }

    fn peer(&mut self, side: Side) -> &mut Peer {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn next(&self) -> Option<Instant> {
        let timeouts = [&self.client, &self.server].map(|peer| peer.session.as_ref()?.poll_timeout());
        timeouts.into_iter().chain([self.network.next_arrival()]).flatten().min()
    }

    fn step(&mut self) {
        while let Some(parcel) = self.network.arrive(self.now) {
            self.deliver(parcel);
            self.flush();
        }
        let now = self.now;
        for side in [Side::Client, Side::Server] {
            if let Some(session) = &mut self.peer(side).session {
                session.handle_timeout(now);
            }
        }
        self.flush();
    }

    fn deliver(&mut self, parcel: Parcel) {
        let now = self.now;
        match parcel {
            Parcel::Get => self.deliver_poll(),
            Parcel::Post(body) => {
                let accepted = self.server.session.as_mut().is_some_and(|s| s.handle_post(now, body).is_ok());
                self.network.send(now, if accepted { Parcel::PostReply } else { Parcel::Refused });
            }
            Parcel::PollReply(_, body) => self.session(Side::Client).handle_poll_reply(now, body),
            Parcel::PostReply => self.session(Side::Client).handle_post_reply(),
            Parcel::Refused => self.session(Side::Client).handle_request_failed(),
            Parcel::Connect(carrier) => self.deliver_connect(carrier),
            Parcel::Connected(carrier) => self.session(Side::Client).handle_websocket_open(now, carrier),
            Parcel::Frame(to, carrier, message) => {
                if let Some(session) = &mut self.peer(to).session {
                    session.handle_message(now, carrier, message);
                }
            }
            Parcel::Closed(to, carrier) => {
                if let Some(session) = &mut self.peer(to).session {
                    session.handle_carrier_closed(now, carrier, CarrierEnd::Closed);
                }
            }
        }
    }

    fn deliver_poll(&mut self) {
        let now = self.now;
        self.polls += 1;
        let poll = PollId(self.polls);
        let (config, server) = (&self.config, &mut self.server.session);
        let session =
            server.get_or_insert_with(|| Session::server(now, sid(), config.clone(), Opening::Polling));
        if session.handle_poll(now, poll).is_err() {
            self.network.send(now, Parcel::Refused);
        }
    }

    fn deliver_connect(&mut self, carrier: CarrierId) {
        let now = self.now;
        if self.network.websockets == WebSockets::Refused {
            return self.network.send(now, Parcel::Closed(Side::Client, carrier));
        }
        let accepted = match &mut self.server.session {
            Some(session) => session.handle_websocket(now, carrier).is_ok(),
            None => {
                let opening = Opening::WebSocket(carrier);
                self.server.session = Some(Session::server(now, sid(), Arc::clone(&self.config), opening));
                true
            }
        };
        let parcel =
            if accepted { Parcel::Connected(carrier) } else { Parcel::Closed(Side::Client, carrier) };
        self.network.send(now, parcel);
    }

    /// Takes all outputs of both sides.
    fn flush(&mut self) {
        for side in [Side::Client, Side::Server] {
            while let Some(transmit) = self.peer(side).session.as_mut().and_then(Session::poll_transmit) {
                self.transmit(side, transmit);
            }
            let peer = self.peer(side);
            while let Some(event) = peer.session.as_mut().and_then(Session::poll_event) {
                peer.events.push(event);
            }
        }
    }

    fn transmit(&mut self, from: Side, transmit: Transmit) {
        let to = match from {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        };
        let parcel = match transmit {
            Transmit::Get => Parcel::Get,
            Transmit::Post { body } => Parcel::Post(body),
            Transmit::Connect { carrier } => Parcel::Connect(carrier),
            Transmit::Disconnect { carrier, .. } => Parcel::Closed(to, carrier),
            Transmit::Send { carrier, packet } if self.network.websockets == WebSockets::Allowed => {
                Parcel::Frame(to, carrier, message(&packet))
            }
            Transmit::Send { .. } => return,
            Transmit::Reply { poll, body } => return self.reply(poll, body),
            other => unreachable!("unknown output {other:?}"),
        };
        self.network.send(self.now, parcel);
    }

    fn reply(&mut self, poll: PollId, body: Bytes) {
        if self.network.lose_replies > 0 {
            self.network.lose_replies -= 1;
            self.session(Side::Server).handle_poll_aborted(poll);
            // The client's HTTP stack repeats the poll, as browsers do for an idempotent request.
            return self.network.send(self.now, Parcel::Get);
        }
        self.session(Side::Server).handle_reply_sent(poll);
        self.network.send(self.now, Parcel::PollReply(poll, body));
    }
}

fn message(packet: &Prepared) -> Message {
    let payload = Bytes::copy_from_slice(packet.payload());
    if packet.is_binary() {
        Message::Binary(payload)
    } else {
        Message::Text(payload.try_into().expect("a text packet is UTF-8"))
    }
}

fn sid() -> Sid {
    "virtual-session".parse().expect("a valid id")
}
