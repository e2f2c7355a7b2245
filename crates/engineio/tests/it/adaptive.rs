mod claims;

use std::{net::SocketAddr, time::Duration};

use crate::support::{self, Server, server};
use engineio::{CloseReason, Config, Cookie, Prepared, Tier};
use engineio_proto::frame::{CloseCode, Opcode, WebSocketEvent, masked_frame};
use testkit::raw::{self, Reply, WebSocket};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const PATH: &str = "/engine.io/?EIO=4&transport=adaptive";
const KEY: &str = "key=0123456789abcdefghijkl";

/// A client that speaks the protocol word by word.
struct Client {
    addr: SocketAddr,
    /// `sid=…`, or `key=…`.
    name: String,
    seq: u64,
}

impl Client {
    /// Opens with a long-poll of epoch 1 and gives what OPEN says.
    async fn open(server: &Server) -> Self {
        let mut client = Self { addr: server.addr, name: KEY.to_owned(), seq: 0 };
        let body = client.post("long-poll", 1, 0, "a0\x1e").await.body;
        assert!(body.starts_with("a0\x1es1\x1e0{"), "{body}");
        let sid = body.split('"').nth(3).unwrap();
        client.name = format!("sid={sid}");
        client
    }

    async fn post(&mut self, carrier: &str, epoch: u64, ack: u64, body: &str) -> Reply {
        self.seq += 1;
        let target =
            format!("{PATH}&carrier={carrier}&{}&epoch={epoch}&ack={ack}&seq={}", self.name, self.seq);
        raw::post(self.addr, &target, body).await.unwrap()
    }

    /// Sends only.
    async fn push(&mut self, epoch: u64, ack: u64, body: &str) -> Reply {
        self.seq += 1;
        let Self { name, seq, .. } = self;
        let target = format!("{PATH}&carrier=long-poll&{name}&epoch={epoch}&ack={ack}&seq={seq}&hold=0");
        raw::post(self.addr, &target, body).await.unwrap()
    }

    async fn websocket(&self) -> WebSocket {
        WebSocket::connect(self.addr, &format!("{PATH}&carrier=websocket&{}", self.name)).await.unwrap()
    }
}

async fn texts<const N: usize>(websocket: &mut WebSocket) -> [String; N] {
    let mut texts = [const { String::new() }; N];
    for text in &mut texts {
        *text = websocket.text().await.expect("a text");
    }
    texts
}

async fn ended(websocket: &mut WebSocket, record: &str, code: CloseCode) {
    assert_eq!(websocket.text().await.as_deref(), Some(record));
    assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(Some(code))));
}

#[tokio::test]
async fn a_client_that_asks_first_does_not_send_what_is_too_large() {
    let mut config = Config::default();
    config.max_payload = 100;
    let server = server(config).await;
    let target = format!("{PATH}&carrier=long-poll&{KEY}&epoch=1&ack=0&seq=1");
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 5000000\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200") && reply.ends_with("xlarge\u{1e}"), "{reply}");
}

#[tokio::test]
async fn a_websocket_opens_attaches_and_carries_standard_packets() {
    let server = server(Config::default()).await;
    let target = format!("{PATH}&carrier=websocket&{KEY}");
    let mut websocket = WebSocket::connect(server.addr, &target).await.unwrap();
    websocket.send("p7").await.unwrap();
    websocket.send("t3,0,1").await.unwrap();
    let [pong, attach, open] = texts(&mut websocket).await;
    assert_eq!((pong.as_str(), attach.as_str()), ("o7", "t3,0,1"));
    assert!(
        open.ends_with(
            r#""adaptive":{"window":262144,"expiry":60000,"carriers":["websocket","long-poll","periodic"],"period":5000}}"#
        ),
        "{open}"
    );
    websocket.send("4hello").await.unwrap();
    assert_eq!(texts(&mut websocket).await, ["a1", "4hello"], "the count goes with the answer");
    websocket.send_frame(Opcode::Binary, &[0, 1, 255]).await.unwrap();
    assert_eq!(websocket.binary().await.as_deref(), Some(&[0, 1, 255][..]));
    assert_eq!(websocket.text().await.as_deref(), Some("a2"), "told without being asked");
    assert_eq!(server.service.connections().adaptive.websocket, 1);
    assert_eq!(server.service.connections().websocket, 0);
}

