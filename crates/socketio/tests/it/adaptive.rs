use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use serde_json::Value;
use socketio::{
    Config, DisconnectReason, Gateway, Recovery, Shutdown, SocketIo, SocketRef,
    engineio::{self, EngineIo, Tier, Transport},
};
use testkit::raw::WebSocket;
use tokio::{net::TcpListener, sync::oneshot};
use tower::ServiceExt;

use crate::support::{Client, log};

const PATH: &str = "/socket.io/?EIO=4&transport=adaptive";

/// A client of the adaptive transport that makes every request itself.
struct Adaptive {
    service: EngineIo<Gateway>,
    name: String,
    seq: u64,
    received: usize,
    sent: usize,
}

impl Adaptive {
    /// Opens a session and joins `/` with this CONNECT packet; gives what came until the answer.
    async fn join(io: &SocketIo, key: &str, connect: &str) -> (Self, Vec<String>) {
        let name = format!("key={key:0>22}");
        let mut client = Self { service: io.service(), name, seq: 0, received: 0, sent: 0 };
        let open = client.post("periodic", 1, &[]).await;
        client.name = format!("sid={}", open[0].split('"').nth(3).unwrap());
        assert!(client.post("periodic", 1, &[connect]).await.is_empty());
        let mut packets = Vec::new();
        while !packets.last().is_some_and(|packet: &String| packet.starts_with("40")) {
            packets.extend(client.post("periodic", 1, &[]).await);
            tokio::task::yield_now().await;
        }
        (client, packets)
    }

    /// Makes a request with Engine.IO packets, and gives those of the answer.
    async fn post(&mut self, carrier: &str, epoch: u64, packets: &[&str]) -> Vec<String> {
        let body = self.exchange(carrier, epoch, packets).await;
        let packets: Vec<_> = body
            .split_terminator('\x1e')
            .filter(|chunk| chunk.starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        self.received += packets.len();
        packets.into_iter().map(str::to_owned).collect()
    }

    async fn exchange(&mut self, carrier: &str, epoch: u64, packets: &[&str]) -> String {
        self.seq += 1;
        let Self { name, seq, received, .. } = self;
        let uri = format!("{PATH}&carrier={carrier}&{name}&epoch={epoch}&ack={received}&seq={seq}");
        let mut body = format!("s{}\x1e", self.sent + 1);
        packets.iter().for_each(|packet| body += &format!("{packet}\x1e"));
        self.sent += packets.len();
        let request = Request::builder().method("POST").uri(uri).body(Full::new(Bytes::from(body))).unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_still_sending_is_waited_for_at_shutdown() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |_: SocketRef| {});
    let (client, _) = Adaptive::join(&io, "sending", "40").await;
    let uri = format!("{PATH}&carrier=periodic&{}&epoch=1&ack={}&seq=100", client.name, client.received);
    let (body, arriving) = oneshot::channel::<Frame<Bytes>>();
    let request = Request::builder().method("POST").uri(uri);
    let request = request.body(StreamBody::new(stream::once(arriving))).unwrap();
    let answer = tokio::spawn(client.service.clone().oneshot(request));
    // So long that a client that sends nothing would be taken for gone.
    tokio::time::sleep(Duration::from_secs(20)).await;
    let shutdown = Shutdown { spread: Duration::ZERO, grace: Duration::from_secs(30), ..Shutdown::default() };
    let closing = tokio::spawn({
        let io = io.clone();
        async move { io.shutdown(shutdown).await }
    });
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(!closing.is_finished());
    body.send(Frame::data(Bytes::from("s2\x1e"))).unwrap();
    let answer = answer.await.unwrap().unwrap().into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&answer).contains("\x1e1\x1e"), "CLOSE is in {answer:?}");
    closing.await.unwrap();
}

