use std::time::Duration;

use crate::support::{POLLING, WEBSOCKET, server};
use engineio::{CloseReason, Config, Prepared};
use engineio_proto::frame::{CloseCode, Opcode, WebSocketEvent};
use testkit::raw::{self, WebSocket};

#[tokio::test]
async fn polling_echoes_and_says_what_proxies_must_know() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let posted = raw::post(server.addr, &session, "4one\x1ebAQID\x1e4€").await.unwrap();
    assert_eq!((posted.status, posted.body.as_str()), (200, "ok"));
    let mut received = raw::get(server.addr, &session).await.unwrap();
    assert_eq!(received.header("cache-control"), Some("no-store, no-transform"));
    assert_eq!(received.header("x-accel-buffering"), Some("no"));
    assert!(received.header("content-length").is_some() && received.header("transfer-encoding").is_none());
    while received.body.split('\x1e').count() < 3 {
        received.body = received.body + "\x1e" + &raw::get(server.addr, &session).await.unwrap().body;
    }
    assert_eq!(received.body, "4one\x1ebAQID\x1e4€");
    assert_eq!(server.service.connections().polling, 1);
}

#[tokio::test]
async fn websocket_echoes_text_bytes_and_large_messages() {
    let server = server(Config::default()).await;
    let mut websocket = server.websocket().await;
    websocket.send("4hello").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("4hello"));
    websocket.send_frame(Opcode::Binary, &[0, 1, 255]).await.unwrap();
    assert_eq!(websocket.binary().await.as_deref(), Some(&[0, 1, 255][..]));
    websocket.send_frame(Opcode::Ping, b"are you there").await.unwrap();
    assert_eq!(websocket.next().await, Some(WebSocketEvent::Pong("are you there".into())));
    let large = "4".to_owned() + &"x".repeat(900_000);
    websocket.send(&large).await.unwrap();
    assert_eq!(websocket.text().await, Some(large));
    assert_eq!(server.service.connections().websocket, 1);
}

#[tokio::test]
async fn any_stream_can_carry_a_websocket() {
    let server = server(Config::default()).await;
    // Smaller than the messages, so that writes block and go on.
    let (near, far) = tokio::io::duplex(1000);
    let service = hyper_util::service::TowerToHyperService::new(server.service.clone());
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(hyper_util::rt::TokioIo::new(far), service)
        .with_upgrades();
    tokio::spawn(connection);
    let mut websocket = WebSocket::open(near, WEBSOCKET).await.unwrap();
    assert!(websocket.text().await.unwrap().starts_with("0{"));
    let packets: Vec<_> = (0..200).map(|n| Prepared::text(&n.to_string().repeat(100))).collect();
    let socket = server.sockets.lock()[0].clone();
    assert_eq!(socket.send_prepared(&packets, engineio::Delivery::Reliable), engineio::Sent::Queued);
    for packet in packets {
        assert_eq!(websocket.text().await.as_deref().map(str::as_bytes), Some(packet.payload()));
    }
}

#[tokio::test]
async fn a_session_moves_from_polling_to_websocket() {
    let mut server = server(Config::default()).await;
    let session = server.open().await;
    let upgrade = session.replace("polling", "websocket");
    let mut websocket = WebSocket::connect(server.addr, &upgrade).await.unwrap();
    let poll = tokio::spawn({
        let (addr, session) = (server.addr, session.clone());
        async move { raw::get(addr, &session).await.unwrap() }
    });
    websocket.send("2probe").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("3probe"));
    assert_eq!(poll.await.unwrap().body, "6", "the waiting poll is released");
    websocket.send("5").await.unwrap();
    websocket.send("4moved").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("4moved"));
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, r#"{"code":3,"message":"Bad request"}"#);

    let mut second = WebSocket::connect(server.addr, &upgrade).await.unwrap();
    assert_eq!(second.next().await, Some(WebSocketEvent::Close(None)), "accepted, then closed");
    websocket.send("4still here").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("4still here"));
    assert_eq!(server.service.connections().websocket, 1);
    drop(websocket);
    assert_eq!(server.closed.recv().await, Some(CloseReason::TransportClose));
}

