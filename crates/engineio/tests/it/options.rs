//! What a server can be configured to do.

use std::io::Read as _;

use crate::support::{POLLING, WEBSOCKET, server};
use engineio::{Body, CloseReason, Config, Cookie, Cors, Delivery, Prepared, Sent};
use engineio_proto::frame::{Header, Opcode};
use testkit::raw::{self, WebSocket};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Sends a request with these header lines and gives the head of the answer and its body.
async fn exchange(addr: std::net::SocketAddr, line: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let body = reply.split_off(end + 4);
    (String::from_utf8(reply).unwrap(), body)
}

#[tokio::test]
async fn long_answers_to_polls_are_compressed_for_those_who_accept_it() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let socket = server.sockets.lock()[0].clone();
    let text = "a long line ".repeat(200);
    for (accept, compressed) in [("Accept-Encoding: br, gzip\r\n", true), ("", false)] {
        assert_eq!(socket.send_prepared(&[Prepared::text(&text)], Delivery::Reliable), Sent::Queued);
        let (head, body) = exchange(server.addr, &format!("GET {session}"), accept).await;
        assert_eq!(head.contains("content-encoding: gzip"), compressed, "{head}");
        assert!(head.contains(&format!("content-length: {}", body.len())));
        let mut plain = String::new();
        if compressed {
            assert!(body.len() < text.len() / 10);
            flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut plain).unwrap();
        } else {
            plain = String::from_utf8(body).unwrap();
        }
        assert_eq!(plain, format!("4{text}"));
    }
    assert_eq!(socket.send_prepared(&[Prepared::text("short")], Delivery::Reliable), Sent::Queued);
    let (head, _) = exchange(server.addr, &format!("GET {session}"), "Accept-Encoding: gzip\r\n").await;
    assert!(!head.contains("content-encoding"));
}

#[tokio::test]
async fn the_slashes_of_the_path_may_be_left_out() {
    let mut config = Config::default();
    config.path = "live".to_owned();
    let server = server(config).await;
    for (target, status) in [("/live/", "200"), ("/live", "200"), ("/engine.io/", "404"), ("//live/", "404")]
    {
        let (head, _) = exchange(server.addr, &format!("GET {target}?EIO=4&transport=polling"), "").await;
        assert_eq!(head.split(' ').nth(1), Some(status), "{target}");
    }
}

