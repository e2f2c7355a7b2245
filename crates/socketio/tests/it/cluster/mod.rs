mod bridge;

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use socketio::{Ack, Data, Event, Namespace, ServerAck, SocketIo, SocketRef, State};

use crate::support::{Client, log};
use bridge::Hub;

/// Two servers with a client each, `a` and `b`, both in the room that their letter names and in `both`.
struct Cluster {
    servers: [SocketIo; 2],
    clients: [Client; 2],
    sockets: [SocketRef; 2],
}

async fn cluster() -> Cluster {
    let hub = Hub::default();
    let servers = [hub.server(|root| root), hub.server(|root| root)];
    let clients = [Client::join(&servers[0]).await, Client::join(&servers[1]).await];
    let sockets = [0, 1].map(|server| servers[server].root().all().sockets().remove(0));
    for (socket, own) in sockets.iter().zip(["a", "b"]) {
        socket.join([own, "both"]);
    }
    Cluster { servers, clients, sockets }
}

impl Cluster {
    /// What each client has got until now.
    async fn received(&mut self) -> [Vec<String>; 2] {
        self.servers[0].emit("end", &());
        let [a, b] = &mut self.clients;
        let mut received = [Vec::new(), Vec::new()];
        for (client, received) in [a, b].into_iter().zip(&mut received) {
            loop {
                let packet = client.next().await;
                if packet == r#"2["end"]"# {
                    break;
                }
                received.push(packet);
            }
        }
        received
    }
}

