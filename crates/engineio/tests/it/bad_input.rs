//! What a client may not do: each mistake has its answer and its counter, and the others notice nothing.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::support::{POLLING, Server, WEBSOCKET, server};
use engineio::{
    CloseReason, Config, Connection, Delivery, EngineIo, Handler, Message, Prepared, Sent, Socket, Stats,
};
use engineio_proto::frame::{CloseCode, Opcode, WebSocketEvent};
use parking_lot::{Condvar, Mutex};
use testkit::raw::{self, WebSocket};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

/// A session beside the mistake, which must go on.
struct Bystander {
    session: String,
    websocket: WebSocket,
}

impl Bystander {
    async fn at(server: &Server) -> Self {
        Self { session: server.open().await, websocket: server.websocket().await }
    }

    async fn stays_well(&mut self, server: &Server) {
        assert_eq!(raw::post(server.addr, &self.session, "4well").await.unwrap().body, "ok");
        assert_eq!(raw::get(server.addr, &self.session).await.unwrap().body, "4well");
        self.websocket.send("4well").await.unwrap();
        assert_eq!(self.websocket.text().await.as_deref(), Some("4well"));
    }
}

#[tokio::test]
async fn refused_requests_are_counted_by_their_code() {
    let server = server(Config::default()).await;
    let mut bystander = Bystander::at(&server).await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    let table = [
        ("GET", "/engine.io/".to_owned(), "", 0),
        ("GET", "/engine.io/?EIO=4&transport=constructor".to_owned(), "", 0),
        ("GET", format!("{POLLING}&sid=nobody"), "", 1),
        ("GET", format!("{POLLING}&sid={}", "x".repeat(5000)), "", 1),
        ("POST", format!("{POLLING}&sid=%00"), "", 1),
        ("POST", POLLING.to_owned(), "", 2),
        ("DELETE", POLLING.to_owned(), "", 2),
        ("GET", WEBSOCKET.to_owned(), "", 3),
        ("GET", WEBSOCKET.to_owned(), upgrade, 3),
        ("PUT", bystander.session.clone(), "", 3),
        ("GET", bystander.session.replace("polling", "websocket"), "", 3),
        ("GET", POLLING.to_owned(), "x-unwelcome: yes\r\n", 4),
        ("GET", "/engine.io/?transport=polling".to_owned(), "", 5),
        ("GET", "/engine.io/?EIO=3&transport=polling".to_owned(), "", 5),
    ];
    let mut expected = [0; 6];
    for (method, target, headers, code) in table {
        let connection = if headers.contains("Upgrade") { "" } else { "Connection: close\r\n" };
        let request = format!("{method} {target} HTTP/1.1\r\nHost: test\r\n{connection}{headers}\r\n");
        let reply = if connection.is_empty() {
            let refused = TcpStream::connect(server.addr).await.unwrap();
            let mut refused = tokio::io::BufReader::new(refused);
            refused.write_all(request.as_bytes()).await.unwrap();
            let mut start = [0; 12];
            refused.read_exact(&mut start).await.unwrap();
            assert_eq!(&start, b"HTTP/1.1 400");
            None
        } else {
            Some(raw::request(server.addr, &request).await.unwrap())
        };
        if let Some(reply) = reply {
            assert_eq!(reply.status, if code == 4 { 403 } else { 400 }, "{target}");
            assert!(reply.body.starts_with(&format!("{{\"code\":{code},")), "{target}: {}", reply.body);
        }
        expected[code] += 1;
    }
    assert_eq!(server.service.stats().refused, expected);
    bystander.stays_well(&server).await;
}

#[tokio::test]
async fn what_is_no_payload_ends_its_session_and_no_other() {
    let mut server = server(Config::default()).await;
    let mut bystander = Bystander::at(&server).await;
    let bodies = ["", "x", "7", "4a\x1e", "b!", "0{}", "5", "2probe"];
    for body in bodies {
        let session = server.open().await;
        let reply = raw::post(server.addr, &session, body).await.unwrap();
        let ends_later = matches!(body, "0{}" | "5" | "2probe");
        assert!(reply.status == 400 || ends_later, "{body:?}: {reply:?}");
        assert_eq!(server.closed.recv().await, Some(CloseReason::ParseError), "{body:?}");
        assert_eq!(raw::get(server.addr, &session).await.unwrap().status, 400);
    }
    assert_eq!(server.service.stats().protocol_errors, bodies.len() as u64);
    bystander.stays_well(&server).await;
}

