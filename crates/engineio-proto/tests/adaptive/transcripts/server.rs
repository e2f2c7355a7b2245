use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Delivery, Event, Message, Prepared, Session, SessionConfig, Transmit,
    session::{
        CarrierEnd, CarrierId, PollId,
        adaptive::{AdaptiveQuery, CarrierQuery},
    },
};
use serde_json::{Value, json};

use super::{Table, Transcript, filled, ms};

/// What happens to a server's session.
#[derive(Clone, Copy, Debug)]
pub(super) enum ServerInput<'a> {
    Closed(u32),
    Opened(u32),
    Pass,
    /// A request: its number, its query without the session's name, and its body.
    Request(u32, &'a str, &'a str),
    Says(u32, &'a str),
    Sends(&'a [&'a str]),
}

/// Lets everything happen to a server's session, and writes down what it says.
pub(super) fn run(name: &'static str, table: Table<'_, ServerInput<'_>>) -> Transcript {
    let start = Instant::now();
    let mut config = SessionConfig::default();
    config.adaptive.window = WINDOW;
    config.max_payload = 1000;
    let session = Session::adaptive_server(start, "session".parse().unwrap(), Arc::new(config));
    let mut scene = Scene { session, start, now: start, said: Vec::new(), messages: Vec::new(), end: None };
    let mut steps = Vec::new();
    for (at, input) in table {
        scene.pass(*at);
        let input = scene.input(*input);
        scene.pass(*at);
        steps.push(scene.note(*at, &input));
    }
    let setting = json!({ "sid": "session", "window": WINDOW, "maxPayload": 1000, "expiry": 60_000 });
    Transcript { name, side: "server", setting, steps }
}

const WINDOW: usize = 100;

struct Scene {
    session: Session,
    start: Instant,
    now: Instant,
    said: Vec<Value>,
    messages: Vec<String>,
    end: Option<CloseReason>,
}

impl Scene {
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
    fn input(&mut self, input: ServerInput<'_>) -> Value {
        use ServerInput as In;
        let now = self.now;
        let json = match input {
            In::Closed(number) => {
                self.session.handle_carrier_closed(now, CarrierId(number), CarrierEnd::Closed);
                json!({ "type": "closed", "websocket": number })
            }
            In::Opened(number) => {
                self.session.handle_websocket(now, CarrierId(number)).expect("an adaptive session takes any");
                json!({ "type": "opened", "websocket": number })
            }
            In::Pass => json!({ "type": "pass" }),
            In::Request(number, query, body) => {
                self.request(number, query, body);
                json!({ "type": "request", "request": number, "query": query, "body": body })
            }
            In::Says(number, text) => {
                self.session.handle_message(now, CarrierId(number), Message::from(text));
                json!({ "type": "message", "websocket": number, "text": text })
            }
            In::Sends(texts) => {
                let packets: Vec<_> = texts.iter().map(|text| Prepared::text(text)).collect();
                let _ = self.session.send(&packets, Delivery::Reliable);
                json!({ "type": "send", "texts": texts })
            }
        };
        self.take_outputs();
        json
    }

    fn request(&mut self, number: u32, query: &str, body: &str) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let taken = AdaptiveQuery::parse(&format!("sid=session&{query}")).and_then(|query| {
            let CarrierQuery::Exchange(exchange) = query.carrier else { panic!("a request on a WebSocket") };
            self.session.handle_request(self.now, PollId(number), &exchange, body)
        });
        if taken.is_err() {
            self.said.push(json!({ "request": number, "status": 400 }));
        }
    }

    fn take_outputs(&mut self) {
        while let Some(transmit) = self.session.poll_transmit() {
            self.said.push(match transmit {
                Transmit::Disconnect { carrier, code } => {
                    json!({ "websocket": carrier.0, "close": code.map_or(1000, |code| code.get()) })
                }
                Transmit::Reply { poll, body } => {
                    json!({ "request": poll.0, "body": String::from_utf8(body.to_vec()).unwrap() })
                }
                Transmit::Send { carrier, packet } => {
                    let text = String::from_utf8(packet.payload().to_vec()).expect("a text");
                    json!({ "websocket": carrier.0, "text": text })
                }
                other => unreachable!("a server does not {other:?}"),
            });
        }
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Message(Message::Text(text)) => self.messages.push(text.to_string()),
                Event::Closed(reason) => self.end = Some(reason),
                _ => {}
            }
        }
    }

    fn note(&mut self, at: u64, input: &Value) -> Value {
        let output = filled(vec![
            ("says", std::mem::take(&mut self.said).into()),
            ("messages", std::mem::take(&mut self.messages).into()),
            ("end", self.end.map_or(Value::Null, |end| word(end).into())),
        ]);
        json!({ "at": at, "input": input, "output": output })
    }
}

fn word(end: CloseReason) -> &'static str {
    match end {
        CloseReason::ParseError => "protocol",
        CloseReason::PingTimeout => "expired",
        CloseReason::SlowConsumer => "slow",
        CloseReason::TransportClose => "closed",
        CloseReason::TransportError => "large",
        other => unreachable!("nobody says {other:?}"),
    }
}
