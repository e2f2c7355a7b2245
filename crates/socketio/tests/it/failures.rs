use std::sync::Arc;

use socketio::{Ack, Config, SocketIo, SocketRef};
use tokio::sync::Semaphore;

use crate::support::{Client, log};

/// What a client may not send, after it joined `/`.
const VIOLATIONS: &[&str] = &[
    "abc",
    "",
    "2{}",
    r#"2["a""#,
    r#"2abc["a"]"#,
    r#"2/unknown,["a"]"#,
    r#"2["disconnect"]"#,
    "0",
    r#"4{"message":"no"}"#,
    "1/unknown,",
    r#"511-["a"]"#,
];

#[tokio::test]
async fn what_makes_no_sense_ends_the_connection_and_no_other() {
    let io = SocketIo::new(Config::default());
    let mut bystander = Client::join(&io).await;
    for violation in VIOLATIONS {
        let mut client = Client::join(&io).await;
        client.send(violation).await;
        assert_eq!(client.closed().await, Vec::<String>::new(), "{violation}");
    }
    assert_eq!(io.emit("a", &()).queued(), 1);
    assert_eq!(bystander.next().await, r#"2["a"]"#);
}

#[tokio::test]
async fn a_message_before_the_namespace_is_joined_ends_the_connection() {
    let io = SocketIo::new(Config::default());
    for violation in [r#"2["a"]"#, "1", "31[]"] {
        let mut client = Client::open(&io).await;
        client.send(violation).await;
        assert_eq!(client.closed().await, Vec::<String>::new(), "{violation}");
    }
    let mut client = Client::join(&io).await;
    client.send_binary(b"unannounced").await;
    assert_eq!(client.closed().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_panic_ends_its_connection_and_is_counted() {
    let gate = Arc::new(Semaphore::new(0));
    let io = SocketIo::new(Config::default());
    let waits = Arc::clone(&gate);
    io.namespace("/")
        .on("at once", async || panic!("a handler fails on purpose"))
        .on("later", async move || {
            let _permit = waits.acquire().await.unwrap();
            panic!("a handler fails on purpose");
        })
        .on("fine", async |ack: Ack| ack.send(&()))
        .on_connect(async || {});
    let mut bystander = Client::join(&io).await;

    let mut client = Client::join(&io).await;
    client.send(r#"2["at once"]"#).await;
    assert_eq!(client.closed().await, Vec::<String>::new());
    assert_eq!(io.handler_panics(), 1);

    let mut client = Client::join(&io).await;
    client.send_all(&[r#"2["later"]"#, r#"20["fine"]"#]).await;
    assert_eq!(client.next().await, "30[]");
    gate.add_permits(1);
    assert_eq!(client.closed().await, Vec::<String>::new());
    assert_eq!(io.handler_panics(), 2);

    bystander.send(r#"21["fine"]"#).await;
    assert_eq!(bystander.next().await, "31[]");
    assert_eq!(io.root().len(), 1);
}

#[tokio::test]
async fn a_panic_in_middleware_or_in_a_connect_handler_leaves_no_socket_behind() {
    let io = SocketIo::new(Config::default());
    io.namespace("/first")
        .middleware(async |socket: SocketRef| -> Result<(), String> {
            socket.join("room");
            panic!("middleware fails on purpose")
        })
        .on_connect(async || {});
    io.ns("/second", async |socket: SocketRef| {
        socket.join("room");
        panic!("a connect handler fails on purpose")
    });
    for (path, count) in [("/first", 0), ("/second", 1)] {
        let mut client = Client::open(&io).await;
        client.send(&format!("0{path},")).await;
        assert_eq!(client.closed().await.len(), count, "{path}");
        let namespace = io.of(path).unwrap();
        assert!(namespace.is_empty() && namespace.rooms().is_empty(), "{path}");
    }
    assert_eq!(io.handler_panics(), 2);
}

#[tokio::test]
async fn a_socket_is_freed_although_its_handlers_hold_it() {
    struct Witness(tokio::sync::mpsc::UnboundedSender<String>);
    impl Drop for Witness {
        fn drop(&mut self) {
            let _ = self.0.send("freed".to_owned());
        }
    }
    let (sender, mut log) = log();
    let io = SocketIo::new(Config::default());
    io.ns("/", async move |socket: SocketRef| {
        socket.insert(Arc::new(Witness(sender)));
        let held = socket.clone();
        socket.on("a", async move || {
            held.emit("b", &());
        });
        let held = socket.clone();
        socket.on_disconnect(async move || drop(held));
    });
    let client = Client::join(&io).await;
    client.send("1").await;
    assert_eq!(log.recv().await.unwrap(), "freed");
}
