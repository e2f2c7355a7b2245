//! Adaptive sessions in virtual time, over a network with every fault that proxies have.

mod deliver;
mod server;
mod weather;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Delivery, Event, Message, Prepared, Sent, Session, SessionConfig, Tier, Transmit,
    session::{
        CarrierId, RequestId,
        adaptive::{
            Key, Status,
            ladder::{Cause, LadderConfig},
        },
    },
};

use crate::{Rng, Side};
use server::Server;
pub use weather::{Held, HttpWeather, Upgrade, Weather, WebSocketWeather};

/// A client and a server of an adaptive session in virtual time.
#[derive(Debug)]
pub struct AdaptivePair {
    /// The virtual time.
    pub now: Instant,
    /// What lies between the two; what is on its way has its weather already.
    weather: Weather,
    rng: Rng,
    client: Session,
    server: Server,
    client_application: Application,
    server_application: Application,
    parcels: BTreeMap<(Instant, u64), Parcel>,
    sent: u64,
    connections: HashMap<ConnectionId, Connection>,
    exchanges: HashMap<ExchangeId, Exchange>,
    /// The client does not run until then, and what arrives waits in order.
    asleep_until: Option<Instant>,
    mailbox: VecDeque<Parcel>,
    requests: u64,
    start: Instant,
    traces: bool,
}

/// What an application has been told.
#[derive(Debug, Default)]
struct Application {
    messages: Vec<Message>,
    /// When each came.
    times: Vec<Instant>,
    closed: Option<(CloseReason, Instant)>,
    switches: Vec<(Tier, Cause)>,
}

impl Application {
    fn handle(&mut self, now: Instant, event: Event) {
        assert_eq!(self.closed, None, "nothing comes behind the end, but {event:?}");
        match event {
            Event::Message(message) => {
                self.messages.push(message);
                self.times.push(now);
            }
            Event::Closed(reason) => self.closed = Some((reason, now)),
            Event::Carried { tier, cause } => self.switches.push((tier, cause)),
            _ => {}
        }
    }
}

/// A WebSocket on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConnectionId(u64);

/// A request on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ExchangeId(u64);

#[derive(Debug)]
struct Connection {
    client: CarrierId,
    /// The session at the server, and what that calls the WebSocket.
    server: Option<(usize, CarrierId)>,
    opened: Instant,
    used: Instant,
    up: Direction,
    down: Direction,
}

/// One direction of a WebSocket, in which nothing overtakes.
#[derive(Debug, Default)]
struct Direction {
    last: Option<Instant>,
    frames: u64,
    /// What waits for the network to come back.
    stalled: Vec<Option<Message>>,
}

#[derive(Debug)]
struct Exchange {
    request: RequestId,
    query: String,
    body: Bytes,
    arrived: Option<Instant>,
    weather: Weather,
}

/// Something on its way.
#[derive(Debug)]
enum Parcel {
    /// A request for a WebSocket, to the server.
    Upgrade(ConnectionId, String),
    /// The answer to it, to the client.
    Upgraded(ConnectionId, bool),
    /// A message on a WebSocket, or its end.
    Frame(Side, ConnectionId, Option<Message>),
    /// A part of a message on a WebSocket.
    FramePart(Side, ConnectionId),
    /// The network cuts a WebSocket, if it still may.
    Cut(ConnectionId),
    /// The end of a WebSocket that was cut, to the client.
    Lost(CarrierId),
    Request(ExchangeId),
    /// A proxy has waited long enough for the server.
    Impatience(ExchangeId),
    Response(ExchangeId, Outcome),
    /// A part of a response.
    ResponsePart(ExchangeId),
    /// The client is not interested any more, to the server.
    Abort(ExchangeId),
}

/// How a request ended for the client.
#[derive(Debug)]
enum Outcome {
    Body(Bytes),
    /// Another status than 200.
    Foreign,
    Reset,
}

impl AdaptivePair {
    /// A client that is about to open.
    pub fn new(seed: u64, config: SessionConfig, ladder: LadderConfig, weather: Weather) -> Self {
        let now = Instant::now();
        let config = Arc::new(config);
        let key = Key::from_random(u128::from(seed));
        Self {
            now,
            weather,
            rng: Rng::new(seed),
            client: Session::adaptive_client(now, Arc::clone(&config), key, ladder),
            server: Server::new(config),
            client_application: Application::default(),
            server_application: Application::default(),
            parcels: BTreeMap::new(),
            sent: 0,
            connections: HashMap::new(),
            exchanges: HashMap::new(),
            asleep_until: None,
            mailbox: VecDeque::new(),
            requests: 0,
            start: now,
            traces: std::env::var_os("ADAPTIVE_TRACE").is_some(),
        }
    }