#[tokio::test]
async fn what_is_no_packet_on_a_websocket_ends_its_session_and_no_other() {
    let mut server = server(Config::default()).await;
    let mut bystander = Bystander::at(&server).await;
    let packets = ["", "x", "7", "é", "0{}", "1x", "2", "2probe", "3probe", "5"];
    for packet in packets {
        let mut websocket = server.websocket().await;
        websocket.send(packet).await.unwrap();
        assert_eq!(server.closed.recv().await, Some(CloseReason::ParseError), "{packet:?}");
        assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(None)), "{packet:?}");
        assert_eq!(websocket.next().await, None, "{packet:?}");
    }
    assert_eq!(server.service.stats().protocol_errors, packets.len() as u64);
    bystander.stays_well(&server).await;
}

/// On a WebSocket on trial, only the trial is over.
#[tokio::test]
async fn what_is_no_probe_ends_the_trial_and_not_the_session() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    for packets in [
        &["x"][..],
        &["5"],
        &["4early"],
        &["2"],
        &["2probe", "4early"],
        &["2probe", "x"],
        &["2probe", "2probe"],
    ] {
        let target = session.replace("polling", "websocket");
        let mut websocket = WebSocket::connect(server.addr, &target).await.unwrap();
        for packet in packets {
            websocket.send(packet).await.unwrap();
        }
        if packets.len() > 1 {
            assert_eq!(websocket.text().await.as_deref(), Some("3probe"));
        }
        assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(None)), "{packets:?}");
        assert_eq!(raw::post(server.addr, &session, "4on").await.unwrap().body, "ok", "{packets:?}");
        assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "4on", "{packets:?}");
    }
    assert_eq!(server.service.connections().polling, 1);
}

#[tokio::test]
async fn frames_that_break_the_rules_get_their_close_code() {
    let mut server = server(Config::default()).await;
    let mut bystander = Bystander::at(&server).await;
    let table: [(&[u8], CloseCode); 7] = [
        (&[0x81, 0x01, b'4'], CloseCode::PROTOCOL_ERROR),
        (&[0xc1, 0x80, 0, 0, 0, 0], CloseCode::PROTOCOL_ERROR),
        (&[0x83, 0x80, 0, 0, 0, 0], CloseCode::PROTOCOL_ERROR),
        (&[0x80, 0x80, 0, 0, 0, 0], CloseCode::PROTOCOL_ERROR),
        (&[0x09, 0x80, 0, 0, 0, 0], CloseCode::PROTOCOL_ERROR),
        (&[0x81, 0x82, 0, 0, 0, 0, b'4', 0xff], CloseCode::INVALID_PAYLOAD),
        (&[0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], CloseCode::TOO_BIG),
    ];
    for (bytes, code) in table {
        let mut websocket = server.websocket().await;
        websocket.send_raw(bytes).await.unwrap();
        assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(Some(code))), "{bytes:?}");
        assert_eq!(server.closed.recv().await, Some(CloseReason::TransportError));
    }
    let stats = server.service.stats();
    assert_eq!((stats.protocol_errors, stats.too_large), (6, 1));
    bystander.stays_well(&server).await;
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_and_its_session_goes_on() {
    let mut config = Config::default();
    config.max_payload = 1000;
    let server = server(config).await;
    let session = server.open().await;
    for body in ["4".repeat(1001), "4".repeat(100_000)] {
        assert_eq!(raw::post(server.addr, &session, &body).await.unwrap().status, 413);
    }
    let chunked = format!(
        "POST {session} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{}\r\n0\r\n\r\n",
        "4".repeat(2000)
    );
    assert_eq!(raw::request(server.addr, &chunked).await.unwrap().status, 413);
    assert_eq!(raw::post(server.addr, &session, "4kept").await.unwrap().body, "ok");
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "4kept");
    assert_eq!(server.service.stats().too_large, 3);
}

