//! Functions that see all events.

use std::sync::Arc;

use parking_lot::Mutex;
use socketio_client::{Args, Event, Socket};

use crate::support::{Server, WAYS};

type Seen = Arc<Mutex<Vec<String>>>;

fn incoming(seen: &Seen, who: &'static str) -> impl Fn(&Event) + Send + Sync + 'static {
    let seen = Arc::clone(seen);
    move |event| seen.lock().push(format!("{who} {} {}", event.name, event.args.len()))
}

fn outgoing(seen: &Seen, who: &'static str) -> impl Fn(&str, &Args) + Send + Sync + 'static {
    let seen = Arc::clone(seen);
    move |name, args| seen.lock().push(format!("{who} {name} {:?}", args.iter().collect::<Vec<_>>()))
}

#[tokio::test]
async fn every_event_is_seen_before_its_handler_by_all_in_their_order() {
    let server = Server::start().await;
    for way in WAYS {
        let client = server.client(way);
        let seen = Seen::default();
        let handled = Arc::clone(&seen);
        let (socket, mut events) = client
            .namespace("/")
            .on_any(incoming(&seen, "first"))
            .on("echo", move |_: Event| {
                handled.lock().push("handler".to_owned());
                std::future::ready(())
            })
            .stream()
            .unwrap();
        assert_eq!(&*events.next_event().await.unwrap().name, "auth");
        assert_eq!(std::mem::take(&mut *seen.lock()), ["first auth 1"], "the stream gets it too");

        let second = socket.on_any(incoming(&seen, "second"));
        socket.prepend_any(incoming(&seen, "zeroth"));
        socket.emit("echo", &(1, 2)).unwrap();
        socket.emit_with_ack::<()>("ack", &()).await.unwrap();
        let expected = ["zeroth echo 2", "first echo 2", "second echo 2", "handler"];
        assert_eq!(std::mem::take(&mut *seen.lock()), expected);

        socket.off_any(second);
        socket.emit("echo", &()).unwrap();
        socket.emit_with_ack::<()>("ack", &()).await.unwrap();
        assert_eq!(std::mem::take(&mut *seen.lock()), ["zeroth echo 0", "first echo 0", "handler"]);

        socket.off_any(None);
        socket.emit("echo", &()).unwrap();
        socket.emit_with_ack::<()>("ack", &()).await.unwrap();
        assert_eq!(std::mem::take(&mut *seen.lock()), ["handler"]);
    }
}

#[tokio::test]
async fn every_event_that_is_emitted_is_seen_with_its_arguments() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let seen = Seen::default();
    let socket = client.namespace("/").on_any_outgoing(outgoing(&seen, "first")).connect().unwrap();
    let second = socket.on_any_outgoing(outgoing(&seen, "second"));
    socket.prepend_any_outgoing(outgoing(&seen, "zeroth"));
    socket.emit("silence", &(1, "b")).unwrap();
    assert_eq!(
        std::mem::take(&mut *seen.lock()),
        [
            r#"zeroth silence ["1", "\"b\""]"#,
            r#"first silence ["1", "\"b\""]"#,
            r#"second silence ["1", "\"b\""]"#
        ]
    );
    socket.off_any_outgoing(second);
    assert_eq!(socket.emit_with_ack::<u8>("ack", &3).await.unwrap(), 3);
    let _ = socket.volatile().emit("silence", &());
    assert_eq!(
        std::mem::take(&mut *seen.lock()),
        [r#"zeroth ack ["3"]"#, r#"first ack ["3"]"#, "zeroth silence []", "first silence []"]
    );
    socket.off_any_outgoing(None);
    socket.emit("silence", &()).unwrap();
    assert!(seen.lock().is_empty());
}

#[tokio::test]
async fn one_that_panics_keeps_nothing_from_the_handler() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let builder = client.namespace("/").on_any(|event| assert_ne!(&*event.name, "echo"));
    let (socket, mut events) = builder.stream().unwrap();
    socket.emit("echo", &1).unwrap();
    while &*events.next_event().await.unwrap().name != "echo" {}
    assert_eq!(client.handler_panics(), 1);
    assert_eq!(socket.emit_with_ack::<u8>("ack", &2).await.unwrap(), 2);
}

#[tokio::test]
async fn a_handler_emits_before_it_first_waits() {
    let server = Server::start().await;
    let client = server.client(WAYS[0]);
    let (told, mut telling) = tokio::sync::mpsc::unbounded_channel();
    let socket = client
        .namespace("/")
        .on_any(|_| {})
        .on_connect(move |socket: Socket, _| {
            // Outside of the future, where a lock would still be held.
            let _ = socket.emit("echo", &());
            let _ = told.send("connected");
            std::future::ready(())
        })
        .connect()
        .unwrap();
    assert_eq!(telling.recv().await, Some("connected"));
    socket.emit_with_ack::<()>("ack", &()).await.unwrap();
}
