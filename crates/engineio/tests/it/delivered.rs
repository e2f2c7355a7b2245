//! Waiting until the client has taken what was sent to it.

use bytes::Bytes;
use engineio::{CloseReason, Config, Prepared, Socket};
use engineio_proto::frame::{Opcode, WebSocketEvent};
use futures_util::FutureExt as _;
use testkit::raw::{self, WebSocket};

use crate::support::{Server, server};

fn last(server: &Server) -> Socket {
    server.sockets.lock().last().unwrap().clone()
}

async fn ping(websocket: &mut WebSocket) -> Bytes {
    match websocket.next().await {
        Some(WebSocketEvent::Ping(payload)) => payload,
        other => panic!("no PING but {other:?}"),
    }
}

#[tokio::test]
async fn on_a_websocket_the_answer_to_a_ping_tells() {
    let server = server(Config::default()).await;
    let mut websocket = server.websocket().await;
    let socket = last(&server);
    let _ = socket.send(&"first".into());
    let mut first = Box::pin(socket.delivered());
    let _ = socket.send(&"second".into());
    let mut second = Box::pin(socket.delivered());
    assert_eq!(websocket.text().await.as_deref(), Some("4first"));
    let payload = ping(&mut websocket).await;
    assert_eq!(websocket.text().await.as_deref(), Some("4second"), "one PING at a time");
    websocket.send_frame(Opcode::Pong, b"of its own accord").await.unwrap();
    websocket.send("4still there").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("4still there"));
    assert!((&mut first).now_or_never().is_none(), "what was not asked for proves nothing");

    websocket.send_frame(Opcode::Pong, &payload).await.unwrap();
    assert!(first.await);
    assert!((&mut second).now_or_never().is_none(), "it was sent after the PING");
    let payload = ping(&mut websocket).await;
    websocket.send_frame(Opcode::Pong, &payload).await.unwrap();
    assert!(second.await);
}

#[tokio::test]
async fn on_polling_the_next_poll_tells() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let socket = last(&server);
    let _ = socket.send(&"news".into());
    let mut delivered = Box::pin(socket.delivered());
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "4news");
    assert_eq!(raw::post(server.addr, &session, "3").await.unwrap().body, "ok");
    assert!((&mut delivered).now_or_never().is_none(), "the answer may be lost on its way");
    let poll = tokio::spawn({
        let (addr, session) = (server.addr, session.clone());
        async move { raw::get(addr, &session).await.unwrap().body }
    });
    assert!(delivered.await);
    assert_eq!(socket.delivered().now_or_never(), Some(true), "nothing is under way");
    let _ = socket.send(&"more".into());
    assert_eq!(poll.await.unwrap(), "4more");
}

#[tokio::test]
async fn a_poll_that_waits_is_answered_with_all_that_a_handler_sends() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let socket = last(&server);
    let _ = socket.send(&"news".into());
    let delivered = Box::pin(socket.delivered());
    assert_eq!(raw::get(server.addr, &session).await.unwrap().body, "4news");
    let poll = tokio::spawn({
        let (addr, session) = (server.addr, session.clone());
        async move { raw::get(addr, &session).await.unwrap().body }
    });
    assert!(delivered.await, "the poll is there");
    assert_eq!(raw::post(server.addr, &session, "4twice").await.unwrap().body, "ok");
    assert_eq!(poll.await.unwrap(), "4once\x1e4again");
}

#[tokio::test]
async fn who_waits_is_not_forgotten_by_an_upgrade() {
    let server = server(Config::default()).await;
    let session = server.open().await;
    let socket = last(&server);
    let mut websocket =
        WebSocket::connect(server.addr, &session.replace("polling", "websocket")).await.unwrap();
    websocket.send("2probe").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("3probe"));
    let _ = socket.send(&"behind the upgrade".into());
    let mut delivered = Box::pin(socket.delivered());
    assert!((&mut delivered).now_or_never().is_none());
    websocket.send("5").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("4behind the upgrade"));
    let payload = ping(&mut websocket).await;
    assert!((&mut delivered).now_or_never().is_none());
    websocket.send_frame(Opcode::Pong, &payload).await.unwrap();
    assert!(delivered.await);
}

/// Packets of the adaptive transport are acknowledged one by one anyway.
#[tokio::test]
async fn on_the_adaptive_transport_acknowledgements_tell() {
    let server = server(Config::default()).await;
    let target = "/engine.io/?EIO=4&transport=adaptive&carrier=websocket&key=0123456789abcdefghijkl";
    let mut websocket = WebSocket::connect(server.addr, target).await.unwrap();
    websocket.send("t1,0,1").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("t1,0,1"));
    assert!(websocket.text().await.unwrap().starts_with("0{"));
    let socket = last(&server);
    let _ = socket.send(&"news".into());
    let mut delivered = Box::pin(socket.delivered());
    assert_eq!(websocket.text().await.as_deref(), Some("4news"));
    websocket.send("a1").await.unwrap();
    websocket.send("4so far").await.unwrap();
    assert_eq!(websocket.text().await.as_deref(), Some("a1"));
    assert_eq!(websocket.text().await.as_deref(), Some("4so far"));
    assert!((&mut delivered).now_or_never().is_none(), "only OPEN is acknowledged");
    websocket.send("a3").await.unwrap();
    assert!(delivered.await);
}

#[tokio::test]
async fn behind_what_a_client_does_not_take_it_waits_and_with_the_session_it_ends() {
    let mut config = Config::default();
    config.max_queued_bytes = 64 * 1024 * 1024;
    let mut server = server(config).await;
    let websocket = server.websocket().await;
    let socket = last(&server);
    let packet = [Prepared::text(&"x".repeat(1_000_000))];
    for _ in 0..32 {
        let _ = socket.send_prepared(&packet, engineio::Delivery::Reliable);
    }
    assert!(socket.queued_bytes() > 0, "more than the buffers of the system take");
    let mut delivered = Box::pin(socket.delivered());
    assert!((&mut delivered).now_or_never().is_none());
    drop(websocket);
    assert!(!delivered.await);
    assert!(server.closed.recv().await.is_some());
    assert!(!socket.delivered().await, "nothing arrives any more");
}

#[tokio::test]
async fn a_session_that_is_closed_delivers_nothing() {
    let server = server(Config::default()).await;
    let _websocket = server.websocket().await;
    let socket = last(&server);
    let delivered = socket.delivered();
    socket.close(CloseReason::ForcedClose);
    assert!(!delivered.await);
}
