use bytes::Bytes;
use serde_json::{Value, json};
use socketio_client::{AckError, Event, Status, Transport};

use crate::support::{Server, WAYS, next, reaches};

#[tokio::test]
async fn events_acknowledgements_and_bytes_travel_on_every_transport() {
    let server = Server::start().await;
    for way in WAYS {
        let client = server.client(way);
        let (socket, mut events) = client
            .namespace("/")
            .auth(json!({ "token": 1 }))
            .on("question", async |event: Event| {
                let bytes: Bytes = event.data().unwrap();
                event.ack.send(&("echo", bytes))
            })
            .stream()
            .unwrap();
        socket.connected().await.unwrap();
        assert_eq!(next(&mut events).await, "connected false");
        assert_eq!(next(&mut events).await, r#"auth["{\"token\":1}"]"#, "{way:?}");

        socket.emit("echo", &(1, "zwei", json!({ "€": null }))).unwrap();
        assert_eq!(next(&mut events).await, r#"echo["1", "\"zwei\"", "{\"€\":null}"]"#);

        let bytes = Bytes::from_static(&[0, 1, 255]);
        let answer: (Value, Bytes) = socket.emit_with_ack("ack", &("a", &bytes)).await.unwrap();
        assert_eq!(answer, (json!("a"), bytes.clone()));

        socket.emit("ask", &bytes).unwrap();
        let answered = events.next_event().await.unwrap();
        assert_eq!(answered.data::<(String, Bytes)>().unwrap(), ("echo".to_owned(), bytes));
        if let [_, better] = way {
            reaches(&client, Status::Open(*better)).await;
        }
        client.close().await;
        assert_eq!(next(&mut events).await, "disconnected: io client disconnect");
        assert!(events.next().await.is_none());
    }
}

#[tokio::test]
async fn nothing_is_lost_or_reordered_while_a_connection_is_upgraded() {
    let server = Server::start().await;
    let client = server.client(&[Transport::Polling, Transport::WebSocket]);
    let (socket, mut events) = client.namespace("/").stream().unwrap();
    events.next_event().await.unwrap();
    for number in 0..500 {
        socket.emit("echo", &number).unwrap();
        if number == 250 {
            reaches(&client, Status::Open(Transport::WebSocket)).await;
        }
    }
    for number in 0..500 {
        let event = events.next_event().await.unwrap();
        assert_eq!(event.data::<u32>().unwrap(), number);
    }
}

#[tokio::test]
async fn large_messages_pass_in_both_directions() {
    let server = Server::start().await;
    for way in WAYS {
        let client = server.client(way);
        let socket = client.namespace("/").connect().unwrap();
        let large = "€".repeat(200_000);
        let answer: String = socket.emit_with_ack("ack", &large).await.unwrap();
        assert!(answer == large, "{way:?}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_fit_is_an_error() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let socket = client.namespace("/").connect().unwrap();
    let patience = std::time::Duration::from_millis(20);
    let silent = socket.timeout(patience).emit_with_ack::<()>("silence", &()).await;
    assert!(matches!(silent, Err(AckError::Timeout)), "{silent:?}");
    let misshapen = socket.emit_with_ack::<u8>("ack", "text").await;
    assert!(matches!(misshapen, Err(AckError::Data(_))), "{misshapen:?}");
    let too_large = socket.emit("echo", &"x".repeat(1_000_001));
    assert!(too_large.unwrap_err().to_string().contains("1000000"));
    let reserved = socket.emit("disconnect", &());
    assert!(matches!(reserved, Err(socketio_client::EmitError::Encode(_))), "{reserved:?}");
    assert_eq!(socket.volatile().emit_with_ack::<u8>("ack", &7).await.unwrap(), 7);
}
