use bytes::Bytes;
use serde::{Deserialize, Serialize};
use socketio::{Ack, Bin, Config, Data, Event, SocketIo, SocketRef};

use crate::support::Client;

#[derive(Deserialize, Serialize)]
struct File {
    name: String,
    body: Bytes,
}

#[tokio::test]
async fn attachments_go_both_ways() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        socket.on("message", async |socket: SocketRef, event: Event| {
            socket.emit("message-back", &event.args);
        });
        socket.on("file", async |Data(file): Data<File>, Bin(attachments): Bin, ack: Ack| {
            assert!(attachments.iter().eq([&file.body]));
            ack.send(&File { name: file.name, body: Bytes::from_static(b"pong") });
        });
    });
    let mut client = Client::join(&io).await;
    client.send(r#"52-["message",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]"#).await;
    client.send_binary(b"one").await;
    client.send_binary(b"two").await;
    assert_eq!(
        client.next().await,
        r#"52-["message-back",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]"#
    );
    assert_eq!(client.next().await, "bytes:one");
    assert_eq!(client.next().await, "bytes:two");

    client.send(r#"51-9["file",{"name":"a","body":{"_placeholder":true,"num":0}}]"#).await;
    client.send_binary(b"ping").await;
    assert_eq!(client.next().await, r#"61-9[{"name":"a","body":{"_placeholder":true,"num":0}}]"#);
    assert_eq!(client.next().await, "bytes:pong");
}

#[tokio::test]
async fn a_broadcast_carries_attachments() {
    let io = SocketIo::new(Config::default());
    let mut clients = [Client::join(&io).await, Client::join(&io).await];
    assert_eq!(io.emit("file", &Bytes::from_static(b"body")).queued(), 2);
    for client in &mut clients {
        assert_eq!(client.next().await, r#"51-["file",{"_placeholder":true,"num":0}]"#);
        assert_eq!(client.next().await, "bytes:body");
    }
}

#[tokio::test]
async fn an_answer_may_be_binary() {
    let io = SocketIo::new(Config::default());
    let client = Client::join(&io).await;
    let socket = io.root().all().sockets().remove(0);
    let answer = socket.emit_with_ack::<Bytes>("read", &());
    client.send(r#"61-0[{"_placeholder":true,"num":0}]"#).await;
    client.send_binary(b"body").await;
    assert_eq!(answer.await.unwrap(), "body");
}

#[tokio::test]
async fn more_attachments_than_allowed_end_the_connection_and_no_other() {
    let io = SocketIo::new(Config { max_attachments: 2, ..Config::default() });
    let [mut offender, mut bystander] = [Client::join(&io).await, Client::join(&io).await];
    offender.send(r#"53-["file",{"_placeholder":true,"num":0}]"#).await;
    assert!(offender.closed().await.is_empty());
    assert_eq!(io.stats().protocol_errors, 1);
    io.emit("still", &());
    assert_eq!(bystander.next().await, r#"2["still"]"#);
}
