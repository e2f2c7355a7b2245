use bytes::Bytes;
use serde_json::{Value, json};
use socketio::Parsers;
use socketio_client::{Cause, Client, Config, Notice, Parser, Transport};

use crate::support::{Server, WAYS, client, config};

fn message_pack(server: &Server, transports: &[Transport]) -> Client {
    client(server.address, Config { parser: Parser::MessagePack, ..config(transports) })
}

fn server_config(parsers: Parsers) -> socketio::Config {
    socketio::Config { parsers, ..socketio::Config::default() }
}

#[tokio::test]
async fn events_answers_and_bytes_go_both_ways() {
    let server = Server::with(server_config(Parsers::MessagePack)).await;
    for transports in WAYS {
        let client = message_pack(&server, transports);
        let (socket, mut events) =
            client.namespace("/custom").auth(json!({ "token": 1.5 })).stream().unwrap();
        let auth = events.next_event().await.unwrap();
        assert_eq!(auth.data::<Value>().unwrap(), json!({ "token": 1.5 }));
        let sent = (-7, Bytes::from_static(b"\x00\xff"), json!({ "é": [null, true, "x"] }));
        let answer: (i32, Bytes, Value) = socket.emit_with_ack("ack", &sent).await.unwrap();
        assert_eq!(answer, sent);
        socket.on("question", async |event: socketio_client::Event| {
            let question: Bytes = event.data().unwrap();
            event.ack.send(&("because", question))
        });
        socket.emit("ask", &Bytes::from_static(b"why")).unwrap();
        let answered = events.next_event().await.unwrap();
        assert_eq!(&*answered.name, "answered");
        assert_eq!(
            answered.data::<(String, Bytes)>().unwrap(),
            ("because".into(), Bytes::from_static(b"why"))
        );
        client.close().await;
    }
}

#[tokio::test]
async fn a_broadcast_reaches_clients_of_both_parsers() {
    let server = Server::with(server_config(Parsers::Both)).await;
    let clients = [message_pack(&server, WAYS[0]), server.client(WAYS[0]), message_pack(&server, WAYS[1])];
    let mut streams = Vec::new();
    for client in &clients {
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        // Who got this is in the room.
        events.next_event().await.unwrap();
        streams.push((socket, events));
    }
    let sent = (1, Bytes::from_static(b"two"), "three".to_owned());
    assert_eq!(server.io.to("room").emit("news", &sent).queued(), clients.len());
    for (_, events) in &mut streams {
        let event = events.next_event().await.unwrap();
        assert_eq!(event.data::<(u8, Bytes, String)>().unwrap(), sent);
    }
    for (socket, _) in &streams {
        socket.on("vote", async |event: socketio_client::Event| event.ack.send(&Bytes::from_static(b"yes")));
    }
    let answers = server.io.to("room").emit_with_ack::<Bytes>("vote", &()).await.unwrap();
    assert!(answers.is_complete(), "{answers:?}");
    assert_eq!(answers.answered.len(), clients.len());
}

#[tokio::test]
async fn a_client_gets_what_it_missed_as_message_pack() {
    let recovery = Some(socketio::Recovery::default());
    let server = Server::with(socketio::Config { recovery, ..server_config(Parsers::Both) }).await;
    let client = message_pack(&server, WAYS[0]);
    let (socket, mut events) = client.namespace("/").stream().unwrap();
    events.next_event().await.unwrap();
    let id = socket.id().unwrap();
    server.io.engine().close(engineio::CloseReason::TransportClose);
    server.io.to("room").emit("missed", &Bytes::from_static(b"a"));
    let mut recovered = false;
    let missed = loop {
        match events.next().await.unwrap() {
            Notice::Connected { recovered: is_recovered } => recovered = is_recovered,
            Notice::Event(event) => break event,
            _ => {}
        }
    };
    assert_eq!(missed.data::<Bytes>().unwrap(), Bytes::from_static(b"a"));
    assert!(recovered);
    assert_eq!(socket.id().unwrap(), id);
}

#[tokio::test]
async fn a_client_with_the_other_parser_is_turned_away() {
    for (parsers, parser) in [(Parsers::Json, Parser::MessagePack), (Parsers::MessagePack, Parser::Json)] {
        let server = Server::with(server_config(parsers)).await;
        let config = Config { parser, reconnection: None, ..config(WAYS[0]) };
        let client = client(server.address, config);
        let (_socket, mut events) = client.namespace("/").stream().unwrap();
        let Some(Notice::Disconnected(reason)) = events.next().await else { unreachable!("{parsers:?}") };
        assert!(matches!(reason.cause, Cause::TransportClose | Cause::TransportError), "{reason}");
    }
}
