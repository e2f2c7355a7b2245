use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::{Value, json};
use socketio::{Ack, Config, Data, Event, Refusal, SocketIo, SocketRef, TryData};
use tokio::sync::Semaphore;

use crate::support::Client;

#[tokio::test]
async fn arguments_and_acknowledgements_go_both_ways() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        socket.on("message", async |socket: SocketRef, event: Event| {
            socket.emit("message-back", &event.args);
        });
        socket.on("message-with-ack", async |event: Event, ack: Ack| ack.send(&event.args));
        socket.on("sum", async |Data((a, b)): Data<(i64, i64)>, ack: Ack| {
            assert!(ack.is_expected());
            ack.send(&(a + b));
        });
    });
    let mut client = Client::join(&io).await;
    for (sent, received) in [
        (r#"2["message",1,"2",{"3":[false, true]}]"#, r#"2["message-back",1,"2",{"3":[false, true]}]"#),
        (r#"2["message"]"#, r#"2["message-back"]"#),
        (r#"2456["message-with-ack",1,"2",{"3":[false]}]"#, r#"3456[1,"2",{"3":[false]}]"#),
        (r#"21["message-with-ack"]"#, "31[]"),
        (r#"20["sum",20,22]"#, "30[42]"),
    ] {
        client.send(sent).await;
        assert_eq!(client.next().await, received);
    }
}

#[tokio::test]
async fn an_acknowledgement_that_nobody_wants_is_not_sent() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        socket.on("a", async |socket: SocketRef, ack: Ack| {
            assert!(!ack.is_expected());
            ack.send(&1);
            socket.emit("b", &());
        });
    });
    let mut client = Client::join(&io).await;
    client.send(r#"2["a"]"#).await;
    assert_eq!(client.next().await, r#"2["b"]"#);
}

#[tokio::test]
async fn the_most_specific_handler_counts() {
    let io = SocketIo::new(Config::default());
    io.namespace("/")
        .on("both", async |ack: Ack| ack.send("namespace"))
        .on("shared", async |ack: Ack| ack.send("namespace"))
        .on_fallback(async |event: Event, ack: Ack| ack.send(&format!("fallback {}", event.name)))
        .on_connect(async |socket: SocketRef| {
            socket.on("both", async |ack: Ack| ack.send("replaced"));
            socket.on("both", async |ack: Ack| ack.send("socket"));
        });
    let mut client = Client::join(&io).await;
    for (event, answer) in [("both", "socket"), ("shared", "namespace"), ("other", "fallback other")] {
        client.send(&format!(r#"21["{event}"]"#)).await;
        assert_eq!(client.next().await, format!(r#"31["{answer}"]"#));
    }
}

#[tokio::test]
async fn arguments_of_another_shape_drop_the_event_or_are_answered() {
    #[derive(Deserialize)]
    struct Order {
        job: u32,
    }
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        socket.on("strict", async |Data(order): Data<Order>, ack: Ack| ack.send(&order.job));
        socket.on("lenient", async |TryData(order): TryData<Order>, ack: Ack| {
            ack.send(&json!({ "ok": order.is_ok() }));
        });
    });
    let mut client = Client::join(&io).await;
    client.send_all(&[r#"21["strict","x"]"#, r#"22["strict",{"job":7}]"#, r#"23["lenient"]"#]).await;
    assert_eq!(client.next().await, "32[7]");
    assert_eq!(client.next().await, r#"33[{"ok":false}]"#);
}

#[tokio::test]
async fn handlers_start_in_order_and_wait_beside_each_other() {
    let gate = Arc::new(Semaphore::new(0));
    let io = SocketIo::new(Config::default());
    io.ns("/", {
        let gate = Arc::clone(&gate);
        async move |socket: SocketRef| {
            socket.on("n", async move |socket: SocketRef, Data(n): Data<u32>| {
                socket.emit("start", &n);
                if n == 1 {
                    let _permit = gate.acquire().await.unwrap();
                    socket.emit("end", &n);
                }
            });
        }
    });
    let mut client = Client::join(&io).await;
    client.send_all(&[r#"2["n",1]"#, r#"2["n",2]"#, r#"2["n",3]"#]).await;
    for n in 1..=3 {
        assert_eq!(client.next().await, format!(r#"2["start",{n}]"#));
    }
    gate.add_permits(1);
    assert_eq!(client.next().await, r#"2["end",1]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_wait_until_the_connect_handler_has_registered_its_handlers() {
    let (registers, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let io = SocketIo::new(Config::default());
    io.namespace("/")
        .middleware(async || {
            // The connect handler then runs in a task of its own, beside the client's requests.
            tokio::task::yield_now().await;
            Ok::<_, Refusal>(())
        })
        .on_connect(async move |socket: SocketRef| {
            wait.lock().unwrap().recv().unwrap();
            socket.on("n", async |Data(n): Data<u32>, ack: Ack| ack.send(&n));
        });
    let mut client = Client::join(&io).await;
    client.send_all(&[r#"20["n",0]"#, r#"21["n",1]"#]).await;
    client.send(r#"22["n",2]"#).await;
    registers.send(()).unwrap();
    for n in 0..3 {
        assert_eq!(client.next().await, format!("3{n}[{n}]"));
    }
}

#[tokio::test]
async fn values_live_with_the_socket() {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        assert_eq!(socket.insert(1_u32), None);
        assert_eq!(socket.insert(2_u32), Some(1));
        socket.on("n", async |socket: SocketRef, ack: Ack| {
            ack.send(&(socket.data::<u32>(), socket.data::<String>()));
        });
    });
    let mut client = Client::join(&io).await;
    client.send(r#"20["n"]"#).await;
    assert_eq!(client.next().await, "30[2,null]");
}

#[tokio::test]
async fn what_cannot_be_written_is_an_error_and_nothing_is_sent() {
    let io = SocketIo::new(Config::default());
    let mut client = Client::join(&io).await;
    let map = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert!(io.emit("a", &map).error().is_some());
    assert!(io.emit("disconnect", &()).error().is_some());
    let socket = io.root().all().sockets().remove(0);
    assert!(socket.emit("a", &map).error().is_some());
    assert_eq!(socket.emit("b", &Value::Null).queued(), 1);
    assert_eq!(client.next().await, r#"2["b",null]"#);
}
