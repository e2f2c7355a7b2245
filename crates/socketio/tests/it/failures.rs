use std::sync::Arc;

use socketio::{Ack, Config, SocketIo, SocketRef, State};
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

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
    let stats = io.stats();
    assert_eq!((stats.protocol_errors, stats.refused_sockets), (VIOLATIONS.len() as u64, 0));
    assert_eq!(io.emit("a", &()).queued(), 1);
    assert_eq!(bystander.next().await, r#"2["a"]"#);
    bystander.send("0/unknown,").await;
    assert_eq!(bystander.next().await, r#"4/unknown,{"message":"Invalid namespace"}"#);
    assert_eq!(io.stats().refused_sockets, 1);
    assert_eq!(io.stats().sockets, 1);
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

/// Tells when the last handle to a socket that holds it is gone.
#[derive(Clone)]
struct Witness(#[expect(dead_code, reason = "its end is what counts")] Arc<OnDrop>);

struct OnDrop(UnboundedSender<String>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        let _ = self.0.send("freed".to_owned());
    }
}

/// Registers handlers that hold the socket that holds them.
fn entangle(socket: &SocketRef, log: UnboundedSender<String>) {
    socket.insert(Witness(Arc::new(OnDrop(log))));
    for event in ["a", "b"] {
        let held = socket.clone();
        socket.on(event, async move || held.emit("c", &()));
    }
    let held = socket.clone();
    socket.on_fallback(async move || held.emit("c", &()));
    let held = socket.clone();
    socket.on_disconnect(async move || drop(held));
}

#[tokio::test]
async fn a_socket_is_freed_although_its_handlers_hold_it() {
    let (sender, mut log) = log();
    let gate = Arc::new(Semaphore::new(0));
    let io = SocketIo::builder().state(sender).state(Arc::clone(&gate)).build();
    type Log = State<UnboundedSender<String>>;
    io.ns("/", async |socket: SocketRef, State(log): Log| entangle(&socket, log));
    io.ns("/late", async |socket: SocketRef, State(log): Log, State(gate): State<Arc<Semaphore>>| {
        let _permit = gate.acquire().await.unwrap();
        assert!(!socket.is_connected());
        entangle(&socket, log);
    });
    io.namespace("/refused")
        .middleware(async |socket: SocketRef, State(log): Log| {
            entangle(&socket, log);
            Err::<(), _>("no")
        })
        .open();

    let mut client = Client::join(&io).await;
    client.send("1").await;
    assert_eq!(log.recv().await.unwrap(), "freed");

    client.send("0/late,").await;
    client.next().await;
    client.send("1/late,").await;
    gate.add_permits(1);
    assert_eq!(log.recv().await.unwrap(), "freed");

    client.send("0/refused,").await;
    assert_eq!(client.next().await, r#"4/refused,{"message":"no"}"#);
    assert_eq!(log.recv().await.unwrap(), "freed");
}
