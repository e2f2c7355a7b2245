use std::time::Duration;

use serde_json::Value;
use socketio::SocketIo;
use socketio_client::{
    AckError, By, Cause, Config, EmitError, JoinError, Notice, Reconnection, Status, Transport,
};

use crate::support::{Server, WAYS, client, config, next, reaches};

#[tokio::test]
async fn a_restarted_server_is_found_again_and_gets_what_waited() {
    let mut server = Server::start().await;
    for way in WAYS {
        let client = server.client(way);
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        events.next_event().await.unwrap();
        server.stop();
        let reason = loop {
            if let Notice::Disconnected(reason) = events.next().await.unwrap() {
                break reason;
            }
        };
        assert_eq!(reason.cause, Cause::TransportClose, "{reason} {way:?}");
        assert_eq!(reason.by(), By::Server, "{reason}");
        assert!(reason.will_reconnect);
        socket.emit("echo", "waited").unwrap();
        socket.volatile().emit("echo", "lost").unwrap();
        let answer = socket.emit_with_ack::<String>("ack", "answered");
        server = server.restart().await;
        assert_eq!(answer.await.unwrap(), "answered");
        loop {
            match next(&mut events).await.as_str() {
                "failed" | "connected false" | r#"auth["{}"]"# => {}
                other => break assert_eq!(other, r#"echo["\"waited\""]"#),
            }
        }
    }
}

#[tokio::test]
async fn what_was_missed_is_recovered() {
    let server = Server::recovering().await;
    for way in WAYS {
        let client = server.client(way);
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        assert_eq!(next(&mut events).await, "connected false");
        assert!(next(&mut events).await.starts_with("auth"));
        if let [_, better] = way {
            reaches(&client, Status::Open(*better)).await;
        }
        let id = socket.id();
        server.io.close();
        server.io.to("room").emit("missed", &1);
        server.io.to("room").emit("missed", &2);
        assert_eq!(next(&mut events).await, "disconnected: transport close");
        loop {
            match next(&mut events).await.as_str() {
                "failed" => {}
                other => break assert_eq!(other, "connected true", "{way:?}"),
            }
        }
        assert!(socket.recovered() && socket.id() == id);
        for number in ["1", "2"] {
            assert!(next(&mut events).await.starts_with(&format!("missed[\"{number}\"")));
        }
        server.io.to("room").emit("live", &3);
        assert!(next(&mut events).await.starts_with("live"));
    }
}

#[tokio::test]
async fn without_a_server_the_client_gives_up_when_it_was_told_so() {
    let server = Server::start().await;
    server.stop();
    let reconnection =
        Reconnection { attempts: Some(1), delay: Duration::from_millis(1), ..Default::default() };
    let config = Config { reconnection: Some(reconnection), ..Config::default() };
    let client = client(server.address, config);
    let (socket, mut events) = client.namespace("/").stream().unwrap();
    let Err(JoinError::Failed(error)) = socket.connected().await else { panic!("connected") };
    let tried: Vec<_> = error.attempts.iter().map(|(transport, _)| *transport).collect();
    assert_eq!(tried, [Transport::Adaptive, Transport::WebSocket, Transport::Polling], "{error}");
    assert_eq!([next(&mut events).await, next(&mut events).await], ["failed", "failed"]);
    reaches(&client, Status::Idle).await;

    let _server = server.restart().await;
    socket.connect().unwrap();
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
}

#[tokio::test]
async fn what_waits_without_a_connection_is_bounded_in_bytes_and_in_time() {
    let server = Server::start().await;
    server.stop();
    let patience = Duration::from_millis(20);
    let config = Config { max_queued_bytes: 1000, queue_ttl: patience, ..config(WAYS[0]) };
    let client = client(server.address, config);
    let (socket, mut events) = client.namespace("/").stream().unwrap();
    socket.emit("echo", &"x".repeat(900)).unwrap();
    let full = socket.emit("echo", &"x".repeat(900));
    assert!(matches!(full, Err(EmitError::Full { queued }) if queued > 900), "{full:?}");
    // The event is dropped when its time is up.
    socket.flushed().await;
    let late = socket.timeout(patience).emit_with_ack::<Value>("ack", "late").await;
    assert!(matches!(late, Err(AckError::Timeout)), "{late:?}");
    let server = server.restart().await;
    // It must not wait longer than `patience` either.
    socket.connected().await.unwrap();
    socket.emit("echo", "in time").unwrap();
    loop {
        match next(&mut events).await.as_str() {
            "failed" | "connected false" | r#"auth["{}"]"# => {}
            other => break assert_eq!(other, r#"echo["\"in time\""]"#),
        }
    }
    drop(server);
}

#[tokio::test]
async fn an_event_in_flight_when_the_connection_is_lost_is_reported() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let socket = client.namespace("/").connect().unwrap();
    let answer = socket.emit_with_ack::<()>("silence", &());
    let sync: u8 = socket.emit_with_ack("ack", &1).await.unwrap();
    assert_eq!(sync, 1);
    server.stop();
    let answer = answer.await;
    assert!(matches!(answer, Err(AckError::Disconnected)), "{answer:?}");
}

#[tokio::test]
async fn a_server_that_goes_down_in_stages_is_come_back_to() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let (socket, mut events) = client.namespace("/").stream().unwrap();
    socket.connected().await.unwrap();
    let spread = Duration::from_millis(50);
    let report = server.io.shutdown(socketio::Shutdown { spread, ..Default::default() }).await;
    assert_eq!((report.closed, report.remaining), (1, 0));
    let reason = loop {
        if let Notice::Disconnected(reason) = events.next().await.unwrap() {
            break reason;
        }
    };
    assert!(reason.will_reconnect, "{reason}");
    // The server that is going down lets nobody in; the one after it does.
    let refused = loop {
        if let Notice::ConnectFailed(error) = events.next().await.unwrap() {
            break error;
        }
    };
    assert!(refused.to_string().contains("403"), "{refused}");
    let address = server.address;
    drop(server);
    let _next = Server::listen(SocketIo::new(socketio::Config::default()), address).await;
    socket.connected().await.unwrap();
}
