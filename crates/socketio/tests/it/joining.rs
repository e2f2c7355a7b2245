use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use socketio::{
    Auth, Config, DisconnectReason, Extension, Handshake, Refusal, SocketIo, SocketRef, State, TryAuth,
};
use tokio::{sync::Semaphore, time::Instant};

use crate::support::{Client, log};

#[tokio::test]
async fn a_client_joins_the_root_namespace_and_gets_a_public_id() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| socket.emit("welcome", &socket.id()));
    let mut client = Client::open(&io).await;
    client.send("0").await;
    let connect: Value = serde_json::from_str(client.next().await.strip_prefix('0').unwrap()).unwrap();
    let sid = connect["sid"].as_str().unwrap();
    assert_ne!(sid, client.session_id());
    assert_eq!(connect.as_object().unwrap().len(), 1);
    assert_eq!(client.next().await, format!(r#"2["welcome","{sid}"]"#));
    assert_eq!(io.root().len(), 1);
}

#[tokio::test]
async fn the_root_namespace_exists_without_a_handler() {
    let io = SocketIo::new(Config::default());
    Client::join(&io).await;
    assert_eq!(io.emit("a", &()).queued(), 1);
}

#[tokio::test]
async fn an_unknown_namespace_is_refused_and_the_connection_goes_on() {
    let io = SocketIo::new(Config::default());
    let mut client = Client::open(&io).await;
    client.send("0/nope,").await;
    assert_eq!(client.next().await, r#"4/nope,{"message":"Invalid namespace"}"#);
    client.send("0").await;
    assert!(client.next().await.starts_with("0{"));
    assert!(io.of("/nope").is_none());
}

#[tokio::test]
async fn a_client_joins_several_namespaces_with_its_credentials() {
    let io = SocketIo::new(Config::default());
    for path in ["/", "/custom"] {
        io.ns(path, async |socket: SocketRef, Auth(auth): Auth<Value>| socket.emit("auth", &auth));
    }
    let mut client = Client::join(&io).await;
    assert_eq!(client.next().await, r#"2["auth",{}]"#);
    client.send(r#"0/custom,{"token":"123"}"#).await;
    assert!(client.next().await.starts_with(r#"0/custom,{"sid":""#));
    assert_eq!(client.next().await, r#"2/custom,["auth",{"token":"123"}]"#);
}

#[tokio::test]
async fn middleware_refuses_with_message_and_data() {
    #[derive(Deserialize)]
    struct Credentials {
        token: String,
    }
    let io = SocketIo::new(Config::default());
    io.namespace("/admin")
        .middleware(async |Auth(credentials): Auth<Credentials>| {
            tokio::task::yield_now().await;
            match &*credentials.token {
                "good" => Ok(()),
                "odd" => Err(Refusal::new("odd").with_data(json!({ "retry": false }))),
                _ => Err("not authorised".into()),
            }
        })
        .on_connect(async |socket: SocketRef| socket.emit("in", &()));
    let mut client = Client::open(&io).await;
    client.send(r#"0/admin,{"token":"odd"}"#).await;
    assert_eq!(client.next().await, r#"4/admin,{"message":"odd","data":{"retry":false}}"#);
    client.send(r#"0/admin,{"token":"bad"}"#).await;
    assert_eq!(client.next().await, r#"4/admin,{"message":"not authorised"}"#);
    client.send("0/admin,").await;
    assert_eq!(client.next().await, r#"4/admin,{"message":"Invalid credentials"}"#);
    assert_eq!(io.of("/admin").unwrap().len(), 0);
    client.send(r#"0/admin,{"token":"good"}"#).await;
    assert!(client.next().await.starts_with("0/admin,{"));
    assert_eq!(client.next().await, r#"2/admin,["in"]"#);
}

#[tokio::test]
async fn rooms_joined_in_middleware_count_once_the_client_is_in() {
    let gate = std::sync::Arc::new(Semaphore::new(0));
    let (sender, mut log) = log();
    let io = SocketIo::builder().state(std::sync::Arc::clone(&gate)).state(sender).build();
    io.namespace("/")
        .middleware(
            async |socket: SocketRef,
                   State(gate): State<std::sync::Arc<Semaphore>>,
                   State(log): State<tokio::sync::mpsc::UnboundedSender<String>>| {
                socket.join("early");
                assert_eq!(socket.emit("too early", &()).queued(), 0);
                log.send("asked".to_owned()).unwrap();
                let _permit = gate.acquire().await.unwrap();
                Ok::<_, Refusal>(())
            },
        )
        .on_connect(async || {});
    let mut client = Client::open(&io).await;
    client.send("0").await;
    assert_eq!(log.recv().await.unwrap(), "asked");
    assert_eq!(io.to("early").emit("a", &()).queued(), 0);
    assert_eq!(io.emit("a", &()).queued(), 0);
    gate.add_permits(1);
    assert!(client.next().await.starts_with("0{"));
    io.to("early").emit("b", &());
    assert_eq!(client.next().await, r#"2["b"]"#);
}

#[tokio::test]
async fn handlers_see_the_request_and_what_of_it_was_kept() {
    #[derive(Clone)]
    struct Missing;
    let io = SocketIo::builder().keep_extension::<Missing>().build();
    io.ns("/", async |socket: SocketRef, handshake: Handshake, TryAuth(auth): TryAuth<u8>| {
        assert!(auth.is_err());
        let agent = String::from_utf8(handshake.header("user-agent").unwrap().to_vec()).unwrap();
        socket.emit("seen", &(agent, handshake.query("EIO")));
    });
    io.ns("/strict", async |Extension(Missing): Extension<Missing>| {});
    let mut client = Client::open(&io).await;
    client.send("0{}").await;
    assert!(client.next().await.starts_with("0{"));
    assert_eq!(client.next().await, r#"2["seen","test","4"]"#);
    client.send("0/strict,").await;
    assert_eq!(client.next().await, r#"4/strict,{"message":"Internal server error"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_joins_nothing_is_closed_after_the_connect_timeout() {
    let io = SocketIo::new(Config { connect_timeout: Duration::from_secs(3), ..Config::default() });
    let mut joined = Client::join(&io).await;
    let start = Instant::now();
    let mut idle = Client::open(&io).await;
    assert_eq!(idle.closed().await, Vec::<String>::new());
    assert_eq!(start.elapsed().as_secs(), 3);
    io.emit("still", &());
    assert_eq!(joined.next().await, r#"2["still"]"#);
}

#[tokio::test]
async fn a_server_can_be_closed_from_a_thread_without_runtime() {
    let (sender, mut log) = log();
    let io = SocketIo::new(Config::default());
    io.ns("/", async move |socket: SocketRef| {
        socket.on_disconnect(async move || {
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
            sender.send("done".to_owned()).unwrap();
        });
    });
    let mut client = Client::join(&io).await;
    let closing = io.clone();
    std::thread::spawn(move || closing.close()).join().unwrap();
    client.closed().await;
    assert_eq!(log.recv().await.unwrap(), "done");
    assert_eq!(io.handler_panics(), 0);
}

#[tokio::test]
async fn each_end_has_its_reason() {
    let (sender, mut log) = log();
    let io = SocketIo::builder().state(sender).build();
    type Log = State<tokio::sync::mpsc::UnboundedSender<String>>;
    io.ns("/", async |socket: SocketRef| {
        socket.join("room");
        socket.on_disconnect(async |socket: SocketRef, reason: DisconnectReason, State(log): Log| {
            assert!(!socket.is_connected() && socket.rooms().is_empty());
            assert_eq!(socket.emit("a", &()).dropped(), 1);
            log.send(reason.to_string()).unwrap();
        });
    });
    let root = io.of("/").unwrap();

    let mut client = Client::join(&io).await;
    client.send("1").await;
    assert_eq!(log.recv().await.unwrap(), "client namespace disconnect");
    // The connection goes on, and the client may come back.
    client.send("0").await;
    assert!(client.next().await.starts_with("0{"));

    io.to("room").disconnect_sockets(false);
    assert_eq!(client.next().await, "1");
    assert_eq!(log.recv().await.unwrap(), "server namespace disconnect");
    client.send("0").await;
    assert!(client.next().await.starts_with("0{"));

    root.all().sockets()[0].disconnect(true);
    assert_eq!(client.closed().await, ["1"]);
    assert_eq!(log.recv().await.unwrap(), "server namespace disconnect");

    let mut client = Client::join(&io).await;
    client.send("nonsense").await;
    client.closed().await;
    assert_eq!(log.recv().await.unwrap(), "parse error");

    let mut client = Client::join(&io).await;
    io.close();
    client.closed().await;
    assert_eq!(log.recv().await.unwrap(), "server shutting down");
    assert!(root.is_empty() && root.rooms().is_empty());
}

#[tokio::test]
async fn a_request_that_is_not_allowed_opens_no_connection() {
    let io = SocketIo::builder()
        .allow_request(|request| {
            let is_known = request.headers.get("user-agent").is_some_and(|agent| agent == "known");
            async move {
                tokio::task::yield_now().await;
                if is_known { Ok(()) } else { Err("who are you?") }
            }
        })
        .build();
    let (status, body) = Client::refused(&io).await;
    assert_eq!(status, 403);
    assert_eq!(body, r#"{"code":4,"message":"who are you?"}"#);
}
