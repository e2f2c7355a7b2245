//! The event log over Socket.IO and the plain WebSocket.

use crate::support::socketio::SocketIo;
use crate::support::{World, soon, users};
use serde_json::{Value, json};

/// More than the buffers of a connection hold.
const ROWS_OF_A_BIG_JOB: usize = 3_000;

const NO_JOB: &str = "018f0000-0000-7000-8000-000000000000";

#[tokio::test]
async fn socketio_gives_every_event_once_and_in_order_from_anywhere() {
    let world = World::slow().await;
    let server = world.listen().await;
    let job = import(&world, 300).await;
    let mut newest = world.jobs.watch(job.parse().unwrap()).await.unwrap();
    let mut readers = Vec::new();
    for point in 0..6_u64 {
        soon("progress", newest.wait_for(|seq| *seq > point)).await.unwrap();
        let after = rand::random_range(0..*newest.borrow());
        let mut socket = server.socketio().await;
        let ack = socket.ask("subscribe", &json!({"job": job, "after": after})).await;
        assert_eq!((&ack["ok"], &ack["job"]["id"]), (&json!(true), &json!(job)));
        assert!(ack["last_seq"].as_u64().unwrap() >= after);
        readers.push((after, tokio::spawn(until_completion(socket))));
    }
    for (after, events) in readers {
        assert_complete(&soon("the events", events).await.unwrap(), after);
    }
}

#[tokio::test]
async fn the_plain_websocket_gives_every_event_once_and_in_order_from_anywhere() {
    let world = World::slow().await;
    let server = world.listen().await;
    let job = import(&world, 300).await;
    let mut newest = world.jobs.watch(job.parse().unwrap()).await.unwrap();
    let mut readers = Vec::new();
    for point in 0..6_u64 {
        soon("progress", newest.wait_for(|seq| *seq > point)).await.unwrap();
        let after = rand::random_range(0..*newest.borrow());
        let mut socket = server.websocket("/ws").await;
        socket.send_json(&json!({"type": "subscribe", "job": job, "after": after})).await;
        let subscribed = socket.json().await;
        assert_eq!((&subscribed["type"], &subscribed["job"]), (&json!("subscribed"), &json!(job)));
        assert_eq!(subscribed["snapshot"]["id"], job);
        readers.push((
            after,
            tokio::spawn(async move {
                let mut events = Vec::new();
                while events.last().is_none_or(|event: &Value| event["type"] != "completion") {
                    events.push(socket.json().await);
                }
                events
            }),
        ));
    }
    for (after, events) in readers {
        assert_complete(&soon("the events", events).await.unwrap(), after);
    }
}

#[tokio::test]
async fn a_client_that_only_polls_gets_the_same() {
    let world = World::slow().await;
    let service = world.service();
    let job = service.import(&users(200), &json!({})).await;
    let mut newest = world.jobs.watch(job.parse().unwrap()).await.unwrap();
    soon("two events", newest.wait_for(|seq| *seq > 1)).await.unwrap();
    let mut poller = service.poller().await;
    poller.post(&format!("420[\"subscribe\",{{\"job\":\"{job}\",\"after\":1}}]")).await;
    assert!(poller.packet().await.starts_with("430[{\"ok\":true"));
    let mut events: Vec<Value> = Vec::new();
    while events.last().is_none_or(|event| event["type"] != "completion") {
        let packet = poller.packet().await;
        let (name, event): (String, Value) =
            serde_json::from_str(packet.strip_prefix("42").unwrap()).unwrap();
        assert_eq!(name, event["type"]);
        events.push(event);
    }
    assert_complete(&events, 1);
}

#[tokio::test]
async fn a_client_of_short_requests_asks_often_while_a_job_goes_on_that_it_watches() {
    let world = World::slow().await;
    let service = world.service();
    let (short, long) =
        (service.import(&users(300), &json!({})).await, service.import(&users(600), &json!({})).await);
    let mut client = service.periodic().await;
    let subscribe = |job: &str| format!("420[\"subscribe\",{{\"job\":\"{job}\"}}]");
    let unsubscribe = |job: &str| format!("421[\"unsubscribe\",{{\"job\":\"{job}\"}}]");
    assert_eq!(client.period, None, "as OPEN has it");
    for job in [&short, &long] {
        client.exchange(&[&subscribe(job)]).await;
        client.packet_that_begins("430[{\"ok\":true").await;
        assert_eq!(client.period, Some(1000));
    }
    client.packet_that_begins("42[\"completion\"").await;
    assert_eq!(client.period, Some(1000), "the other one goes on");
    client.packet_that_begins("42[\"completion\"").await;
    client.exchange(&[]).await;
    assert_eq!(client.period, Some(5000));

    client.exchange(&[&subscribe(&short)]).await;
    client.packet_that_begins("42[\"completion\"").await;
    assert_eq!(client.period, Some(5000), "it had finished before");
    let other = service.import(&users(600), &json!({})).await;
    client.exchange(&[&subscribe(&other)]).await;
    client.packet_that_begins("430[{\"ok\":true").await;
    assert_eq!(client.period, Some(1000));
    client.exchange(&[&unsubscribe(&other)]).await;
    client.packet_that_begins("431[{\"ok\":true").await;
    client.exchange(&[]).await;
    assert_eq!(client.period, Some(5000), "nobody watches it");
}