/// The clock is paused and jumps to the next deadline whenever nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn a_body_above_the_limit_is_answered_when_its_client_has_sent_it() {
    let mut config = Config::default();
    config.max_payload = 100;
    let server = server(config).await;
    let session = server.open().await;
    for (framing, body) in
        [("Content-Length: 101", "x".repeat(101)), ("Transfer-Encoding: chunked", chunked(101))]
    {
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        let head = format!("POST {session} HTTP/1.1\r\nHost: test\r\n{framing}\r\n\r\n");
        let (first, last) = body.split_at(body.len() - 1);
        stream.write_all((head + first).as_bytes()).await.unwrap();
        let mut reply = [0; 12];
        let early = tokio::time::timeout(Duration::from_secs(1), stream.read_exact(&mut reply)).await;
        assert!(early.is_err(), "{framing}: {}", String::from_utf8_lossy(&reply));
        stream.write_all(last.as_bytes()).await.unwrap();
        stream.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"HTTP/1.1 413", "{framing}");
    }
    let mut asking = TcpStream::connect(server.addr).await.unwrap();
    let head = format!(
        "POST {session} HTTP/1.1\r\nHost: test\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n"
    );
    asking.write_all(head.as_bytes()).await.unwrap();
    let mut reply = [0; 12];
    asking.read_exact(&mut reply).await.unwrap();
    assert_eq!(&reply, b"HTTP/1.1 413");
}

/// A body of this many bytes, in one chunk.
fn chunked(len: usize) -> String {
    format!("{len:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(len))
}

#[tokio::test]
async fn posts_at_once_are_all_taken_and_one_that_never_ends_changes_nothing() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let mut slow = TcpStream::connect(server.addr).await.unwrap();
    let head =
        format!("POST {session} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 5\r\n\r\n4s");
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut cut = TcpStream::connect(server.addr).await.unwrap();
    cut.write_all(head.as_bytes()).await.unwrap();
    drop(cut);
    assert_eq!(raw::post(server.addr, &session, "4fast").await.unwrap().body, "ok");
    // That of the connection that is gone may have been given up before the fast one came.
    assert!((1..=2).contains(&server.service.stats().overlapping_posts));
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "4fast");
    slow.write_all(b"low").await.unwrap();
    let mut reply = String::new();
    slow.read_to_string(&mut reply).await.unwrap();
    assert!(reply.ends_with("ok"), "{reply}");
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "4slow");
}

#[tokio::test]
async fn of_polls_at_once_the_newest_gets_what_comes_and_they_are_counted() {
    let server = server(Config::default()).await;
    let mut bystander = Bystander::at(&server).await;
    let session = server.open().await;
    let poll = || {
        let (addr, session) = (server.addr, session.clone());
        tokio::spawn(async move { raw::get(addr, &session).await.unwrap() })
    };
    let mut polls = vec![poll()];
    for round in 1..=3 {
        polls.push(poll());
        // The one before is answered with nothing when the next one is there.
        let answered = futures_util::future::select_all(polls).await;
        assert_eq!(answered.0.unwrap().body, "6");
        polls = answered.2;
        assert_eq!((polls.len(), server.service.stats().overlapping_polls), (1, round));
    }
    assert_eq!(raw::post(server.addr, &session, "4news").await.unwrap().body, "ok");
    assert_eq!(polls.remove(0).await.unwrap().body, "4news");
    bystander.stays_well(&server).await;
}

