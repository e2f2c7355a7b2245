use serde_json::Value;
use socketio::{Ack, Config, Data, Event, SocketIo, SocketRef, State};
use tokio::sync::mpsc::UnboundedSender;

use crate::support::{Client, log};

type Log = State<UnboundedSender<String>>;

fn text(event: &Event) -> String {
    format!("{}{:?}{:?}", event.name, event.args.iter().collect::<Vec<_>>(), event.args.attachments())
}

#[tokio::test]
async fn middleware_passes_events_in_order_or_drops_them() {
    let (sender, mut log) = log();
    let io = SocketIo::builder().state(sender).build();
    io.namespace("/")
        .event_middleware(async |event: Event, State(log): Log| {
            log.send(format!("first {}", event.name)).unwrap();
            if event.name == "no" { Err("not you") } else { Ok(()) }
        })
        .on("echo", async |Data(value): Data<Value>, ack: Ack| ack.send(&value))
        .on_connect(async |socket: SocketRef| {
            socket.event_middleware(async |event: Event, State(log): Log| {
                tokio::task::yield_now().await;
                log.send(format!("second {}", event.name)).unwrap();
                if event.name == "never" { Err("not you") } else { Ok(()) }
            });
        });
    let mut client = Client::join(&io).await;
    client.send(r#"20["no"]"#).await;
    client.send(r#"21["never"]"#).await;
    client.send(r#"22["echo",[1]]"#).await;
    assert_eq!(client.next().await, "32[[1]]");
    assert_eq!(io.rejected_events(), 2);
    let mut seen = Vec::new();
    while let Ok(line) = log.try_recv() {
        seen.push(line);
    }
    // What waits runs beside the middleware of later events.
    let of = |name: &str| seen.iter().filter(|line| line.ends_with(name)).collect::<Vec<_>>();
    assert_eq!(of(" no"), ["first no"]);
    assert_eq!(of("never"), ["first never", "second never"]);
    assert_eq!(of("echo"), ["first echo", "second echo"]);
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_counted() {
    let io = SocketIo::new(Config::default());
    io.namespace("/").on("n", async |Data(_): Data<u8>, ack: Ack| ack.send(&())).open();
    let mut client = Client::join(&io).await;
    client.send_all(&[r#"20["n","x"]"#, r#"21["n",256]"#, r#"22["n"]"#, r#"23["n",7]"#]).await;
    assert_eq!(client.next().await, "33[]");
    assert_eq!(io.rejected_events(), 3);
}

#[tokio::test]
async fn on_any_sees_every_event_beside_its_handler() {
    let (sender, mut log) = log();
    let io = SocketIo::builder().state(sender).build();
    io.namespace("/")
        .on_any(async |event: Event, ack: Ack, State(log): Log| {
            assert!(!ack.is_expected());
            log.send(format!("all {}", text(&event))).unwrap();
        })
        .on("known", async |ack: Ack| ack.send(&()))
        .on_connect(async |socket: SocketRef| {
            socket.on_any(async |event: Event, State(log): Log| {
                log.send(format!("own {}", event.name)).unwrap();
            });
        });
    let mut client = Client::join(&io).await;
    client.send_all(&[r#"20["known",1]"#, r#"2["unknown"]"#]).await;
    assert_eq!(client.next().await, "30[]");
    for expected in [r#"all known["1"][]"#, "own known", "all unknown[][]", "own unknown"] {
        assert_eq!(log.recv().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn on_any_outgoing_sees_emits_broadcasts_and_questions() {
    let (sender, mut log) = log();
    let io = SocketIo::new(Config::default());
    let _other = Client::join(&io).await;
    io.ns("/", async move |socket: SocketRef| {
        socket.join("room");
        let log = sender.clone();
        socket.on_any_outgoing(move |_, event| log.send(text(event)).unwrap());
    });
    let mut client = Client::join(&io).await;
    let socket = io.to("room").sockets().remove(0);
    socket.emit("own", &(1, bytes::Bytes::from_static(b"x")));
    io.emit("all", &());
    io.except("room").emit("others", &());
    let _answer = socket.emit_with_ack::<u8>("ask", &2);
    let _answers = io.to("room").emit_with_ack::<u8>("ask all", &3);
    let placeholder = r#"{\"_placeholder\":true,\"num\":0}"#;
    for expected in [
        format!(r#"own["1", "{placeholder}"][b"x"]"#),
        "all[][]".to_owned(),
        r#"ask["2"][]"#.to_owned(),
        r#"ask all["3"][]"#.to_owned(),
    ] {
        assert_eq!(log.recv().await.unwrap(), expected);
    }
    assert!(client.next().await.starts_with("51-"));

    // It is gone with its socket.
    client.close().await;
    io.emit("all", &());
    assert!(log.try_recv().is_err());
}

#[tokio::test]
async fn who_sees_events_can_come_first_and_go_again() {
    let (sender, mut log) = log();
    let io = SocketIo::new(Config::default());
    let namespace_log = sender.clone();
    io.namespace("/").on_any(async move || namespace_log.send("namespace".to_owned()).unwrap()).on_connect(
        async move |socket: SocketRef| {
            let tell = |line: &'static str| {
                let log = sender.clone();
                async move || log.send(line.to_owned()).unwrap()
            };
            let second = socket.on_any(tell("second"));
            socket.prepend_any(tell("first"));
            socket.on_any(tell("third"));
            socket.on("gone", tell("handled"));
            socket.on("one less", async move |socket: SocketRef| socket.off_any(second));
            socket.on("none", async |socket: SocketRef| {
                socket.off_any(None);
                socket.off("gone");
            });
        },
    );
    let client = Client::join(&io).await;
    // Handlers that do not wait have run when the request is answered.
    let mut seen = async |packet: &str| {
        client.send(packet).await;
        let mut lines = Vec::new();
        while let Ok(line) = log.try_recv() {
            lines.push(line);
        }
        lines
    };
    assert_eq!(seen(r#"2["gone"]"#).await, ["namespace", "first", "second", "third", "handled"]);
    seen(r#"2["one less"]"#).await;
    assert_eq!(seen(r#"2["gone"]"#).await, ["namespace", "first", "third", "handled"]);
    seen(r#"2["none"]"#).await;
    assert_eq!(seen(r#"2["gone"]"#).await, ["namespace"]);
}

#[tokio::test]
async fn who_sees_what_is_sent_can_come_first_and_go_again() {
    let (sender, mut log) = log();
    let io = SocketIo::new(Config::default());
    let _client = Client::join(&io).await;
    let socket = io.root().all().sockets().remove(0);
    let tell = |line: &'static str| {
        let log = sender.clone();
        move |_: &SocketRef, _: &Event| log.send(line.to_owned()).unwrap()
    };
    let second = socket.on_any_outgoing(tell("second"));
    socket.prepend_any_outgoing(tell("first"));
    let mut seen = || {
        io.emit("a", &());
        std::iter::from_fn(|| log.try_recv().ok()).collect::<Vec<_>>()
    };
    assert_eq!(seen(), ["first", "second"]);
    socket.off_any_outgoing(second);
    assert_eq!(seen(), ["first"]);
    socket.off_any_outgoing(None);
    assert_eq!(seen(), Vec::<String>::new());
}