#[tokio::test]
async fn a_probe_that_is_cut_leaves_the_session_on_polling() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    for said in ["", "2probe", "nonsense"] {
        let upgrade = session.replace("polling", "websocket");
        let mut websocket = WebSocket::connect(server.addr, &upgrade).await.unwrap();
        websocket.send(said).await.unwrap();
        let _ = websocket.next().await;
        drop(websocket);
        assert_eq!(raw::post(server.addr, &session, "4x").await.unwrap().body, "ok");
        let mut body = raw::get(server.addr, &session).await.unwrap().body;
        while body == "6" {
            body = raw::get(server.addr, &session).await.unwrap().body;
        }
        assert_eq!(body, "4x", "after a probe that said {said:?}");
    }
}

#[tokio::test]
async fn what_an_aborted_poll_would_have_carried_comes_with_the_next() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let addr = server.addr;
    let request = format!("GET {session} HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    drop(stream);
    assert_eq!(raw::post(addr, &session, "4kept").await.unwrap().body, "ok");
    assert_eq!(raw::get(addr, &session).await.unwrap().body, "4kept");
}

#[tokio::test]
async fn refusals_have_the_codes_that_clients_know() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let table = [
        ("GET", "/engine.io/", 400, r#"{"code":0,"message":"Transport unknown"}"#),
        ("GET", "/engine.io/?EIO=4&transport=abc", 400, r#"{"code":0,"message":"Transport unknown"}"#),
        (
            "GET",
            "/engine.io/?transport=polling",
            400,
            r#"{"code":5,"message":"Unsupported protocol version"}"#,
        ),
        (
            "GET",
            "/engine.io/?EIO=4&transport=polling&sid=x",
            400,
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        ("POST", POLLING, 400, r#"{"code":2,"message":"Bad handshake method"}"#),
        ("PUT", POLLING, 400, r#"{"code":2,"message":"Bad handshake method"}"#),
        ("DELETE", &session, 400, r#"{"code":3,"message":"Bad request"}"#),
        ("GET", WEBSOCKET, 400, r#"{"code":3,"message":"Bad request"}"#),
        ("GET", "/elsewhere", 404, ""),
    ];
    for (method, target, status, body) in table {
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        );
        let reply = raw::request(server.addr, &request).await.unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (status, body), "{method} {target}");
    }
}

#[tokio::test]
async fn the_payload_limit_holds_on_every_carrier() {
    let mut config = Config::default();
    config.max_payload = 100;
    let mut server = server(config).await;
    let session = server.open().await;
    let reply = raw::post(server.addr, &session, &("4".to_owned() + &"x".repeat(100))).await.unwrap();
    assert_eq!(reply.status, 413);
    let chunked = format!(
        "POST {session} HTTP/1.1\r\nHost: t\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n96\r\n4{}\r\n0\r\n\r\n",
        "x".repeat(149)
    );
    assert_eq!(raw::request(server.addr, &chunked).await.unwrap().status, 413);
    assert_eq!(raw::post(server.addr, &session, "4fits").await.unwrap().body, "ok", "the session goes on");
    let mut websocket = server.websocket().await;
    websocket.send(&("4".to_owned() + &"x".repeat(100))).await.unwrap();
    assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(Some(CloseCode::TOO_BIG))));
    assert_eq!(server.closed.recv().await, Some(CloseReason::TransportError));
}

#[tokio::test]
async fn broken_framing_closes_that_connection_with_its_code() {
    let mut server = server(Config::default()).await;
    let table: [(&[u8], CloseCode); 3] = [
        (&[0x81, 0x01, b'x'], CloseCode::PROTOCOL_ERROR),
        (&[0xf1, 0x80, 0, 0, 0, 0], CloseCode::PROTOCOL_ERROR),
        (&[0x81, 0x81, 0, 0, 0, 0, 0xff], CloseCode::INVALID_PAYLOAD),
    ];
    let mut bystander = server.websocket().await;
    for (bytes, code) in table {
        let mut websocket = server.websocket().await;
        websocket.send_raw(bytes).await.unwrap();
        assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(Some(code))));
        assert_eq!(server.closed.recv().await, Some(CloseReason::TransportError));
    }
    bystander.send("4unmoved").await.unwrap();
    assert_eq!(bystander.text().await.as_deref(), Some("4unmoved"));
}