#[tokio::test]
async fn broadcasts_reach_the_sockets_of_all_servers() {
    let mut cluster = cluster().await;
    let [first, second] = cluster.servers.clone();
    let [a, b] = cluster.sockets.clone();
    first.emit("all", &1);
    second.to("a").emit("room", &2);
    first.to(["a", "both"]).except("b").emit("except", &3);
    a.to("both").emit("others", &4);
    first.to(b.id()).emit("id", &5);
    first.local().to("both").emit("local", &6);
    first.root().local().emit("local", &7);
    let [received_a, received_b] = cluster.received().await;
    assert_eq!(
        received_a,
        [r#"2["all",1]"#, r#"2["room",2]"#, r#"2["except",3]"#, r#"2["local",6]"#, r#"2["local",7]"#]
    );
    assert_eq!(received_b, [r#"2["all",1]"#, r#"2["others",4]"#, r#"2["id",5]"#]);
}

#[tokio::test]
async fn bytes_and_every_argument_arrive() {
    let mut cluster = cluster().await;
    cluster.servers[0]
        .to("b")
        .emit("file", &("name", Bytes::from_static(b"body"), json!({ "x": [1.5, null] })));
    let client = &mut cluster.clients[1];
    assert_eq!(client.next().await, r#"51-["file","name",{"_placeholder":true,"num":0},{"x":[1.5,null]}]"#);
    assert_eq!(client.next().await, "bytes:body");
}

#[tokio::test]
async fn volatile_events_stay_volatile() {
    let mut cluster = cluster().await;
    // Neither client polls at the moment.
    cluster.servers[0].volatile().emit("lost", &());
    assert_eq!(cluster.received().await, [[""; 0], [""; 0]]);
}

#[tokio::test]
async fn sockets_of_all_servers_join_leave_and_are_disconnected() {
    let mut cluster = cluster().await;
    let [first, second] = cluster.servers.clone();
    first.sockets_join(["new", "other"]);
    first.to("b").sockets_leave("other");
    second.to("new").emit("new", &());
    second.to("other").emit("other", &());
    assert_eq!(cluster.received().await, [vec![r#"2["new"]"#, r#"2["other"]"#], vec![r#"2["new"]"#]]);
    second.sockets_leave("new");
    assert!(first.root().rooms().iter().all(|room| &**room != "new"));
    first.to("b").disconnect_sockets(false);
    assert_eq!(cluster.clients[1].next().await, "1");
    assert!(cluster.sockets[0].is_connected() && !cluster.sockets[1].is_connected());
}

#[tokio::test]
async fn sockets_of_all_servers_are_told_of() {
    let cluster = cluster().await;
    let [first, second] = cluster.servers.clone();
    cluster.sockets[1].share(&json!({ "name": "bob" })).unwrap();
    let fetched = first.fetch_sockets().await;
    assert!(fetched.is_complete());
    let ids: Vec<_> = fetched.values.iter().map(|socket| socket.id.as_str()).collect();
    assert_eq!(ids, cluster.sockets.each_ref().map(|socket| socket.id().to_string()));
    let [a, b] = &fetched.values[..] else { unreachable!("two sockets") };
    assert_eq!(b.rooms, [b.id.as_str(), "b", "both"]);
    assert_eq!(b.handshake["headers"]["user-agent"], "test");
    assert_eq!(b.data::<serde_json::Value>().unwrap(), json!({ "name": "bob" }));
    assert_eq!(a.data::<serde_json::Value>().unwrap(), json!({}));
    assert_eq!(second.to("a").fetch_sockets().await.values.len(), 1);
    assert_eq!(second.to("a").local().fetch_sockets().await.values.len(), 0);
    assert_eq!(first.root().all_rooms().await.values, ["a", "b", "both"]);
}

#[tokio::test(start_paused = true)]
async fn sockets_of_all_servers_answer() {
    let mut cluster = cluster().await;
    let asking = cluster.servers[0].to("both").emit_with_ack::<(u8, Bytes)>("ask", &"why");
    assert_eq!(cluster.clients[0].next().await, r#"20["ask","why"]"#);
    cluster.clients[0].send(r#"30["because"]"#).await;
    assert_eq!(cluster.clients[1].next().await, r#"20["ask","why"]"#);
    cluster.clients[1].send(r#"61-0[2,{"_placeholder":true,"num":0}]"#).await;
    cluster.clients[1].send_binary(b"two").await;
    let answers = asking.await.unwrap();
    assert_eq!(answers.remote, [(2, Bytes::from_static(b"two"))]);
    assert_eq!((answers.remote_missing, answers.missing_servers), (0, 0));
    // The first one answered in another shape.
    assert_eq!((answers.answered.len(), answers.failed.len()), (0, 1));

    let silent = cluster.servers[0].to("b").timeout(Duration::from_secs(1)).emit_with_ack::<u8>("ask", &());
    let answers = silent.await.unwrap();
    assert_eq!((answers.remote.len(), answers.remote_missing, answers.missing_servers), (0, 1, 0));
    assert!(!answers.is_complete() && answers.failed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn applications_talk_to_each_other() {
    let hub = Hub::default();
    let (sender, mut log) = log();
    let asking = hub.server(|root| root);
    let told = sender.clone();
    let answering = hub.server(move |root| {
        root.on_server_side("tell", async move |event: Event, namespace: Namespace, ack: ServerAck| {
            told.send(format!(
                "{}{:?} {}",
                namespace.path(),
                event.args.iter().collect::<Vec<_>>(),
                ack.is_expected()
            ))
        })
        .on_server_side("ask", async |Data((x, y)): Data<(u32, u32)>, ack: ServerAck| ack.send(&(x + y)))
        .on_server_side("fail", async || panic!("on purpose"))
        .on_server_side("no-state", async |State(()): State<()>| {})
    });
    asking.root().server_side_emit("tell", &(1, "two")).unwrap();
    assert_eq!(log.recv().await.unwrap(), r#"/["1", "\"two\""] false"#);
    let sum = asking.root().server_side_emit_with_ack::<u32>("ask", &(2, 3)).unwrap().await;
    assert_eq!((sum.values, sum.missing_servers), (vec![5], 0));
    // Arguments of another shape, a panic, a handler that cannot be called, and no handler at all are all no answer.
    for event in ["ask", "fail", "no-state", "unknown"] {
        let nothing = asking.root().server_side_emit_with_ack::<u32>(event, &"x").unwrap().await;
        assert_eq!((nothing.values.len(), nothing.is_complete()), (0, false), "{event}");
    }
    assert_eq!(answering.stats().handler_panics, 1);
    assert!(asking.root().server_side_emit("disconnect", &()).is_err());
}

#[tokio::test]
async fn a_server_alone_needs_no_adapter() {
    let io = SocketIo::new(socketio::Config::default());
    let _client = Client::join(&io).await;
    io.root().server_side_emit("tell", &()).unwrap();
    let nothing = io.root().server_side_emit_with_ack::<u8>("ask", &()).unwrap().await;
    assert!(nothing.is_complete() && nothing.values.is_empty());
    assert_eq!(io.fetch_sockets().await.values.len(), 1);
}

#[tokio::test]
async fn an_adapter_hears_of_rooms_and_ends_with_its_namespace() {
    let hub = Hub::default();
    let io = hub.server(|root| root);
    let tenants = io.dynamic(|path| path.starts_with("/tenant-")).on_connect(async |socket: SocketRef| {
        socket.on("join", async |socket: SocketRef, Data(room): Data<String>, ack: Ack| {
            socket.join(room);
            ack.send(&())
        });
    });
    let mut clients = [Client::open(&io).await, Client::open(&io).await];
    for client in &mut clients {
        client.send("0/tenant-1,").await;
        assert!(client.next().await.starts_with("0/tenant-1,"));
        client.send(r#"2/tenant-1,7["join","room"]"#).await;
        assert_eq!(client.next().await, "3/tenant-1,7[]");
    }
    assert_eq!(hub.paths(), ["/", "/tenant-1"]);
    assert_eq!(hub.rooms(), ["+room"]);
    clients[0].send("1/tenant-1,").await;
    assert!(hub.rooms().is_empty());
    clients[1].send("1/tenant-1,").await;
    assert_eq!(hub.rooms(), ["-room"]);
    assert_eq!(hub.paths(), ["/"]);
    assert!(tenants.namespaces().is_empty());
}