#[tokio::test]
async fn a_message_is_heard_while_its_parts_come() {
    let server = server(Config::default()).await;
    let client = Client::open(&server).await;
    let mut websocket = client.websocket().await;
    websocket.send("t4,1,1").await.unwrap();
    assert_eq!(texts(&mut websocket).await, ["t4,0,2"]);
    let mut told = Vec::new();
    for part in 0..4 {
        let opcode = if part == 0 { Opcode::Text } else { Opcode::Continuation };
        let mut frame = masked_frame(opcode, b"4", [0; 4]).to_vec();
        // It is not the last of its message.
        frame[0] &= 0x7f;
        websocket.send_raw(&frame).await.unwrap();
        // The server has read it when it has answered this.
        websocket.send_frame(Opcode::Ping, b"").await.unwrap();
        loop {
            match websocket.next().await.expect("an answer") {
                WebSocketEvent::Pong(_) => break,
                event => told.push(event),
            }
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::time::resume();
    }
    websocket.send_frame(Opcode::Continuation, b"4").await.unwrap();
    assert!(told.contains(&WebSocketEvent::Message("a0".into())), "heard before it is whole: {told:?}");
    while websocket.text().await.expect("a text") != "44444" {}
}

#[tokio::test]
async fn requests_carry_packets_both_ways_and_may_be_repeated() {
    let server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    assert_eq!(client.push(1, 1, "s1\x1e4one\x1ebAQID\x1e").await.body, "a2\x1e");
    assert_eq!(client.push(1, 1, "s1\x1e4one\x1ebAQID\x1e").await.body, "a2\x1e", "repeats are dropped");
    let reply = client.post("long-poll", 1, 1, "a1\x1e").await;
    assert_eq!(reply.body, "a2\x1es2\x1e4one\x1ebAQID\x1e");
    assert_eq!(reply.header("cache-control"), Some("no-store, no-transform"));
    assert_eq!(reply.header("x-accel-buffering"), Some("no"));
    assert_eq!(reply.header("content-length"), Some("17"));
    // The response is lost: the same acknowledgement brings the same packets, on the next carrier as well.
    assert_eq!(client.post("periodic", 2, 1, "a1\x1e").await.body, "a2\x1es2\x1e4one\x1ebAQID\x1e");
    assert_eq!(client.post("periodic", 2, 3, "s3\x1eeNAAe\x1e").await.body, "a3\x1e");
    assert_eq!(client.post("periodic", 2, 3, "a3\x1e").await.body, "a3\x1es4\x1eeNAAe\x1e");
    assert_eq!(server.sockets.lock().len(), 1);
    assert_eq!(server.service.connections().adaptive.periodic, 1);
}

#[tokio::test]
async fn a_body_of_very_many_packets_is_taken_once_and_in_order() {
    let server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    let packets = |numbers: std::ops::Range<u32>| {
        numbers.map(|number| format!("4number {number}\x1e")).collect::<String>()
    };
    assert_eq!(client.push(1, 1, &format!("s1\x1e{}", packets(0..300))).await.body, "a300\x1e");
    // The first 200 come again.
    assert_eq!(client.push(1, 1, &format!("s101\x1e{}", packets(100..600))).await.body, "a600\x1e");
    let mut echoed = String::new();
    let mut ack = 1;
    while ack < 601 {
        let reply = client.post("long-poll", 1, ack, &format!("a{ack}\x1e")).await.body;
        let (_, packets) = reply.split_once(&format!("s{}\x1e", ack + 1)).expect(&reply);
        ack += packets.matches('\x1e').count() as u64;
        echoed += packets;
    }
    assert_eq!(echoed, packets(0..600));
    // What is wrong ends the session, after what was right.
    let wrong = client.push(1, ack, &format!("s601\x1e{}1x\x1e", packets(600..900))).await.body;
    assert!(wrong.starts_with('x'), "{wrong}");
    assert_eq!(server.service.stats().protocol_errors, 1);
}

#[tokio::test]
async fn a_session_moves_between_carriers_without_losing_or_repeating_anything() {
    let mut server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    assert_eq!(client.push(1, 1, "s1\x1e41\x1e42\x1e").await.body, "a2\x1e");
    let mut websocket = client.websocket().await;
    websocket.send("t2,1,1").await.unwrap();
    for text in ["41", "42", "43"] {
        websocket.send(text).await.unwrap();
    }
    assert_eq!(texts(&mut websocket).await, ["t2,2,2", "41", "42", "43"]);
    assert_eq!(client.push(1, 1, "a1\x1e").await.body, "xstale\x1e");
    // The WebSocket goes on although the server has not heard what of it arrived.
    let mut second = client.websocket().await;
    second.send("p1").await.unwrap();
    second.send("t3,3,4").await.unwrap();
    assert_eq!(texts(&mut second).await, ["o1", "t3,3,4", "43"], "from where the client has it");
    ended(&mut websocket, "xstale", CloseCode::NORMAL).await;
    assert_eq!(client.post("periodic", 4, 4, "s4\x1e1\x1e").await.body, "a4\x1e", "CLOSE is acknowledged");
    assert_eq!(server.closed.recv().await, Some(CloseReason::TransportClose));
    assert_eq!(client.post("periodic", 4, 4, "a4\x1e").await.body, "xgone\x1e");
}

#[tokio::test]
async fn requests_with_one_key_open_one_session_however_they_race() {
    let mut config = Config::default();
    config.cookie = Some(Cookie::default());
    let server = server(config).await;
    let websocket = format!("{PATH}&carrier=websocket&{KEY}");
    let long_poll = format!("{PATH}&carrier=long-poll&{KEY}&epoch=2&ack=0&seq=1");
    let periodic = format!("{PATH}&carrier=periodic&{KEY}&epoch=1&ack=0&seq=2");
    let (websocket, long_poll, periodic) = tokio::join!(
        WebSocket::connect(server.addr, &websocket),
        raw::post(server.addr, &long_poll, "a0\x1e"),
        raw::post(server.addr, &periodic, "a0\x1e"),
    );
    let (mut websocket, long_poll, periodic) = (websocket.unwrap(), long_poll.unwrap(), periodic.unwrap());
    websocket.send("t3,0,1").await.unwrap();
    let [attach, open] = texts(&mut websocket).await;
    assert_eq!(attach, "t3,0,1");
    assert_eq!(long_poll.body, format!("a0\x1es1\x1e{open}\x1e"));
    assert!(periodic.body == long_poll.body || periodic.body == "xstale\x1e", "{}", periodic.body);
    assert_eq!(server.sockets.lock().len(), 1, "the application has seen one");
    let sid = server.sockets.lock()[0].id().clone();
    let cookie = format!("io={sid}; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(long_poll.header("set-cookie"), Some(cookie.as_str()));
}

#[tokio::test]
async fn the_application_may_refuse_every_request_with_a_key() {
    let server = server(Config::default()).await;
    let target = format!("{PATH}&carrier=long-poll&{KEY}&epoch=1&ack=0&seq=1");
    let refused = format!(
        "POST {target} HTTP/1.1\r\nHost: t\r\nX-Unwelcome: 1\r\nConnection: close\r\nContent-Length: 3\r\n\r\na0\x1e"
    );
    for _ in 0..2 {
        let reply = raw::request(server.addr, &refused).await.unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (403, r#"{"code":4,"message":"not \"you\""}"#));
        // Others are not refused, which does not let the first in.
        assert_eq!(raw::post(server.addr, &target, "a0\x1e").await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_request_that_is_held_is_answered_when_there_is_something_to_say() {
    let server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    let held = format!("{PATH}&carrier=long-poll&{}&epoch=1&ack=1&seq=10", client.name);
    let repeat = held.clone();
    let addr = server.addr;
    let waiting = tokio::spawn(async move { raw::post(addr, &held, "a1\x1e").await.unwrap().body });
    let repeated = tokio::spawn(async move { raw::post(addr, &repeat, "a1\x1e").await.unwrap().body });
    let older = format!("{PATH}&carrier=long-poll&{}&epoch=1&ack=1&seq=9", client.name);
    // Whenever this comes: before the others it is released by them, and behind them it is not held.
    assert_eq!(raw::post(addr, &older, "a1\x1e").await.unwrap().body, "a0\x1e");
    let socket = server.sockets.lock()[0].clone();
    assert_eq!(socket.tier(), Some(Tier::LongPoll));
    client.seq = 20;
    assert_eq!(client.push(1, 1, "a1\x1e").await.body, "a0\x1e", "what only sends is answered at once");
    let _ = socket.send_prepared(&[Prepared::text("news")], engineio::Delivery::Reliable);
    assert_eq!(waiting.await.unwrap(), "a0\x1es2\x1e4news\x1e");
    assert_eq!(
        repeated.await.unwrap(),
        "a0\x1es2\x1e4news\x1e",
        "both: nobody knows which reaches the client"
    );
}

#[tokio::test]
async fn the_application_chooses_the_period() {
    let server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    assert_eq!(client.post("periodic", 2, 1, "a1\x1e").await.body, "a0\x1e");
    server.sockets.lock()[0].set_poll_period(Duration::from_millis(250));
    for _ in 0..2 {
        assert_eq!(client.post("periodic", 2, 1, "a1\x1e").await.body, "a0\x1eh250\x1e");
    }
    assert_eq!(client.post("long-poll", 3, 1, "a1\x1e").await.body, "a0\x1e");
}

#[tokio::test]
async fn a_query_that_breaks_a_rule_touches_nothing() {
    let server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    let sid = client.name.clone();
    for query in [
        "".to_owned(),
        format!("&carrier=long-poll&{sid}"),
        format!("&carrier=long-poll&{sid}&{KEY}&epoch=2&ack=0&seq=1"),
        format!("&carrier=long-poll&{sid}&epoch=0&ack=0&seq=1"),
        format!("&carrier=long-poll&{sid}&epoch=2&ack=9007199254740992&seq=1"),
        format!("&carrier=pigeon&{sid}&epoch=2&ack=0&seq=1"),
        "&carrier=long-poll&key=short&epoch=2&ack=0&seq=1".to_owned(),
        format!("&carrier=websocket&{sid}"),
    ] {
        let reply = raw::post(server.addr, &format!("{PATH}{query}"), "a0\x1e").await.unwrap();
        let expected = (400, r#"{"code":3,"message":"Bad request"}"#);
        assert_eq!((reply.status, reply.body.as_str()), expected, "{query}");
    }
    let reply = raw::get(server.addr, &format!("{PATH}&carrier=long-poll&{sid}&epoch=2&ack=0&seq=1")).await;
    assert_eq!(reply.unwrap().status, 400, "caches may keep the answer of a GET");
    assert_eq!(client.push(1, 1, "s1\x1e4cut sho").await.status, 400, "a body that is not whole");
    assert_eq!(client.push(1, 1, "s1\x1e4whole\x1e").await.body, "a1\x1e");
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_that_session_and_no_other() {
    let mut server = server(Config::default()).await;
    let addr = server.addr;
    let mut key = 0;
    let mut open = async |body: &str| {
        key += 1;
        let name = format!("key=breaks-the-protocol-{key:08}");
        let target = format!("{PATH}&carrier=long-poll&{name}&epoch=1&ack=0&seq=1");
        assert!(raw::post(addr, &target, "a0\x1e").await.unwrap().body.contains("0{"));
        let target = format!("{PATH}&carrier=long-poll&{name}&epoch=1&ack=1&seq=2");
        (raw::post(addr, &target, body).await.unwrap().body, name)
    };
    for body in [
        "a2\x1e",
        "s2\x1e4gap\x1e",
        "4without a number\x1e",
        "s1\x1es1\x1e4x\x1e",
        "s1\x1e2\x1e",
        "s1\x1e0{}\x1e",
        "s1\x1e6\x1e",
        "ax\x1e",
        "s0\x1e",
        "t2,0,1\x1e",
        "p1\x1e",
        "xgone\x1e",
        "h1\x1e",
        "s1\x1eb!\x1e",
        "\x1e",
        "s1\x1e4good\x1e9\x1e",
    ] {
        let (reply, _) = open(body).await;
        assert_eq!(reply, "xprotocol\x1e", "{body:?}");
        assert_eq!(server.closed.recv().await, Some(CloseReason::ParseError), "{body:?}");
    }
    let (reply, name) = open("z1,2,3\x1es1\x1e4x\x1e").await;
    assert!(reply.starts_with("a1\x1e"), "a record of a later revision is ignored: {reply}");
    for said in ["t2,99,1", "t2,1,9"] {
        let (_, name) = open("s1\x1e4x\x1e").await;
        let mut websocket =
            WebSocket::connect(addr, &format!("{PATH}&carrier=websocket&{name}")).await.unwrap();
        websocket.send(said).await.unwrap();
        ended(&mut websocket, "xprotocol", CloseCode::POLICY_VIOLATION).await;
        assert_eq!(server.closed.recv().await, Some(CloseReason::ParseError), "{said}");
    }
    let target = format!("{PATH}&carrier=websocket&{name}");
    for said in ["a99", "ax", "s99", "t3,1,1", "h1", "xgone", "2", "0{}", "9", "bAQID", ""] {
        let (_, name) = open("s1\x1e4x\x1e").await;
        let mut websocket =
            WebSocket::connect(addr, &format!("{PATH}&carrier=websocket&{name}")).await.unwrap();
        websocket.send("t2,2,2").await.unwrap();
        assert_eq!(texts(&mut websocket).await, ["t2,1,3"]);
        websocket.send(said).await.unwrap();
        ended(&mut websocket, "xprotocol", CloseCode::POLICY_VIOLATION).await;
        assert_eq!(server.closed.recv().await, Some(CloseReason::ParseError), "{said:?}");
    }
    // A WebSocket that has not attached ends only itself.
    for said in ["4early", "a1", "ax", "s1", "nonsense!"] {
        let mut websocket = WebSocket::connect(addr, &target).await.unwrap();
        websocket.send(said).await.unwrap();
        if said != "nonsense!" {
            let end = websocket.next().await;
            assert_eq!(end, Some(WebSocketEvent::Close(Some(CloseCode::POLICY_VIOLATION))), "{said:?}");
        }
    }
    assert_eq!(server.service.connections().adaptive.long_poll, 1);
}

#[tokio::test]
async fn a_packet_above_the_limit_ends_the_session_on_every_carrier() {
    let mut config = Config::default();
    config.max_payload = 300;
    let mut server = server(config).await;
    let long = "4".to_owned() + &"x".repeat(300);
    for carrier in ["websocket", "long-poll", "body"] {
        let name = format!("key=above-the-limit-on-{carrier}");
        let mut client = Client { addr: server.addr, name, seq: 0 };
        assert!(client.post("long-poll", 1, 0, "a0\x1e").await.body.contains("0{"));
        match carrier {
            "websocket" => {
                let mut websocket = client.websocket().await;
                websocket.send("t2,1,1").await.unwrap();
                assert_eq!(texts(&mut websocket).await, ["t2,0,2"]);
                websocket.send(&long).await.unwrap();
                ended(&mut websocket, "xlarge", CloseCode::POLICY_VIOLATION).await;
            }
            "long-poll" => {
                assert_eq!(client.push(1, 1, &format!("s1\x1e{long}\x1e")).await.body, "xlarge\x1e")
            }
            _ => {
                let body = "a1\x1e".repeat(2000);
                assert_eq!(client.push(1, 1, &body).await.body, "xlarge\x1e");
            }
        }
        assert_eq!(client.push(9, 1, "a1\x1e").await.body, "xgone\x1e");
    }
    for _ in 0..3 {
        assert_eq!(server.closed.recv().await, Some(CloseReason::TransportError));
    }
}

#[tokio::test]
async fn a_carrier_that_never_acknowledges_costs_a_bounded_amount_of_memory() {
    let mut config = Config::default();
    config.max_queued_bytes = 100_000;
    let mut server = server(config).await;
    let client = Client::open(&server).await;
    let mut websocket = client.websocket().await;
    websocket.send("t2,1,1").await.unwrap();
    assert_eq!(texts(&mut websocket).await, ["t2,0,2"]);
    let socket = server.sockets.lock()[0].clone();
    let packet = Prepared::text(&"x".repeat(9_999));
    let mut accepted = 0;
    while socket.send_prepared(std::slice::from_ref(&packet), engineio::Delivery::Reliable)
        == engineio::Sent::Queued
    {
        accepted += 1;
    }
    // What fits into the window of 262,144 bytes, and what may wait with what it takes beside its bytes.
    assert_eq!(accepted, 26 + 9);
    for _ in 0..26 {
        assert_eq!(websocket.text().await.map(|text| text.len()), Some(10_000));
    }
    ended(&mut websocket, "xslow", CloseCode::POLICY_VIOLATION).await;
    assert_eq!(server.closed.recv().await, Some(CloseReason::SlowConsumer));
}

#[tokio::test]
async fn standard_clients_are_served_beside_and_the_switch_turns_it_off() {
    let server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    let session = server.open().await;
    let mut websocket = server.websocket().await;
    websocket.send("4x").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("4x"));
    let counts = server.service.connections();
    assert_eq!((counts.polling, counts.websocket, counts.adaptive.long_poll), (1, 1, 1));
    // A session of one kind is none of the other.
    let standard = session.split("sid=").nth(1).unwrap();
    let mut mixed = Client { addr: server.addr, name: format!("sid={standard}"), seq: 0 };
    assert_eq!(mixed.post("long-poll", 1, 0, "a0\x1e").await.status, 400);
    let adaptive = client.name.split_off(4);
    let target = format!("{}&sid={adaptive}", support::POLLING);
    assert_eq!(raw::get(server.addr, &target).await.unwrap().status, 400);
    assert_eq!(raw::post(server.addr, &target, "4x").await.unwrap().status, 400);

    let mut config = Config::default();
    config.adaptive = None;
    let server = support::server(config).await;
    let target = format!("{PATH}&carrier=long-poll&{KEY}&epoch=1&ack=0&seq=1");
    let reply = raw::post(server.addr, &target, "a0\x1e").await.unwrap();
    assert_eq!(reply.body, r#"{"code":0,"message":"Transport unknown"}"#);

    let mut config = Config::default();
    config.adaptive.as_mut().unwrap().tiers = [Tier::Periodic].into_iter().collect();
    let server = support::server(config).await;
    let reply = raw::post(server.addr, &target, "a0\x1e").await.unwrap();
    assert_eq!(reply.body, r#"{"code":3,"message":"Bad request"}"#, "the transport is known");
}

#[tokio::test]
async fn questions_of_a_client_that_does_not_read_are_not_answered_for_ever() {
    let server = server(Config::default()).await;
    let client = Client::open(&server).await;
    // As small as it gets, so that the server is blocked soon.
    let (near, far) = tokio::io::duplex(500);
    let service = hyper_util::service::TowerToHyperService::new(server.service.clone());
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(hyper_util::rt::TokioIo::new(far), service)
        .with_upgrades();
    tokio::spawn(connection);
    let target = format!("{PATH}&carrier=websocket&{}", client.name);
    let mut websocket = WebSocket::open(near, &target).await.unwrap();
    websocket.send("t2,1,1").await.unwrap();
    for _ in 0..10_000 {
        websocket.send("p1").await.unwrap();
    }
    assert_eq!(websocket.text().await.as_deref(), Some("t2,0,2"));
    websocket.send("4the end").await.unwrap();
    let mut answers = 0;
    loop {
        match websocket.text().await.as_deref() {
            Some("o1") => answers += 1,
            Some("a1") => {}
            text => break assert_eq!(text, Some("4the end")),
        }
    }
    assert!(answers < 1000, "{answers} answers waited");
}
