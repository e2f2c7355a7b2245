use std::time::Duration;

use socketio::{AckError, Config, SocketIo, SocketRef};
use tokio::time::Instant;

use crate::support::Client;

async fn pair() -> (SocketIo, Client, SocketRef) {
    let io = SocketIo::new(Config::default());
    let client = Client::join(&io).await;
    let socket = io.root().all().sockets().remove(0);
    (io, client, socket)
}

#[tokio::test]
async fn the_client_answers() {
    let (_io, mut client, socket) = pair().await;
    let answer = socket.emit_with_ack::<(String, u32)>("question", &"really");
    assert_eq!(client.next().await, r#"20["question","really"]"#);
    client.send(r#"30["yes",2]"#).await;
    assert_eq!(answer.await.unwrap(), ("yes".to_owned(), 2));

    // Answers come in any order; one to no question changes nothing.
    let first = socket.emit_with_ack::<u8>("a", &());
    let second = socket.emit_with_ack::<u8>("b", &());
    client.send_all(&["32[2]", "31[1]", "37[0]", "31[3]"]).await;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
}

#[tokio::test]
async fn an_answer_of_another_shape_is_an_error() {
    let (_io, client, socket) = pair().await;
    let answer = socket.emit_with_ack::<u8>("question", &());
    client.send(r#"30["no number"]"#).await;
    assert!(matches!(answer.await, Err(AckError::Data(_))));
}

#[tokio::test(start_paused = true)]
async fn the_wait_has_an_end_that_counts_from_the_emit() {
    let (_io, client, socket) = pair().await;
    let start = Instant::now();
    assert!(matches!(socket.emit_with_ack::<u8>("a", &()).await, Err(AckError::Timeout)));
    assert_eq!(start.elapsed().as_secs(), 5);

    let start = Instant::now();
    let answer = socket.timeout(Duration::from_secs(1)).emit_with_ack::<u8>("b", &());
    tokio::time::advance(Duration::from_millis(700)).await;
    assert!(matches!(answer.await, Err(AckError::Timeout)));
    assert!(start.elapsed() < Duration::from_millis(1100), "{:?}", start.elapsed());

    // An answer that comes too late is ignored.
    client.send("31[1]").await;
    let answer = socket.emit_with_ack::<u8>("c", &());
    client.send("32[2]").await;
    assert_eq!(answer.await.unwrap(), 2);
}

#[tokio::test]
async fn a_disconnected_socket_gives_no_answer() {
    let (_io, client, socket) = pair().await;
    let answer = socket.emit_with_ack::<u8>("a", &());
    client.send("1").await;
    assert!(matches!(answer.await, Err(AckError::Disconnected)));
    assert!(matches!(socket.emit_with_ack::<u8>("b", &()).await, Err(AckError::Disconnected)));
}

#[tokio::test]
async fn an_event_that_cannot_be_written_has_no_answer() {
    let (_io, _client, socket) = pair().await;
    assert!(matches!(socket.emit_with_ack::<u8>("connect", &()).await, Err(AckError::Encode(_))));
}

#[tokio::test]
async fn a_handler_may_wait_for_an_answer() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        let name: String = socket.emit_with_ack("name?", &()).await?;
        socket.emit("hello", &name);
        Ok::<_, AckError>(())
    });
    let mut client = Client::join(&io).await;
    assert_eq!(client.next().await, r#"20["name?"]"#);
    client.send(r#"30["Ada"]"#).await;
    assert_eq!(client.next().await, r#"2["hello","Ada"]"#);
}