    /// A pair with defaults.
    pub fn fair() -> Self {
        Self::new(1, SessionConfig::default(), LadderConfig::default(), Weather::fair())
    }

    // === Getters ===

    /// Virtual time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// The tier that carries the session, as the client sees it.
    pub fn tier(&self) -> Option<Tier> {
        self.client.tier()
    }

    /// How a side is doing; `None` before the server has a session.
    pub fn status(&self, side: Side) -> Option<Status> {
        self.session_of(side)?.adaptive_status()
    }

    /// Whether a side can send.
    pub fn is_open(&self, side: Side) -> bool {
        self.session_of(side).is_some_and(Session::is_open)
    }

    /// How many sessions the server has.
    pub fn sessions(&self) -> usize {
        self.server.live()
    }

    /// How many sessions the server has ever had.
    pub fn opened_sessions(&self) -> usize {
        self.server.sessions.len()
    }

    /// How many requests and WebSockets the client has begun.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// What a side's application has received.
    pub fn messages(&self, side: Side) -> &[Message] {
        &self.application(side).messages
    }

    /// The virtual time since the beginning at which each of them came.
    pub fn received_at(&self, side: Side) -> impl Iterator<Item = Duration> {
        self.application(side).times.iter().map(|at| *at - self.start)
    }

    /// Why a side's session ended.
    pub fn closed(&self, side: Side) -> Option<CloseReason> {
        self.application(side).closed.map(|(reason, _)| reason)
    }

    /// The virtual time since the beginning at which a side's session ended.
    pub fn closed_at(&self, side: Side) -> Option<Duration> {
        self.application(side).closed.map(|(_, at)| at - self.start)
    }

    /// The carriers that the session has had, as the client sees it.
    pub fn switches(&self) -> &[(Tier, Cause)] {
        &self.client_application.switches
    }

    fn application(&self, side: Side) -> &Application {
        match side {
            Side::Client => &self.client_application,
            Side::Server => &self.server_application,
        }
    }

    fn session_of(&self, side: Side) -> Option<&Session> {
        match side {
            Side::Client => Some(&self.client),
            Side::Server => self.server.sessions.first().map(|entry| &entry.session),
        }
    }

    // === What happens ===

    /// Sends from one side.
    pub fn send(&mut self, side: Side, message: &Message) -> Sent {
        let packets = [Prepared::new(message)];
        let sent = match side {
            Side::Client => self.client.send(&packets, Delivery::Reliable),
            Side::Server => match self.server.sessions.first_mut() {
                Some(entry) => entry.session.send(&packets, Delivery::Reliable),
                None => Sent::Dropped,
            },
        };
        self.flush();
        sent
    }

    /// Closes from one side.
    pub fn close(&mut self, side: Side) {
        let (now, reason) = (self.now, CloseReason::ForcedClose);
        match side {
            Side::Client => self.client.close(now, reason),
            Side::Server => {
                if let Some(entry) = self.server.sessions.first_mut() {
                    entry.session.close(now, reason);
                }
            }
        }
        self.flush();
    }

    /// Tells the client whether events are expected.
    pub fn expect_events(&mut self, expecting: bool) {
        self.client.expect_events(self.now, expecting);
        self.flush();
    }

    /// Lets the client sleep: it sees and does nothing for this time.
    pub fn sleep(&mut self, time: Duration) {
        self.asleep_until = self.asleep_until.max(Some(self.now + time));
    }

