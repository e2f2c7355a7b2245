//! Who says that a session is theirs.

use engineio::Config;
use engineio_proto::frame::CloseCode;

use super::{Client, ended, texts};
use crate::support::server;

#[tokio::test]
async fn a_guessed_session_is_gone_whatever_the_request_says() {
    let server = server(Config::default()).await;
    let bystander = Client::open(&server).await;
    let mut guess = Client { addr: server.addr, name: "sid=AAAAAAAAAAAAAAAAAAAAAA".to_owned(), seq: 0 };
    for body in ["a0\x1e", "a99\x1es1\x1e4x\x1e", "cut", ""] {
        let reply = guess.post("long-poll", 1, 0, body).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "xgone\x1e"), "{body:?}");
    }
    ended(&mut guess.websocket().await, "xgone", CloseCode::POLICY_VIOLATION).await;
    assert_eq!(server.service.connections().adaptive.long_poll, 1);
    drop(bystander);
}

#[tokio::test]
async fn a_guessed_key_gives_nobody_the_session_of_another() {
    let server = server(Config::default()).await;
    let mut bystander = Client::open(&server).await;
    let mut guess = Client { addr: server.addr, name: "key=0123456789abcdefghijkm".to_owned(), seq: 0 };
    let late = guess.post("long-poll", 1, 1, "a1\x1e").await;
    assert_eq!(
        (late.status, late.body.as_str()),
        (200, "xgone\x1e"),
        "who has received something knows the id"
    );
    assert_eq!(server.sockets.lock().len(), 1, "it opens nothing");
    let opened = guess.post("long-poll", 1, 0, "a0\x1e").await.body;
    assert!(opened.starts_with("a0\x1es1\x1e0{") && !opened.contains(&bystander.name[4..]), "{opened}");
    assert_eq!(guess.push(1, 1, "s1\x1e1\x1e").await.body, "a1\x1e");
    assert_eq!(guess.post("long-poll", 1, 0, "a0\x1e").await.body, "xgone\x1e", "a key opens one session");
    assert_eq!(bystander.push(1, 1, "s1\x1e4x\x1e").await.body, "a1\x1e");
    assert_eq!(server.sockets.lock().len(), 2);
}

#[tokio::test]
async fn forged_and_stale_epochs_change_nothing() {
    let server = server(Config::default()).await;
    let mut client = Client::open(&server).await;
    let mut websocket = client.websocket().await;
    websocket.send("t5,1,1").await.unwrap();
    assert_eq!(texts(&mut websocket).await, ["t5,0,2"]);
    // Lower, the same with another carrier, with acknowledgements and packets that would be errors.
    for (carrier, epoch) in [("long-poll", 1), ("long-poll", 4), ("long-poll", 5), ("periodic", 5)] {
        assert_eq!(client.post(carrier, epoch, 999, "s7\x1e4x\x1e").await.body, "xstale\x1e");
    }
    for attach in ["t4,999,999", "t5,1,1"] {
        let mut second = client.websocket().await;
        second.send(attach).await.unwrap();
        ended(&mut second, "xstale", CloseCode::NORMAL).await;
    }
    websocket.send("4still here").await.unwrap();
    assert_eq!(texts(&mut websocket).await, ["a1", "4still here"]);
}

#[tokio::test]
async fn the_newest_of_two_clients_with_one_session_has_it() {
    let server = server(Config::default()).await;
    let mut first = Client::open(&server).await;
    let mut second = Client { addr: server.addr, name: first.name.clone(), seq: 1 };
    let mut websocket = first.websocket().await;
    websocket.send("t2,1,1").await.unwrap();
    assert_eq!(texts(&mut websocket).await, ["t2,0,2"]);
    assert_eq!(second.post("periodic", 3, 1, "a1\x1e").await.body, "a0\x1e");
    ended(&mut websocket, "xstale", CloseCode::NORMAL).await;
    assert_eq!(
        first.post("periodic", 3, 1, "s1\x1e4x\x1e").await.body,
        "a1\x1e",
        "the same carrier, as it looks"
    );
    assert_eq!(first.post("long-poll", 3, 1, "a1\x1e").await.body, "xstale\x1e");
}