/// The clock is paused and jumps to the next deadline whenever nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn a_request_that_comes_too_slowly_is_given_up() {
    let server = server(Config::default()).await;
    let mut headers = TcpStream::connect(server.addr).await.unwrap();
    headers.write_all(b"GET /engine.io/ HTTP/1.1\r\nHost: t").await.unwrap();
    let mut reply = Vec::new();
    headers.read_to_end(&mut reply).await.unwrap();
    assert!(reply.is_empty() || reply.starts_with(b"HTTP/1.1 408"), "{reply:?}");
    assert_eq!(server.service.stats().slow_headers, 1);

    let mut silent = TcpStream::connect(server.addr).await.unwrap();
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0, "a connection without a request ends too");
    assert_eq!(server.service.stats().slow_headers, 2);

    let mut idle = TcpStream::connect(server.addr).await.unwrap();
    idle.write_all(format!("GET {POLLING} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).await.unwrap();
    let mut reply = String::new();
    idle.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert_eq!(server.service.stats().slow_headers, 2, "between two requests a connection may rest");

    let session = server.open().await;
    let mut body = TcpStream::connect(server.addr).await.unwrap();
    let request = format!("POST {session} HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\n4t");
    body.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    body.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 408"), "{reply}");
    assert_eq!((server.service.stats().slow_headers, server.service.stats().slow_bodies), (2, 1));
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = server(Config::default()).await;
    let request = format!("GET {POLLING} HTTP/1.1\r\nHost: test\r\nX-Large: {}\r\n\r\n", "x".repeat(200_000));
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    // The server stops reading, so that not all of it can be written.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    assert!(reply.is_empty() || reply.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&reply));
    assert_eq!(server.service.stats().open.polling, 0);
}

#[tokio::test]
async fn a_reader_that_reads_nothing_is_disconnected_within_its_budget() {
    let mut config = Config::default();
    config.max_queued_bytes = 100_000;
    let mut server = server(config).await;
    let mut bystander = Bystander::at(&server).await;
    let _deaf = server.websocket().await;
    let socket = server.sockets.lock().last().unwrap().clone();
    let packet = Prepared::text(&"x".repeat(10_000));
    let mut most = 0;
    while socket.send_prepared(std::slice::from_ref(&packet), Delivery::Reliable) == Sent::Queued {
        most = most.max(server.service.stats().queued_bytes);
    }
    assert_eq!(server.closed.recv().await, Some(CloseReason::SlowConsumer));
    assert!((1..=100_000).contains(&most), "{most}");
    let Stats { slow_consumers, queued_bytes, .. } = server.service.stats();
    assert_eq!((slow_consumers, queued_bytes), (1, 0));
    bystander.stays_well(&server).await;
}

/// Closed until somebody opens it.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

/// Handles nothing until the gate is open.
struct Busy(Arc<Gate>, mpsc::UnboundedSender<String>);

impl Handler for Busy {
    type Connection = Self;

    fn open(&self, _: Socket, _: http::request::Parts) -> Self {
        Self(Arc::clone(&self.0), self.1.clone())
    }
}

impl Connection for Busy {
    fn message(&self, message: Message) {
        let Message::Text(text) = message else { return };
        self.1.send(text.to_string()).unwrap();
        // Tasks that this worker was about to run go on elsewhere.
        tokio::task::block_in_place(|| {
            let mut is_open = self.0.0.lock();
            while !*is_open {
                self.0.1.wait(&mut is_open);
            }
        });
    }

    fn close(&self, _: CloseReason) {}
}

/// A session that was opened by polling, whose first message its handler has not done with.
struct Handling {
    gate: Arc<Gate>,
    service: EngineIo<Busy>,
    addr: SocketAddr,
    /// The path of its requests.
    session: String,
    /// The request that brought the message.
    first: JoinHandle<raw::Reply>,
    handled: mpsc::UnboundedReceiver<String>,
}

impl Handling {
    async fn first(config: Config) -> Self {
        let (gate, (sender, mut handled)) = (Arc::<Gate>::default(), mpsc::unbounded_channel());
        let service = EngineIo::new(config, Busy(Arc::clone(&gate), sender));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(engineio::serve(listener, service.clone()));
        let reply = raw::get(addr, POLLING).await.unwrap();
        let session = format!("{POLLING}&sid={}", reply.body.split('"').nth(3).unwrap());
        let first = tokio::spawn({
            let session = session.clone();
            async move { raw::post(addr, &session, "4first").await.unwrap() }
        });
        assert_eq!(handled.recv().await.as_deref(), Some("first"));
        Self { gate, service, addr, session, first, handled }
    }
}

/// One request's messages are being handled while others of the same session come in.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_client_cannot_pile_up_what_its_handler_is_too_slow_for() {
    let Handling { gate, service, addr, session, first, mut handled } =
        Handling::first(Config::default()).await;
    // Small messages take no more than their request.
    let flood = vec!["4x"; 300_000].join("\u{1e}");
    for _ in 0..2 {
        assert_eq!(raw::post(addr, &session, &flood).await.unwrap().body, "ok");
    }
    for _ in 0..3 {
        assert_eq!(raw::post(addr, &session, &flood).await.unwrap().status, 400);
    }
    assert_eq!((service.stats().refused[3], service.stats().held_back), (3, 3));
    *gate.0.lock() = true;
    gate.1.notify_all();
    assert_eq!(first.await.unwrap().body, "ok");
    for _ in 0..600_000 {
        assert_eq!(handled.recv().await.as_deref(), Some("x"));
    }
    // The session goes on once its handler has caught up.
    assert_eq!(raw::post(addr, &session, "4last").await.unwrap().body, "ok");
    assert_eq!(handled.recv().await.as_deref(), Some("last"));
}