#[tokio::test]
async fn a_panic_in_a_handler_ends_only_its_connection() {
    let mut server = server(Config::default()).await;
    let (mut victim, mut bystander) = (server.websocket().await, server.websocket().await);
    victim.send("4panic").await.unwrap();
    assert_eq!(victim.next().await, Some(WebSocketEvent::Close(None)));
    assert_eq!(server.closed.recv().await, Some(CloseReason::ForcedClose));
    bystander.send("4unmoved").await.unwrap();
    assert_eq!(bystander.text().await.as_deref(), Some("4unmoved"));
    assert_eq!(server.service.connections().websocket, 1);
}

#[tokio::test]
async fn either_side_can_close() {
    let mut server = server(Config::default()).await;
    let mut websocket = server.websocket().await;
    websocket.send("4close").await.unwrap();
    assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(None)));
    assert_eq!(server.closed.recv().await, Some(CloseReason::ForcedClose));

    let session = server.open().await;
    let (poll, posted) = tokio::join!(raw::get(server.addr, &session), raw::post(server.addr, &session, "1"));
    assert_eq!(posted.unwrap().body, "ok");
    let poll = poll.unwrap();
    // Whichever request came first: the poll is released, or finds no session.
    assert!(poll.body == "6" || poll.body.contains("Session ID unknown"), "{poll:?}");
    assert_eq!(server.closed.recv().await, Some(CloseReason::TransportClose));

    let session = server.open().await;
    server.service.close(CloseReason::ServerShutdown);
    assert_eq!(server.closed.recv().await, Some(CloseReason::ServerShutdown));
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "1");
    assert_eq!(raw::get(server.addr, &session).await.unwrap().status, 400);
}

#[tokio::test]
async fn silence_is_noticed_on_both_transports() {
    let mut config = Config::default();
    config.ping_interval = Duration::from_millis(50);
    config.ping_timeout = Duration::from_millis(50);
    let mut server = server(config).await;
    let session = server.open().await;
    let mut websocket = server.websocket().await;
    assert_eq!(websocket.text().await.as_deref(), Some("2"));
    for _ in 0..2 {
        assert_eq!(server.closed.recv().await, Some(CloseReason::PingTimeout));
    }
    assert_eq!(websocket.next().await, Some(WebSocketEvent::Close(None)));
    assert_eq!(raw::get(server.addr, &session).await.unwrap().status, 400);
}

#[tokio::test]
async fn a_reader_that_stalls_gets_everything_or_is_disconnected_at_its_budget() {
    let mut config = Config::default();
    config.max_queued_bytes = 64 * 1024 * 1024;
    let server = server(config).await;
    let mut reader = server.websocket().await;
    let packet = Prepared::text(&"x".repeat(100_000));
    let socket = server.sockets.lock()[0].clone();
    for _ in 0..200 {
        assert_eq!(
            socket.send_prepared(std::slice::from_ref(&packet), engineio::Delivery::Reliable),
            engineio::Sent::Queued
        );
    }
    for _ in 0..200 {
        assert_eq!(reader.text().await.map(|text| text.len()), Some(100_001));
    }

    let mut server = self::server(Config::default()).await;
    let _stalled = server.websocket().await;
    let socket = server.sockets.lock()[0].clone();
    while socket.send_prepared(std::slice::from_ref(&packet), engineio::Delivery::Reliable)
        == engineio::Sent::Queued
    {}
    assert_eq!(server.closed.recv().await, Some(CloseReason::SlowConsumer));
}

/// The answers to them wait for each other, but not as packets wait that a client does not take.
#[tokio::test]
async fn many_messages_at_once_are_answered_whatever_the_budget() {
    let mut config = Config::default();
    config.max_queued_bytes = 1000;
    let server = server(config).await;
    let mut websocket = server.websocket().await;
    let messages: Vec<_> = (0..100).map(|n| format!("4{n:0100}")).collect();
    for message in &messages {
        websocket.send(message).await.unwrap();
    }
    for message in messages {
        assert_eq!(websocket.text().await, Some(message));
    }
}