    /// Lets this much time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        self.flush();
        let (mut at_once, mut before) = (0, self.now);
        while let Some(at) = self.next().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            at_once = if self.now == before { at_once + 1 } else { 0 };
            before = self.now;
            assert!(at_once < 10_000, "the two keep each other busy without time passing");
            self.step();
        }
        self.now = end;
    }

    fn next(&self) -> Option<Instant> {
        let client = self.client.poll_timeout().map(|at| self.asleep_until.map_or(at, |until| at.max(until)));
        let servers = self.server.sessions.iter().filter_map(|entry| entry.session.poll_timeout());
        let network = self.parcels.keys().next().map(|(at, _)| *at);
        let waking = self.asleep_until.filter(|_| !self.mailbox.is_empty());
        servers.chain(client).chain(network).chain(waking).min()
    }

    fn step(&mut self) {
        let now = self.now;
        if self.asleep_until.take_if(|until| *until <= now).is_some() {
            for parcel in std::mem::take(&mut self.mailbox) {
                self.deliver(parcel);
                self.flush();
            }
        }
        while let Some(entry) = self.parcels.first_entry().filter(|entry| entry.key().0 <= now) {
            let parcel = entry.remove();
            self.trace(&parcel);
            if self.asleep_until.is_some() && parcel.is_for_client() {
                self.mailbox.push_back(parcel);
            } else {
                self.deliver(parcel);
            }
            self.flush();
        }
        if self.asleep_until.is_none() && self.client.poll_timeout().is_some_and(|at| at <= now) {
            self.client.handle_timeout(now);
        }
        for entry in &mut self.server.sessions {
            if entry.session.poll_timeout().is_some_and(|at| at <= now) {
                entry.session.handle_timeout(now);
            }
        }
        self.flush();
    }

    /// Takes all outputs of both sides.
    fn flush(&mut self) {
        loop {
            let mut idle = true;
            while let Some(transmit) = self.client.poll_transmit() {
                idle = false;
                self.transmit(transmit);
            }
            while let Some(output) = self.server.poll_output() {
                idle = false;
                self.output(output);
            }
            if idle {
                break;
            }
        }
        while let Some(event) = self.client.poll_event() {
            self.client_application.handle(self.now, event);
        }
        for (index, entry) in self.server.sessions.iter_mut().enumerate() {
            while let Some(event) = entry.session.poll_event() {
                if index == 0 {
                    self.server_application.handle(self.now, event);
                }
            }
        }
    }

    /// With `ADAPTIVE_TRACE` in the environment, prints what is delivered, for whoever replays a schedule.
    #[expect(clippy::print_stderr, reason = "a test helper that was asked to")]
    fn trace(&self, parcel: &Parcel) {
        if self.traces {
            let query = match parcel {
                Parcel::Request(id) => self.exchanges.get(id).map(|it| (it.query.as_str(), &it.body)),
                _ => None,
            };
            eprintln!("{:?} {parcel:?} {query:?}", self.elapsed());
        }
    }

    fn put(&mut self, at: Instant, parcel: Parcel) {
        self.sent += 1;
        self.parcels.insert((at, self.sent), parcel);
    }

    fn transmit(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::Open { carrier, query } => self.open(carrier, query),
            Transmit::Request { request, query, body } => self.request(request, query, body),
            Transmit::Abort { request } => {
                let exchange = self.exchanges.iter().find(|(_, exchange)| exchange.request == request);
                if let Some(id) = exchange.map(|(id, _)| *id) {
                    self.exchanges.remove(&id);
                    if self.rng.percent(70) {
                        let at = self.arrival();
                        self.put(at, Parcel::Abort(id));
                    }
                }
            }
            Transmit::Send { carrier, packet } => {
                if let Some(id) = self.connection_of(carrier) {
                    self.frame(Side::Server, id, Some(message(&packet)));
                }
            }
            Transmit::Disconnect { carrier, .. } => {
                if let Some(id) = self.connection_of(carrier) {
                    self.frame(Side::Server, id, None);
                }
            }
            other => unreachable!("an adaptive client does not {other:?}"),
        }
    }

    fn connection_of(&self, carrier: CarrierId) -> Option<ConnectionId> {
        self.connections.iter().find(|(_, connection)| connection.client == carrier).map(|(id, _)| *id)
    }

    /// How long so many bytes take, beside the way.
    fn transfer(&self, bytes: usize) -> Duration {
        let rate = self.weather.rate.map_or(f64::INFINITY, f64::from);
        Duration::from_secs_f64(f64::from(u32::try_from(bytes).expect("a short message")) / rate)
    }

    /// The times at which parts arrive of what is whole at `end`.
    fn parts(from: Instant, end: Instant) -> impl Iterator<Item = Instant> {
        std::iter::successors(Some(from + PART), |at| Some(*at + PART)).take_while(move |at| *at < end)
    }

    /// When something that is sent now arrives.
    fn arrival(&mut self) -> Instant {
        let jitter = u64::try_from(self.weather.jitter.as_micros()).expect("a short time");
        self.now + self.weather.latency + Duration::from_micros(self.rng.within(0..jitter + 1))
    }
}

/// The time between two parts of what arrives slowly.
const PART: Duration = Duration::from_millis(200);

impl Parcel {
    fn is_for_client(&self) -> bool {
        matches!(
            self,
            Self::Upgraded(..)
                | Self::Frame(Side::Client, ..)
                | Self::FramePart(Side::Client, _)
                | Self::Lost(_)
                | Self::Response(..)
                | Self::ResponsePart(_)
        )
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
