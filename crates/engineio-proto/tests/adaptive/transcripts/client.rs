use std::{collections::BTreeMap, sync::Arc, time::Instant};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Delivery, Event, Message, Prepared, Session, SessionConfig, Transmit,
    session::{
        CarrierEnd, CarrierId, RequestId,
        adaptive::{
            AdaptiveQuery, CarrierQuery, Exchange, Key, Record,
            body::{self, Chunk},
            ladder::{Failure, LadderConfig, Tier, Tiers},
        },
    },
};
use serde_json::{Value, json};

use super::{Table, Transcript, filled, ms};

/// What happens to a client. WebSockets are numbered from 1 in the order in which it opens them.
#[derive(Clone, Copy, Debug)]
pub(super) enum ClientInput<'a> {
    /// Every request under way is answered with this body; one that may not be held only with its first chunk, as it
    /// carries no packets of the server.
    Answered(&'a str),
    /// A WebSocket is closed, or refused before it was open.
    Closed(usize),
    /// Every request under way fails.
    Failed,
    /// OPEN comes on a WebSocket, or in the answer to a request.
    Handshake(usize),
    HandshakeAnswered,
    Opened(usize),
    /// Nothing but time.
    Pass,
    /// The last question on a WebSocket is answered.
    Pong(usize),
    /// The server says this on a WebSocket.
    Says(usize, &'a str),
    /// The application sends these texts.
    Sends(&'a [&'a str]),
}

/// What is not the same in all cases.
#[derive(Debug)]
pub(super) struct Setting {
    /// The tiers that the client uses.
    pub(super) tiers: &'static [Tier],
    /// Bytes, as OPEN states it.
    pub(super) window: usize,
    /// Milliseconds, as OPEN states it.
    pub(super) expiry: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Self { tiers: &Tier::ALL, window: 1000, expiry: 60_000 }
    }
}

impl Setting {
    fn handshake(&self) -> String {
        let Self { window, expiry, .. } = self;
        let offer = json!({ "window": window, "expiry": expiry, "carriers": Tiers::ALL.iter().map(Tier::name).collect::<Vec<_>>(), "period": 5000 });
        let handshake = json!({ "sid": "session", "upgrades": [], "pingInterval": 25_000, "pingTimeout": 20_000, "maxPayload": 1000, "adaptive": offer });
        format!("0{handshake}")
    }

    fn to_json(&self) -> Value {
        let tiers: Vec<_> = self.tiers.iter().map(|tier| tier.name()).collect();
        json!({ "tiers": tiers, "handshake": self.handshake() })
    }
}

/// Lets everything happen to a client, and writes down what it says.
pub(super) fn run(name: &'static str, setting: &Setting, table: Table<'_, ClientInput<'_>>) -> Transcript {
    let mut scene = Scene::new(setting);
    let mut steps = vec![scene.note(0, &json!({ "type": "start" }))];
    for (at, input) in table {
        scene.pass(*at);
        let input = scene.input(setting, *input);
        scene.pass(*at);
        steps.push(scene.note(*at, &input));
    }
    Transcript { name, side: "client", setting: setting.to_json(), steps }
}

/// A client, and the network that it sees.
struct Scene {
    session: Session,
    start: Instant,
    now: Instant,
    websockets: Vec<WebSocket>,
    noted_websockets: usize,
    /// Requests under way, and whether the server may answer them with packets.
    requests: Vec<(RequestId, bool)>,
    said: Vec<(Exchange, Option<u64>, Vec<String>)>,
    messages: Vec<String>,
    end: Option<CloseReason>,
}

struct WebSocket {
    id: CarrierId,
    sent: Vec<String>,
    asked: Option<String>,
}

impl Scene {
    fn new(setting: &Setting) -> Self {
        let now = Instant::now();
        let mut ladder = LadderConfig::default();
        ladder.tiers = setting.tiers.iter().copied().collect();
        let config = Arc::new(SessionConfig::default());
        let session = Session::adaptive_client(now, config, Key::from_random(1), ladder);
        let mut scene = Self {
            session,
            start: now,
            now,
            websockets: Vec::new(),
            noted_websockets: 0,
            requests: Vec::new(),
            said: Vec::new(),
            messages: Vec::new(),
            end: None,
        };
        scene.take_outputs();
        scene
    }