#[tokio::test]
async fn a_slow_client_misses_progress_at_most() {
    let world = World::new().await;
    let server = world.listen_narrow().await;
    let job = import(&world, ROWS_OF_A_BIG_JOB).await;
    let id = job.parse().unwrap();
    let standing = world.jobs.pause(id).await.unwrap();
    let mut slow = server.narrow_socketio().await;
    slow.ask("subscribe", &json!({"job": job})).await;
    let mut slow_direct = server.narrow_websocket("/ws").await;
    slow_direct.send_json(&json!({"type": "subscribe", "job": job})).await;
    assert_eq!(slow_direct.json().await["type"], "subscribed");
    // Both are up to date now, and live when the job goes on.
    let (mut events, mut direct_events) = (Vec::new(), Vec::new());
    while events.last().is_none_or(|event: &Value| event["seq"] != standing.last_seq) {
        events.push(slow.event().await.unwrap().1);
    }
    world.jobs.resume(id).await.unwrap();
    let end = soon("the end", world.jobs.wait(id)).await.unwrap();

    // Only now does anybody read.
    events.extend(until_completion(slow).await);
    assert_outcomes(&events, end.last_seq);
    while direct_events.last().is_none_or(|event: &Value| event["type"] != "completion") {
        direct_events.push(slow_direct.json().await);
    }
    assert_outcomes(&direct_events, end.last_seq);
}

#[tokio::test]
async fn a_second_subscription_replaces_the_first() {
    let world = World::slow().await;
    let server = world.listen().await;
    let job = import(&world, 200).await;
    let mut socket = server.socketio().await;
    for _ in 0..3 {
        socket.ask("subscribe", &json!({"job": job, "after": 0})).await;
    }
    let events = until_completion(socket).await;
    let last_start = events.iter().rposition(|event| event["seq"] == 1).unwrap();
    assert_complete(&events[last_start..], 0);
}

#[tokio::test]
async fn after_unsubscribe_nothing_comes() {
    let world = World::slow().await;
    let server = world.listen().await;
    let (watched, left) = (import(&world, 100).await, import(&world, 100).await);
    let mut socket = server.socketio().await;
    socket.ask("subscribe", &json!({"job": left, "after": 0})).await;
    let ack = socket.ask("unsubscribe", &json!({"job": left})).await;
    assert_eq!(ack, json!({"ok": true}));
    let before = socket.drain();
    assert!(before.iter().all(|event| event["job"] == left));
    socket.ask("subscribe", &json!({"job": watched, "after": 0})).await;
    soon("the end of the other job", world.jobs.wait(left.parse().unwrap())).await.unwrap();
    let events = until_completion(socket).await;
    assert!(events.iter().all(|event| event["job"] == watched));
    assert_complete(&events, 0);
}

