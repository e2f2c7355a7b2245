use std::time::Duration;

use socketio::{AckError, Config, Recovery, SocketIo, SocketRef};
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

/// Three clients in a room, and one outside.
async fn room() -> (SocketIo, Vec<Client>) {
    let io = SocketIo::new(Config::default());
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Client::join(&io).await);
    }
    io.within(Vec::<String>::new()).sockets_join("room");
    clients.push(Client::join(&io).await);
    (io, clients)
}

#[tokio::test]
async fn all_recipients_of_a_broadcast_answer_under_one_id() {
    let (io, mut clients) = room().await;
    let answers = io.to("room").emit_with_ack::<(u8, String)>("who?", &1);
    for (index, client) in clients.iter_mut().take(3).enumerate() {
        assert_eq!(client.next().await, r#"20["who?",1]"#);
        client.send(&format!(r#"30[{index},"x"]"#)).await;
    }
    // Nobody else was asked, and nobody is heard twice.
    clients[3].send("30[9]").await;
    clients[0].send("30[9]").await;
    let answers = answers.await.unwrap();
    assert!(answers.is_complete());
    let mut numbers: Vec<_> = answers.answered.iter().map(|(_, (number, _))| *number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2]);
    let ids: std::collections::HashSet<_> = answers.answered.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_gives_the_answers_that_came_in_time() {
    let (io, clients) = room().await;
    let start = Instant::now();
    let answers = io.to("room").timeout(Duration::from_secs(2)).emit_with_ack::<u8>("who?", &());
    clients[0].send("30[7]").await;
    clients[1].send(r#"30["no number"]"#).await;
    let answers = answers.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 2);
    assert_eq!(answers.answered.iter().map(|(_, answer)| *answer).collect::<Vec<_>>(), [7]);
    let late = answers.failed.iter().filter(|(_, error)| matches!(error, AckError::Timeout)).count();
    let odd = answers.failed.iter().filter(|(_, error)| matches!(error, AckError::Data(_))).count();
    assert_eq!((late, odd, answers.failed.len()), (1, 1, 2));

    // Who leaves is not waited for.
    let answers = io.to("room").emit_with_ack::<u8>("who?", &());
    clients[0].send("31[1]").await;
    clients[1].send("1").await;
    clients[2].close().await;
    let answers = answers.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 2);
    assert_eq!((answers.answered.len(), answers.failed.len()), (1, 2));
    assert!(answers.failed.iter().all(|(_, error)| matches!(error, AckError::Disconnected)));
}

#[tokio::test]
async fn a_broadcast_to_nobody_is_answered_at_once() {
    let io = SocketIo::new(Config::default());
    let answers = io.emit_with_ack::<u8>("who?", &()).await.unwrap();
    assert!(answers.is_complete() && answers.answered.is_empty());
    assert!(io.emit_with_ack::<u8>("connect", &()).await.is_err());

    // Clients that do not poll miss a volatile event.
    let _client = Client::join(&io).await;
    let answers = io.volatile().emit_with_ack::<u8>("who?", &()).await.unwrap();
    assert!(matches!(answers.failed[..], [(_, AckError::Dropped)]));
}

#[tokio::test(start_paused = true)]
async fn a_client_may_be_waited_for_as_long_as_it_takes() {
    let longest = Duration::MAX;
    let recovery = Recovery { max_disconnection_duration: longest, ..Recovery::default() };
    let io = SocketIo::new(Config {
        connect_timeout: longest,
        ack_timeout: longest,
        recovery: Some(recovery),
        ..Config::default()
    });
    let mut client = Client::join(&io).await;
    let socket = io.root().all().sockets().remove(0);
    let (one, all) = (socket.emit_with_ack::<u8>("a", &()), io.emit_with_ack::<u8>("b", &()));
    client.next().await;
    client.next().await;
    client.send_all(&["30[1]", "31[2]"]).await;
    assert_eq!(one.await.unwrap(), 1);
    assert_eq!(all.await.unwrap().answered[0].1, 2);
    io.emit("kept", &());
    client.close().await;
    io.emit("kept", &());
}