/// The WebSocket goes on where a request of the same session is still being handled.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_websocket_is_not_read_while_its_handler_is_too_far_behind() {
    const MESSAGE: usize = 1000;
    const COUNT: usize = 2000;
    let mut config = Config::default();
    config.max_queued_bytes = 100_000;
    let Handling { gate, service, session, first, mut handled, .. } = Handling::first(config).await;

    // A stream that holds hardly anything itself, so that what was written was read.
    let (near, far) = tokio::io::duplex(64);
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(
            hyper_util::rt::TokioIo::new(far),
            hyper_util::service::TowerToHyperService::new(service.clone()),
        )
        .with_upgrades();
    tokio::spawn(connection);
    let mut websocket = WebSocket::open(near, &session.replace("polling", "websocket")).await.unwrap();
    websocket.send("2probe").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("3probe"));
    websocket.send("5").await.unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let writer = tokio::spawn({
        let written = Arc::clone(&written);
        async move {
            for number in 0..COUNT {
                websocket.send(&format!("4{number:0>MESSAGE$}")).await.unwrap();
                written.fetch_add(1, Ordering::Relaxed);
            }
            websocket
        }
    });
    while service.stats().held_back == 0 {
        tokio::task::yield_now().await;
    }
    // The limit, one message more, and the one that is being written.
    let most = 100_000 / MESSAGE + 2;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
        assert!(written.load(Ordering::Relaxed) <= most, "{written:?}");
    }
    assert_eq!(service.stats().open.websocket, 1);
    *gate.0.lock() = true;
    gate.1.notify_all();
    for number in 0..COUNT {
        assert_eq!(handled.recv().await, Some(format!("{number:0>MESSAGE$}")));
    }
    assert_eq!(first.await.unwrap().body, "ok");
    assert_eq!(writer.await.unwrap().send("4last").await.ok(), Some(()));
    assert_eq!(handled.recv().await.as_deref(), Some("last"));
}

#[tokio::test]
async fn a_connection_that_is_half_closed_is_over() {
    let mut server = server(Config::default()).await;
    let mut bystander = Bystander::at(&server).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let request = format!(
        "GET {WEBSOCKET} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(server.closed.recv().await, Some(CloseReason::TransportClose));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.starts_with(b"HTTP/1.1 101"));
    assert_eq!(server.service.stats().lost, 1);
    bystander.stays_well(&server).await;
}

#[tokio::test]
async fn a_poll_whose_connection_is_half_closed_is_over_and_its_session_is_not() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(format!("GET {session} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    assert_eq!(raw::post(server.addr, &session, "4kept").await.unwrap().body, "ok");
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "4kept");
    assert_eq!(server.service.stats().overlapping_polls, 0);
}

#[tokio::test]
async fn a_client_that_does_not_poll_is_disconnected_within_its_budget() {
    let mut config = Config::default();
    config.max_queued_bytes = 100_000;
    let mut server = server(config).await;
    let mut bystander = Bystander::at(&server).await;
    let session = server.open().await;
    let socket = server.sockets.lock().last().unwrap().clone();
    let packet = Prepared::text(&"x".repeat(10_000));
    let sent = || socket.send_prepared(std::slice::from_ref(&packet), Delivery::Reliable);
    assert_eq!((0..20).filter(|_| sent() == Sent::Queued).count(), 9);
    assert_eq!(server.closed.recv().await, Some(CloseReason::SlowConsumer));
    let Stats { slow_consumers, queued_bytes, .. } = server.service.stats();
    assert_eq!((slow_consumers, queued_bytes), (1, 0));
    assert_eq!(raw::get(server.addr, &session).await.unwrap().status, 400);
    bystander.stays_well(&server).await;
}

#[tokio::test]
async fn a_client_that_falls_silent_is_counted() {
    let mut config = Config::default();
    (config.ping_interval, config.ping_timeout) = (Duration::from_millis(20), Duration::from_millis(20));
    let mut server = server(config).await;
    let mut websocket = server.websocket().await;
    websocket.send_frame(Opcode::Ping, b"does not count").await.unwrap();
    assert_eq!(server.closed.recv().await, Some(CloseReason::PingTimeout));
    assert_eq!(server.service.stats().ping_timeouts, 1);
}