#[tokio::test]
async fn a_finished_job_is_replayed_whole() {
    let world = World::new().await;
    let server = world.listen().await;
    let job = import(&world, 1_000).await;
    let end = soon("the end", world.jobs.wait(job.parse().unwrap())).await.unwrap();
    let mut socket = server.socketio().await;
    let ack = socket.ask("subscribe", &json!({"job": job})).await;
    assert_eq!((&ack["job"]["status"], &ack["last_seq"]), (&json!("completed"), &json!(end.last_seq)));
    let events = until_completion(socket).await;
    assert_complete(&events, 0);
    assert_eq!(events.len() as u64, end.last_seq);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_and_the_connection_lives() {
    let world = World::new().await;
    let server = world.listen().await;
    let mut socket = server.socketio().await;
    let cases = [
        (json!(null), "invalid_message"),
        (json!({}), "invalid_message"),
        (json!({"job": 7}), "invalid_message"),
        (json!({"job": "x"}), "job_not_found"),
        (json!({"job": NO_JOB}), "job_not_found"),
        (json!({"job": NO_JOB, "after": -1}), "invalid_message"),
    ];
    for (request, code) in &cases {
        let ack = socket.ask("subscribe", request).await;
        assert_eq!((&ack["ok"], &ack["error"]["code"]), (&json!(false), &json!(code)), "{request}");
        assert!(!ack["error"]["message"].as_str().unwrap().is_empty());
    }
    let mut direct = server.websocket("/ws").await;
    for (request, code) in &cases {
        let mut request = request.as_object().cloned().unwrap_or_default();
        request.insert("type".to_owned(), json!("subscribe"));
        direct.send_json(&Value::Object(request)).await;
        let problem = direct.json().await;
        assert_eq!((&problem["type"], &problem["code"]), (&json!("problem"), &json!(code)));
    }
    for text in ["", "x", "[]", "{\"type\":\"no\"}", "\u{1f600}"] {
        direct.send(text).await;
        assert_eq!(direct.json().await["code"], "invalid_message");
    }
    direct.send("{\"type\":\"ping\"}").await;
    assert_eq!(direct.json().await, json!({"type": "pong"}));
    direct.send(&"x".repeat(1_000_000)).await;
    assert_eq!(direct.next().await, None, "a message that is far too long ends the connection");
}

#[tokio::test]
async fn one_connection_cannot_watch_without_bound() {
    let world = World::new().await;
    let server = world.listen().await;
    let mut jobs = Vec::new();
    for _ in 0..33 {
        let job = world.service().import(&users(1), &json!({"dry_run": true})).await;
        soon("the end", world.jobs.wait(job.parse().unwrap())).await.unwrap();
        jobs.push(job);
    }
    let mut socket = server.socketio().await;
    for job in &jobs[..32] {
        assert_eq!(socket.ask("subscribe", &json!({"job": job})).await["ok"], true);
    }
    let ack = socket.ask("subscribe", &json!({"job": jobs[32]})).await;
    assert_eq!(ack["error"]["code"], "too_many_subscriptions");
    assert_eq!(
        socket.ask("subscribe", &json!({"job": jobs[0]})).await["ok"],
        true,
        "this one is watched already"
    );
    socket.ask("unsubscribe", &json!({"job": jobs[0]})).await;
    assert_eq!(socket.ask("subscribe", &json!({"job": jobs[32]})).await["ok"], true);
}

#[tokio::test]
async fn health_is_watched() {
    let world = World::new().await;
    let server = world.listen().await;
    let mut socket = server.socketio().await;
    let ack = socket.ask("watch_health", &json!({})).await;
    assert_eq!((&ack["ok"], &ack["health"]["status"]), (&json!(true), &json!("healthy")), "{ack}");
    server.app.health.check().await;
    let (name, report) = soon("health", socket.event()).await.unwrap();
    assert_eq!((name.as_str(), &report["status"]), ("health", &json!("healthy")));
}

#[tokio::test]
async fn sockets_end_when_the_server_stops() {
    let world = World::new().await;
    let server = world.listen().await;
    let mut socket = server.socketio().await;
    let mut direct = server.websocket("/ws").await;
    let path = "/socket.io/?EIO=4&transport=adaptive&carrier=websocket&key=0123456789abcdef012345";
    let mut adaptive = server.websocket(path).await;
    adaptive.send("t3,0,1").await;
    assert_eq!(adaptive.next().await.as_deref(), Some("t3,0,1"));
    assert!(adaptive.next().await.unwrap().starts_with("0{"));
    server.stop().await;
    assert_eq!(socket.event().await, None);
    assert_eq!(adaptive.next().await.as_deref(), Some("1"), "it is told to come back by CLOSE");
    let farewell = direct.json().await;
    assert_eq!(farewell["type"], "restarting");
    assert!((500..=5_000).contains(&farewell["retry_after_ms"].as_u64().unwrap()), "{farewell}");
    assert_eq!(direct.next().await, None);
}

async fn import(world: &World, count: usize) -> String {
    world.service().import(&users(count), &json!({})).await
}

async fn until_completion(mut socket: SocketIo) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    while events.last().is_none_or(|event| event["type"] != "completion") {
        let (name, event) = socket.event().await.expect("the connection was closed");
        assert_eq!(name, event["type"]);
        events.push(event);
    }
    events
}

fn assert_complete(events: &[Value], after: u64) {
    let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    let last = *seqs.last().expect("there are events");
    assert_eq!(seqs, (after + 1..=last).collect::<Vec<_>>());
    assert_eq!(events.iter().filter(|event| event["type"] == "completion").count(), 1);
}

/// Every row once, every event in order, and one completion at the end.
fn assert_outcomes(events: &[Value], last: u64) {
    let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
    assert_eq!(seqs.last(), Some(&last));
    let rows = events.iter().filter_map(|event| event["rows"].as_array()).flatten();
    let mut rows: Vec<u64> = rows.map(|row| row["row"].as_u64().unwrap()).collect();
    rows.sort_unstable();
    assert_eq!(rows, (1..=ROWS_OF_A_BIG_JOB as u64).collect::<Vec<_>>());
    assert_eq!(events.iter().filter(|event| event["type"] == "completion").count(), 1);
}
