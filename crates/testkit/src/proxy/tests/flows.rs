use std::time::Duration;

use engineio_proto::frame::WebSocketEvent;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::Instant,
};

use super::{World, hangs};
use crate::{
    proxy::{FaultProxy, Faults, Flow, Kind, Way, control},
    raw,
};

fn world(websocket: Flow) -> World {
    World::new(Faults { websocket, ..Faults::default() })
}

#[tokio::test(start_paused = true)]
async fn bytes_are_late_in_each_direction_and_as_many_as_before() {
    let world = world(Flow { delay: 500, ..Flow::default() });
    let mut websocket = world.websocket().await.unwrap();
    websocket.text().await.unwrap();
    websocket.text().await.unwrap();
    let start = Instant::now();
    for n in 0..100 {
        websocket.send(&n.to_string()).await.unwrap();
    }
    for n in 0..100 {
        assert_eq!(websocket.text().await.unwrap(), n.to_string());
    }
    assert_eq!(start.elapsed().as_millis() / 10, 100);
}

#[tokio::test(start_paused = true)]
async fn stalled_bytes_come_later_and_discarded_ones_never() {
    for way in [Way::Stall, Way::Discard] {
        for up in [true, false] {
            let world = world(Flow::default());
            let mut websocket = world.websocket().await.unwrap();
            websocket.text().await.unwrap();
            websocket.text().await.unwrap();
            world.proxy.change(|faults| match up {
                true => faults.websocket.up = way,
                false => faults.websocket.down = way,
            });
            websocket.send("hello").await.unwrap();
            assert!(hangs(websocket.next()).await);
            assert_eq!(world.seen().contains(&"hello".to_owned()), !up, "{way:?}");
            world.proxy.set(Faults::default());
            if way == Way::Stall {
                assert_eq!(websocket.text().await.unwrap(), "hello");
            } else {
                assert!(hangs(websocket.next()).await);
                // Another connection is not concerned.
                assert_eq!(world.websocket().await.unwrap().text().await.unwrap(), "first");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_cut_after_exactly_so_many_bytes() {
    let http = Flow { cut_after: Some(100), ..Flow::default() };
    let world = World::new(Faults { http, ..Faults::default() });
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut stream = world.connect();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    assert_eq!(reply.len() + request.len(), 100);
    assert_eq!(world.proxy.stats().cut, 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_on_which_nothing_passes_is_closed() {
    let world = world(Flow { idle: Some(30_000), ..Flow::default() });
    let mut websocket = world.websocket().await.unwrap();
    let mut last = Instant::now();
    for _ in 0..5 {
        tokio::time::advance(Duration::from_secs(20)).await;
        websocket.send("hello").await.unwrap();
        last = Instant::now();
    }
    while let Some(event) = websocket.next().await {
        assert!(matches!(event, WebSocketEvent::Message(_)));
    }
    assert_eq!(last.elapsed().as_secs(), 30);
    assert_eq!(world.proxy.stats().idled, 1);
    world.proxy.reaches(|stats| stats.open_websockets == 0).await;
}

#[tokio::test(start_paused = true)]
async fn one_kind_of_connection_is_cut() {
    let world = world(Flow::default());
    let mut websocket = world.websocket().await.unwrap();
    let mut http = world.connect();
    world.proxy.reaches(|stats| stats.open == 2).await;
    world.proxy.cut(Kind::WebSocket);
    while websocket.next().await.is_some() {}
    world.proxy.reaches(|stats| stats.open == 1).await;
    while !world.seen().contains(&"closed".to_owned()) {
        tokio::task::yield_now().await;
    }
    world.proxy.cut(Kind::Http);
    assert_eq!(http.read(&mut [0]).await.unwrap(), 0);
    // What comes later is not cut.
    assert_eq!(world.reply("/").await.status, 200);
    assert_eq!(world.proxy.stats().cut, 2);
}

#[tokio::test(start_paused = true)]
async fn connections_above_the_limit_are_rejected() {
    let world = World::new(Faults { connection_limit: Some(1), ..Faults::default() });
    let first = world.connect();
    world.proxy.reaches(|stats| stats.open == 1).await;
    assert_eq!(world.get("/").await.unwrap_or_default(), "");
    assert_eq!(world.proxy.stats().rejected, 1);
    drop(first);
    world.proxy.reaches(|stats| stats.open == 0).await;
    assert_eq!(world.reply("/").await.status, 200);
}

#[tokio::test]
async fn a_proxy_is_ruled_by_lines_while_it_listens() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = FaultProxy::start(server.local_addr().unwrap(), 1).await.unwrap();
    let commands = "{\"set\":{\"requests\":{\"page\":1,\"status\":503},\"upgrade\":{\"refuse\":403}}}\n\
                    \"stats\"\n{\"cut\":\"websocket\"}\n{\"set\":{\"up\":1}}\nnonsense\n";
    let mut answers = Vec::new();
    control(&proxy, commands.as_bytes(), &mut answers).await.unwrap();
    let answers = String::from_utf8(answers).unwrap();
    let answers: Vec<_> = answers.lines().collect();
    assert_eq!(answers.len(), 5);
    assert_eq!((answers[0], answers[2]), ("{\"ok\":true}", "{\"ok\":true}"));
    assert!(answers[1].starts_with("{\"ok\":true,\"stats\":{\"open\":0,"), "{}", answers[1]);
    assert!(answers[3].contains("unknown field `up`") && answers[4].contains("\"ok\":false"), "{answers:?}");
    assert_eq!(raw::get(proxy.address, "/").await.unwrap().status, 503);
    let refused = raw::WebSocket::connect(proxy.address, "/").await.unwrap_err();
    assert!(refused.to_string().contains("403"));
}