#[tokio::test]
async fn messages_are_compressed_once_for_clients_that_offer_it() {
    let mut config = Config::default();
    config.per_message_deflate = Some(100);
    let server = server(config).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let handshake = format!(
        "GET {WEBSOCKET} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        received.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(received).unwrap();
    assert!(
        head.contains("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        "{head}"
    );
    let mut plain = server.websocket().await;

    let packet = Prepared::text(&"again and ".repeat(50)).compressible();
    let sockets = server.sockets.lock().clone();
    for socket in &sockets {
        assert_eq!(socket.send_prepared(std::slice::from_ref(&packet), Delivery::Reliable), Sent::Queued);
    }
    assert_eq!(plain.text().await.as_deref().map(str::as_bytes), Some(packet.payload()));
    let expected = packet.compressed_frame();
    let mut frames = Vec::new();
    while !frames.ends_with(&expected) {
        frames.push(stream.read_u8().await.unwrap());
    }
    assert!(expected.len() < 60 && Header::decode(&expected).unwrap().unwrap().0.compressed);

    // What the client compresses is understood: RSV1 and the bytes of the frame above, masked with zeros.
    let (header, start) = Header::decode(&expected).unwrap().unwrap();
    assert_eq!(header.opcode, Opcode::Text);
    let mut frame = vec![0xc1, 0x80 | u8::try_from(header.len).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(&expected[start..]);
    stream.write_all(&frame).await.unwrap();
    let mut echoed = vec![0; expected.len()];
    stream.read_exact(&mut echoed).await.unwrap();
    assert_eq!(echoed, expected);

    // What must not be compressed is not.
    let plain = packet.uncompressed();
    assert_eq!(sockets[0].send_prepared(std::slice::from_ref(&plain), Delivery::Reliable), Sent::Queued);
    let mut frame = vec![0; plain.frame().len()];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(&frame[..], plain.frame());
}

#[tokio::test]
async fn a_cookie_names_the_session() {
    let mut config = Config::default();
    config.cookie = Some(Cookie::default());
    let server = server(config).await;
    let reply = raw::get(server.addr, POLLING).await.unwrap();
    let sid = reply.body.split('"').nth(3).unwrap();
    let expected = format!("io={sid}; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(reply.header("set-cookie"), Some(expected.as_str()));
    let poll = format!("{POLLING}&sid={sid}");
    let (posted, polled) = tokio::join!(raw::post(server.addr, &poll, "4x"), raw::get(server.addr, &poll));
    assert_eq!(posted.unwrap().header("set-cookie"), None);
    assert_eq!(polled.unwrap().header("set-cookie"), None);
}

#[tokio::test]
async fn the_application_can_refuse_a_client_on_both_transports() {
    let mut server = server(Config::default()).await;
    let websocket =
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (target, headers) in [(POLLING, ""), (WEBSOCKET, websocket)] {
        let headers = format!(
            "X-Unwelcome: yes\r\n{}{headers}",
            if headers.is_empty() { "" } else { "Connection: upgrade\r\n" }
        );
        let (head, body) = exchange(server.addr, &format!("GET {target}"), &headers).await;
        assert!(head.starts_with("HTTP/1.1 403"), "{head}");
        assert_eq!(String::from_utf8(body).unwrap(), r#"{"code":4,"message":"not \"you\""}"#);
    }
    assert!(server.sockets.lock().is_empty() && server.closed.try_recv().is_err());
}

#[tokio::test]
async fn other_origins_see_answers_and_errors_only_if_they_may() {
    let origin = "https://app.example.com";
    let allowed = format!("Origin: {origin}\r\n");
    let stranger = "Origin: https://evil.example.com\r\n";
    let mut config = Config::default();
    config.cors = Some(Cors::Origins(vec![origin.parse().unwrap()]));
    let server = server(config).await;
    for target in [POLLING, "/engine.io/?EIO=4&transport=polling&sid=unknown", "/engine.io/"] {
        let (head, _) = exchange(server.addr, &format!("GET {target}"), &allowed).await;
        assert!(head.contains(&format!("access-control-allow-origin: {origin}")), "{head}");
        assert!(head.contains("access-control-allow-credentials: true") && head.contains("vary: Origin"));
        let (head, _) = exchange(server.addr, &format!("GET {target}"), stranger).await;
        assert!(!head.contains("access-control-allow-origin"), "{head}");
    }
    let preflight = format!("{allowed}Access-Control-Request-Headers: x-token\r\n");
    let (head, _) = exchange(server.addr, &format!("OPTIONS {POLLING}"), &preflight).await;
    assert!(
        head.starts_with("HTTP/1.1 204") && head.contains("access-control-allow-headers: x-token"),
        "{head}"
    );
    assert!(
        head.contains("access-control-allow-methods: GET, POST") && head.contains("access-control-max-age")
    );
}

#[tokio::test]
async fn a_transport_that_is_switched_off_is_unknown() {
    let mut config = Config::default();
    config.polling = false;
    let mut server = server(config).await;
    assert_eq!(
        raw::get(server.addr, POLLING).await.unwrap().body,
        r#"{"code":0,"message":"Transport unknown"}"#
    );
    drop(server.websocket().await);
    assert_eq!(server.closed.recv().await, Some(CloseReason::TransportClose));

    let mut config = Config::default();
    config.websocket = false;
    let server = self::server(config).await;
    assert!(WebSocket::connect(server.addr, WEBSOCKET).await.is_err());
    assert!(raw::get(server.addr, POLLING).await.unwrap().body.contains(r#""upgrades":[]"#));
    assert_eq!(server.service.connections().polling, 1);
}

#[tokio::test]
async fn layers_stand_in_front_of_polls_and_websockets() {
    let plain = server(Config::default()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let layer = tower::util::MapResponseLayer::new(|mut response: http::Response<Body>| {
        response.headers_mut().insert("x-layer", http::HeaderValue::from_static("yes"));
        response
    });
    tokio::spawn(engineio::serve_with(listener, plain.service.clone(), layer));
    assert_eq!(raw::get(addr, POLLING).await.unwrap().header("x-layer"), Some("yes"));
    assert_eq!(raw::get(plain.addr, POLLING).await.unwrap().header("x-layer"), None);
    let mut websocket = WebSocket::connect(addr, WEBSOCKET).await.unwrap();
    assert!(websocket.text().await.unwrap().starts_with("0{"));
    websocket.send("4through").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("4through"));
}
