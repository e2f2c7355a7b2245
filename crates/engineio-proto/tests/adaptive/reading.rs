//! What a client makes of what it reads, written down for the others.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    Event, Message, Session, SessionConfig, Tier, Transmit,
    session::{
        CarrierId, RequestId,
        adaptive::{
            Key,
            ladder::{LadderConfig, Tiers},
        },
    },
};
use serde_json::{Value, json};

const OPEN: &str = r#"0{"sid":"one","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000,"adaptive":{"window":1000,"expiry":60000,"carriers":["websocket","long-poll","periodic"],"period":5000}}"#;

/// Messages on a WebSocket that has attached and brought OPEN.
const MESSAGES: &[&[&str]] = &[
    &["4a", "4b"],
    &["4a", "s2", "4a", "4b"],
    &["s2", "4a"],
    &["s3"],
    &["4a", "s4", "4b"],
    &["t3,0,2"],
    &["t3,0,1"],
    &["t4,0,2"],
    &["h250"],
    &["a0", "4a"],
    &["a1"],
    &["ax"],
    &["l20000", "4a"],
    &["lx"],
    &["z9", "4a"],
    &["p1", "4a"],
    &["o9", "4a"],
    &["2"],
    &["3"],
    &["6"],
    &["9"],
    &[""],
    &["0{}"],
    &[OPEN],
    &["s1", OPEN, "4a"],
    &["4a", "1"],
    &["1", "4a"],
    &["xslow"],
    &["xnewer"],
    &["xstale"],
];

/// The body of a `periodic` response, behind one that brought OPEN.
const BODIES: &[&str] = &[
    "a0\x1e",
    "a0\x1es2\x1e4a\x1e4b\x1e",
    "a0\x1eh300\x1es2\x1e4a\x1e",
    "a0\x1ez1\x1es2\x1e4a\x1ez2\x1e",
    "a0\x1es2\x1e4a\x1es3\x1e4b\x1e",
    "a0\x1es2\x1es2\x1e4a\x1e",
    "a0\x1es3\x1e",
    "a0\x1es3\x1e4a\x1e",
    "a0\x1e4a\x1e",
    "a0\x1ea0\x1es2\x1e4a\x1e",
    "a0\x1et3,0,2\x1es2\x1e4a\x1e",
    "a0\x1ep1\x1e",
    "a0\x1eo1\x1e",
    "a0\x1el20000\x1es2\x1e4a\x1e",
    "a0\x1exgone\x1e",
    "a0\x1es2\x1e4a\x1exgone\x1e",
    "a0\x1ehx\x1e",
    "a0\x1es2\x1e4a\x1eb!\x1e",
    "a0\x1es2\x1e2\x1e",
    "a0\x1es2\x1e0{}\x1e",
    "a0\x1es2\x1e4a",
    "a0",
    "",
    "a1\x1e",
    "ax\x1e",
    "h300\x1e",
    "s2\x1e4a\x1e",
    "z1\x1ea0\x1e",
    "<html>\x1e",
    "xslow\x1e",
    "xnewer\x1e",
    "xstale\x1e",
    "xslow\x1ea0\x1e",
    "a0\x1es2\x1e4a\x1e1\x1e",
    "a0\x1es2\x1e1\x1e4a\x1e",
];

#[test]
fn the_vectors_are_up_to_date() {
    let messages = MESSAGES.iter().map(|messages| on_websocket(messages)).collect();
    let mut bodies: Vec<_> = BODIES.iter().map(|body| on_http(body)).collect();
    bodies.push(on_http(&format!("a0\x1es1\x1e{OPEN}\x1e4a\x1e")));
    let lines = |cases: Vec<Value>| cases.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n");
    let open = json!(OPEN);
    let (messages, bodies) = (lines(messages), lines(bodies));
    let text = format!("{{\"open\": {open}, \"websocket\": [\n{messages}\n], \"http\": [\n{bodies}\n]}}\n");
    crate::files::compare("reading", &text);
}

fn on_websocket(messages: &[&str]) -> Value {
    let (mut session, now) = client(Tier::WebSocket);
    let carrier = open_websocket(&mut session);
    session.handle_websocket_open(now, carrier);
    for message in ["t3,0,1", OPEN].iter().chain(messages) {
        session.handle_message(now, carrier, Message::from(*message));
    }
    let (delivers, then) = outcome(&mut session);
    json!({ "messages": messages, "delivers": delivers, "then": then })
}

fn on_http(body: &str) -> Value {
    let (mut session, now) = client(Tier::Periodic);
    let request = request(&mut session);
    session.handle_response(now, request, Bytes::from(format!("a0\x1es1\x1e{OPEN}\x1e")));
    let now = now + Duration::from_secs(5);
    session.handle_timeout(now);
    let request = self::request(&mut session);
    session.handle_response(now, request, Bytes::copy_from_slice(body.as_bytes()));
    let (delivers, then) = outcome(&mut session);
    json!({ "body": body, "delivers": delivers, "then": then })
}

fn client(tier: Tier) -> (Session, Instant) {
    let now = Instant::now();
    let mut ladder = LadderConfig::default();
    ladder.tiers = Tiers::NONE.with(tier);
    (Session::adaptive_client(now, Arc::new(SessionConfig::default()), Key::from_random(1), ladder), now)
}

fn open_websocket(session: &mut Session) -> CarrierId {
    let opened = std::iter::from_fn(|| session.poll_transmit()).find_map(|transmit| match transmit {
        Transmit::Open { carrier, .. } => Some(carrier),
        _ => None,
    });
    opened.expect("a WebSocket is opened")
}

fn request(session: &mut Session) -> RequestId {
    let made = std::iter::from_fn(|| session.poll_transmit()).find_map(|transmit| match transmit {
        Transmit::Request { request, .. } => Some(request),
        _ => None,
    });
    made.expect("a request is made")
}

fn outcome(session: &mut Session) -> (Vec<String>, &'static str) {
    let (mut delivers, mut is_over) = (Vec::new(), false);
    while let Some(event) = session.poll_event() {
        match event {
            Event::Message(Message::Text(text)) => delivers.push(text.to_string()),
            Event::Closed(_) => is_over = true,
            _ => {}
        }
    }
    let then = match session.tier() {
        _ if is_over => "the session is over",
        None => "the carrier has failed",
        Some(_) => "it goes on",
    };
    (delivers, then)
}