    /// Lets time pass until then.
    fn pass(&mut self, at: u64) {
        let end = self.start + ms(at);
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.session.handle_timeout(self.now);
            self.take_outputs();
        }
        self.now = end;
    }

    /// Gives the input as JSON.
    fn input(&mut self, setting: &Setting, input: ClientInput<'_>) -> Value {
        use ClientInput as In;
        match input {
            In::Answered(body) => self.answer(body),
            In::Closed(number) => {
                let id = self.websocket(number).id;
                self.session.handle_carrier_closed(self.now, id, CarrierEnd::Closed);
                self.take_outputs();
                json!({ "type": "closed", "websocket": number })
            }
            In::Failed => {
                for (request, _) in std::mem::take(&mut self.requests) {
                    self.session.handle_response_failed(self.now, request, Failure::Error);
                    self.take_outputs();
                }
                json!({ "type": "failed" })
            }
            In::Handshake(number) => self.hear(number, &setting.handshake()),
            In::HandshakeAnswered => self.answer(&format!("a0\x1es1\x1e{}\x1e", setting.handshake())),
            In::Opened(number) => {
                let id = self.websocket(number).id;
                self.session.handle_websocket_open(self.now, id);
                self.take_outputs();
                json!({ "type": "opened", "websocket": number })
            }
            In::Pass => json!({ "type": "pass" }),
            In::Pong(number) => {
                let asked = self.websocket(number).asked.take().expect("a question");
                self.hear(number, &asked.replacen('p', "o", 1));
                json!({ "type": "pong", "websocket": number })
            }
            In::Says(number, text) => self.hear(number, text),
            In::Sends(texts) => {
                let packets: Vec<_> = texts.iter().map(|text| Prepared::text(text)).collect();
                let _ = self.session.send(&packets, Delivery::Reliable);
                self.take_outputs();
                json!({ "type": "send", "texts": texts })
            }
        }
    }

    fn websocket(&mut self, number: usize) -> &mut WebSocket {
        &mut self.websockets[number - 1]
    }

    fn hear(&mut self, number: usize, text: &str) -> Value {
        let id = self.websocket(number).id;
        self.session.handle_message(self.now, id, Message::from(text));
        self.take_outputs();
        json!({ "type": "message", "websocket": number, "text": text })
    }

    fn answer(&mut self, body: &str) -> Value {
        for (request, is_held) in std::mem::take(&mut self.requests) {
            let end = body.find('\x1e').map_or(body.len(), |index| index + 1);
            let answer = if is_held { body } else { &body[..end] };
            self.session.handle_response(self.now, request, Bytes::copy_from_slice(answer.as_bytes()));
            self.take_outputs();
        }
        json!({ "type": "answered", "body": body })
    }

    fn take_outputs(&mut self) {
        while let Some(transmit) = self.session.poll_transmit() {
            match transmit {
                Transmit::Abort { request } => self.requests.retain(|(id, _)| *id != request),
                Transmit::Open { carrier, .. } => {
                    self.websockets.push(WebSocket { id: carrier, sent: Vec::new(), asked: None });
                }
                Transmit::Request { request, query, body } => self.request(request, &query, body),
                Transmit::Send { carrier, packet } => {
                    let text = String::from_utf8(packet.payload().to_vec()).expect("a text");
                    let websocket =
                        self.websockets.iter_mut().find(|it| it.id == carrier).expect("it exists");
                    if text.starts_with('p') {
                        websocket.asked = Some(text);
                    } else {
                        websocket.sent.push(text);
                    }
                }
                Transmit::Disconnect { .. } => {}
                other => unreachable!("an adaptive client does not {other:?}"),
            }
        }
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Message(Message::Text(text)) => self.messages.push(text.to_string()),
                Event::Closed(reason) => self.end = Some(reason),
                _ => {}
            }
        }
    }

    fn request(&mut self, request: RequestId, query: &str, body: Bytes) {
        let query = AdaptiveQuery::parse(query).expect("a client keeps the rules");
        let CarrierQuery::Exchange(exchange) = query.carrier else { panic!("a request on a WebSocket") };
        let is_held = exchange.hold.is_none_or(|hold| !hold.is_zero());
        self.requests.push((request, is_held));
        let mut first = None;
        let mut packets = Vec::new();
        for chunk in body::decode(body).expect("a whole body") {
            match chunk.expect("a client keeps the rules") {
                Chunk::Record(Record::First(number)) => first = Some(number),
                Chunk::Packet(engineio_proto::Packet::Message(Message::Text(text)), _) => {
                    packets.push(format!("4{text}"));
                }
                Chunk::Packet(..) => packets.push("1".to_owned()),
                _ => {}
            }
        }
        self.said.push((exchange, first, packets));
    }

    /// The step with everything since the last one.
    fn note(&mut self, at: u64, input: &Value) -> Value {
        let opened: Vec<_> = (self.noted_websockets + 1..=self.websockets.len()).collect();
        self.noted_websockets = self.websockets.len();
        let sent = self.websockets.iter_mut().zip(1..).filter(|(websocket, _)| !websocket.sent.is_empty());
        let sent: Vec<_> = sent
            .map(|(websocket, number)| {
                json!({ "websocket": number, "texts": std::mem::take(&mut websocket.sent) })
            })
            .collect();
        let status = self.session.adaptive_status().expect("an adaptive session");
        let output = filled(vec![
            ("opens", opened.into()),
            ("sends", sent.into()),
            ("requests", together(std::mem::take(&mut self.said)).into()),
            ("messages", std::mem::take(&mut self.messages).into()),
            ("end", self.end.map_or(Value::Null, |end| word(end).into())),
        ]);
        let tier = status.tier.filter(|_| self.end.is_none()).map(Tier::name);
        let buffered = status.unacknowledged_bytes + status.waiting_bytes;
        json!({ "at": at, "input": input, "output": output, "tier": tier, "buffered": buffered })
    }
}

/// Requests of one carrier and one epoch as one, because an implementation may say in one request or in several what
/// it has to say.
fn together(said: Vec<(Exchange, Option<u64>, Vec<String>)>) -> Vec<Value> {
    let mut carriers = BTreeMap::new();
    for (exchange, first, packets) in said {
        let carrier = carriers.entry((exchange.epoch, exchange.tier.name())).or_insert((0, None, Vec::new()));
        carrier.0 = exchange.ack.max(carrier.0);
        carrier.1 = carrier.1.or(first);
        carrier.2.extend(packets);
    }
    let objects = carriers.into_iter().map(|((epoch, name), (ack, first, packets))| {
        let (first, packets) = (first.map_or(Value::Null, Value::from), packets.into());
        filled(vec![
            ("carrier", name.into()),
            ("epoch", epoch.into()),
            ("ack", ack.into()),
            ("first", first),
            ("packets", packets),
        ])
    });
    objects.collect()
}

fn word(end: CloseReason) -> &'static str {
    match end {
        CloseReason::ParseError => "protocol",
        CloseReason::PingTimeout => "expired",
        CloseReason::SlowConsumer => "slow",
        CloseReason::TransportClose => "closed",
        CloseReason::TransportError => "unreachable",
        other => unreachable!("nobody says {other:?}"),
    }
}
