use serde_json::{Value, json};
use socketio_client::{By, Cause, Event, JoinError, NamespaceError, Notice, Socket, Status};
use tokio::sync::mpsc;

use crate::support::{Server, WAYS, next, reaches};

#[tokio::test]
async fn namespaces_share_a_connection() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let root = client.namespace("/").connect().unwrap();
    let custom = client.namespace("/custom").connect().unwrap();
    root.connected().await.unwrap();
    custom.connected().await.unwrap();
    assert_eq!(server.io.engine().connections().websocket, 1);
    assert_ne!(root.id(), custom.id());
    assert_eq!(custom.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);

    root.disconnect();
    assert!(matches!(root.connected().await, Err(JoinError::Left)));
    assert_eq!(custom.emit_with_ack::<u8>("ack", &2).await.unwrap(), 2);
    root.connect().unwrap();
    root.connected().await.unwrap();

    root.disconnect();
    custom.disconnect();
    reaches(&client, Status::Idle).await;
    custom.connect().unwrap();
    assert_eq!(custom.emit_with_ack::<u8>("ack", &3).await.unwrap(), 3);
}

#[tokio::test]
async fn a_namespace_is_open_once_and_bears_a_valid_name() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let _socket = client.namespace("/").connect().unwrap();
    assert!(matches!(client.namespace("/").connect(), Err(NamespaceError::AlreadyOpen(_))));
    for name in ["", "admin", "/a,b"] {
        assert!(matches!(client.namespace(name).connect(), Err(NamespaceError::Invalid(_))), "{name}");
    }
}

#[tokio::test]
async fn a_refusal_says_why_and_can_be_answered_with_better_credentials() {
    let server = Server::start().await;
    for way in WAYS {
        let client = server.client(way);
        let token = std::sync::Arc::new(parking_lot::Mutex::new("wrong"));
        let current = std::sync::Arc::clone(&token);
        let builder = client.namespace("/refused").auth_with(move || json!({ "token": *current.lock() }));
        let (socket, mut events) = builder.stream().unwrap();
        let Err(JoinError::Refused(refusal)) = socket.connected().await else { panic!("not refused") };
        assert_eq!(
            (refusal.message.as_str(), refusal.data),
            ("not authorised", Some(json!({ "token": "wrong" })))
        );
        assert_eq!(next(&mut events).await, "refused: not authorised");
        *token.lock() = "right";
        socket.connect().unwrap();
        assert_eq!(next(&mut events).await, "connected false");
        let unknown = client.namespace("/unknown").connect().unwrap();
        assert_eq!(unknown.connected().await.unwrap_err().to_string(), "Invalid namespace");
    }
}

#[tokio::test]
async fn a_socket_that_is_sent_away_stays_away_until_it_is_told_otherwise() {
    let server = Server::start().await;
    for (way, close) in WAYS.into_iter().zip([false, true, false]) {
        let client = server.client(way);
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        socket.emit("kick", &close).unwrap();
        let reason = loop {
            match events.next().await.unwrap() {
                Notice::Disconnected(reason) => break reason,
                _ => continue,
            }
        };
        assert_eq!((reason.cause, reason.by()), (Cause::ServerDisconnect, By::Server), "{reason}");
        assert!(!reason.will_reconnect && !socket.is_connected());
        reaches(&client, Status::Idle).await;
        socket.connect().unwrap();
        assert_eq!(next(&mut events).await, "connected false");
    }
}

#[tokio::test]
async fn handlers_run_in_order_beside_each_other_and_survive_a_panic() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let (log, mut logged) = mpsc::unbounded_channel();
    let (any, connected) = (log.clone(), log.clone());
    let socket = client
        .namespace("/")
        .on_connect(move |_socket: Socket, recovered| {
            let _ = connected.send(format!("connected {recovered}"));
            async {}
        })
        .on("echo", move |event: Event| {
            let log = log.clone();
            async move {
                let number: u64 = event.data().unwrap();
                assert_ne!(number, 1, "on purpose");
                // Waits for the server, which the task of this handler reads from.
                let doubled: u64 = event.socket().emit_with_ack("ack", &(2 * number)).await.unwrap();
                let _ = log.send(format!("{number} {doubled}"));
            }
        })
        .on_fallback(move |event: Event| {
            let _ = any.send(event.name.to_string());
            async { Err::<(), _>("an error that is logged") }
        })
        .connect()
        .unwrap();
    for number in 0..3 {
        socket.emit("echo", &number).unwrap();
    }
    for expected in ["connected false", "auth", "0 0", "2 4"] {
        assert_eq!(logged.recv().await.unwrap(), expected);
    }
    assert_eq!(client.handler_panics(), 1);
    socket.off("echo");
    socket.emit("echo", &Value::Null).unwrap();
    assert_eq!(logged.recv().await.unwrap(), "echo");
}
