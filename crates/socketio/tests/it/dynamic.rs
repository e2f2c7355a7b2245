use std::time::Duration;

use socketio::{Config, Recovery, Refusal, SocketIo, SocketRef};
use tokio::time::advance;

use crate::support::Client;

fn server(config: Config) -> SocketIo {
    let io = SocketIo::new(config);
    io.dynamic(|path| path.starts_with("/tenant-"))
        .middleware(async |socket: SocketRef| {
            if socket.namespace().path() == "/tenant-none" { Err(Refusal::new("no")) } else { Ok(()) }
        })
        .on("hi", async |socket: SocketRef| socket.emit("hi", socket.namespace().path()))
        .on_connect(async |socket: SocketRef| socket.join("room"));
    io
}

#[tokio::test]
async fn a_namespace_is_made_for_its_first_client_and_ends_with_its_last() {
    let io = server(Config::default());
    let mut clients = Vec::new();
    for _ in 0..2 {
        let mut client = Client::open(&io).await;
        client.send("0/tenant-a,").await;
        assert!(client.next().await.starts_with("0/tenant-a,"));
        client.send(r#"2/tenant-a,["hi"]"#).await;
        assert_eq!(client.next().await, r#"2/tenant-a,["hi","/tenant-a"]"#);
        clients.push(client);
    }
    let namespace = io.of("/tenant-a").unwrap();
    assert_eq!((namespace.len(), namespace.to("room").sockets().len()), (2, 2));
    clients[0].send("1/tenant-a,").await;
    assert!(io.of("/tenant-a").is_some());
    clients[1].close().await;
    assert!(io.of("/tenant-a").is_none());
    assert!(namespace.is_empty());

    clients[0].send("0/tenant-a,").await;
    assert!(clients[0].next().await.starts_with("0/tenant-a,"));
    assert_eq!(io.of("/tenant-a").unwrap().len(), 1);
}

#[tokio::test]
async fn who_is_refused_leaves_no_namespace_behind() {
    let io = server(Config::default());
    let mut client = Client::open(&io).await;
    client.send("0/tenant-none,").await;
    assert_eq!(client.next().await, r#"4/tenant-none,{"message":"no"}"#);
    client.send("0/elsewhere,").await;
    assert_eq!(client.next().await, r#"4/elsewhere,{"message":"Invalid namespace"}"#);
    assert!(io.of("/tenant-none").is_none() && io.of("/elsewhere").is_none());
}

#[tokio::test]
async fn there_are_no_more_namespaces_than_allowed() {
    let io = server(Config { max_namespaces: 2, ..Config::default() });
    let mut client = Client::open(&io).await;
    client.send("0/tenant-a,").await;
    assert!(client.next().await.starts_with("0/tenant-a,"));
    client.send("0/tenant-b,").await;
    assert_eq!(client.next().await, r#"4/tenant-b,{"message":"Invalid namespace"}"#);
    client.send_all(&["1/tenant-a,", "0/tenant-b,"]).await;
    assert!(client.next().await.starts_with("0/tenant-b,"));
}

#[tokio::test]
async fn a_family_reaches_all_its_namespaces() {
    let io = SocketIo::new(Config::default());
    let family = io.dynamic(|path| path.starts_with("/x")).open();
    let other = io.dynamic(|_| true).open();
    let mut client = Client::open(&io).await;
    for path in ["/x1", "/x2", "/y"] {
        client.send(&format!("0{path},")).await;
        assert!(client.next().await.starts_with(&format!("0{path},")));
    }
    assert_eq!((family.namespaces().len(), other.namespaces().len()), (2, 1));
    family.emit("a", &1);
    let mut received = [client.next().await, client.next().await];
    received.sort();
    assert_eq!(received, [r#"2/x1,["a",1]"#, r#"2/x2,["a",1]"#]);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_waits_for_those_who_may_come_back() {
    let io = server(Config { recovery: Some(Recovery::default()), ..Config::default() });
    let mut client = Client::open(&io).await;
    client.send("0/tenant-a,").await;
    client.next().await;
    client.close().await;
    assert!(io.of("/tenant-a").is_some());
    advance(Duration::from_secs(121)).await;

    let mut client = Client::open(&io).await;
    client.send("0/tenant-b,").await;
    client.next().await;
    assert!(io.of("/tenant-a").is_none());
    assert!(io.of("/tenant-b").is_some());
}