#[tokio::test]
async fn rooms_and_broadcasts_reach_adaptive_clients_on_every_carrier() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| socket.join("room"));
    let mut standard = Client::join(&io).await;
    let (mut client, packets) = Adaptive::join(&io, "rooms", "40").await;
    assert!(packets[0].starts_with(r#"40{"sid":""#), "{packets:?}");
    let sockets = io.root().all().sockets();
    let socket = sockets.iter().find(|socket| socket.transport() == Transport::Adaptive).unwrap();

    assert_eq!(socket.tier(), Some(Tier::Periodic));
    assert_eq!(io.to("room").emit("event", &1).queued(), 2);
    assert_eq!(client.post("periodic", 1, &[]).await, [r#"42["event",1]"#]);
    socket.set_poll_period(Duration::from_millis(300));
    assert_eq!(client.exchange("periodic", 1, &[]).await, "a1\x1eh300\x1e");

    assert!(client.post("long-poll", 2, &[]).await.is_empty());
    assert_eq!(socket.tier(), Some(Tier::LongPoll));
    assert_eq!(io.to("room").emit("event", &2).queued(), 2);
    assert_eq!(client.post("long-poll", 2, &[]).await, [r#"42["event",2]"#]);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(engineio::serve(listener, io.service()));
    let target = format!("{PATH}&carrier=websocket&{}", client.name);
    let mut websocket = WebSocket::connect(addr, &target).await.unwrap();
    websocket.send(&format!("t3,{},{}", client.received, client.sent + 1)).await.unwrap();
    assert_eq!(websocket.text().await.unwrap(), format!("t3,1,{}", client.received + 1));
    assert_eq!(socket.tier(), Some(Tier::WebSocket));
    assert_eq!(io.to("room").emit("event", &3).queued(), 2);
    assert_eq!(websocket.text().await.as_deref(), Some(r#"42["event",3]"#));
    for n in 1..4 {
        assert_eq!(standard.next().await, format!(r#"2["event",{n}]"#));
    }
}

#[tokio::test(start_paused = true)]
async fn the_ends_of_an_adaptive_session_have_their_usual_reasons() {
    let (reasons, mut told) = log();
    let io = SocketIo::new(Config::default());
    io.ns("/", async move |socket: SocketRef| {
        let reasons = reasons.clone();
        socket.on_disconnect(async move |reason: DisconnectReason| {
            let _ = reasons.send(reason.to_string());
        });
    });
    let (mut leaving, _) = Adaptive::join(&io, "leaving", "40").await;
    leaving.post("periodic", 1, &["41"]).await;
    assert_eq!(told.recv().await.as_deref(), Some("client namespace disconnect"));
    let (mut closing, _) = Adaptive::join(&io, "closing", "40").await;
    assert_eq!(closing.exchange("periodic", 1, &["1"]).await, "a2\x1e");
    assert_eq!(told.recv().await.as_deref(), Some("transport close"));
    let (mut silent, _) = Adaptive::join(&io, "silent", "40").await;
    // Three periods and 20 s, then the expiry.
    assert_eq!(told.recv().await.as_deref(), Some("ping timeout"));
    assert_eq!(silent.exchange("periodic", 1, &["42[\"late\"]"]).await, "xgone\x1e");
    let (mut broken, _) = Adaptive::join(&io, "broken", "40").await;
    assert_eq!(broken.exchange("periodic", 1, &["5"]).await, "xprotocol\x1e");
    assert_eq!(told.recv().await.as_deref(), Some("parse error"));
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_session_has_expired_recovers_what_it_missed() {
    let config = Config { recovery: Some(Recovery::default()), ..Config::default() };
    let io = SocketIo::new(config);
    io.ns("/", async |socket: SocketRef| {
        if !socket.recovered() {
            socket.join("room");
        }
    });
    let (mut client, packets) = Adaptive::join(&io, "first", "40").await;
    let ticket: Value = serde_json::from_str(&packets[0][2..]).unwrap();
    assert_eq!(io.to("room").emit("event", &1).queued(), 1);
    let event = client.post("periodic", 1, &[]).await.remove(0);
    let event: Vec<Value> = serde_json::from_str(&event[2..]).unwrap();
    // Nothing carries the session, and in the end it is over.
    let _ = io.to("room").emit("event", &2);
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(client.exchange("periodic", 1, &[]).await, "xgone\x1e");
    let connect = format!(r#"40{{"pid":{},"offset":{}}}"#, ticket["pid"], event[2]);
    let (_, packets) = Adaptive::join(&io, "second", &connect).await;
    assert!(packets[0].starts_with(r#"42["event",2,"#), "{packets:?}");
    assert!(packets[1].contains(ticket["sid"].as_str().unwrap()), "{packets:?}");
}
