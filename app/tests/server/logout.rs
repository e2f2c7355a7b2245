//! What a session began ends with it, on every transport.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::support::{Listening, Service, World, soon, users};

/// A server with a job that stands still, so that its streams stay open.
async fn standing() -> (World, Listening, Service, String) {
    let world = World::slow().await;
    let server = world.listen().await;
    let service = Service { token: server.token.clone(), ..Service::new(server.app.clone()) };
    let job = service.import(&users(400), &json!({})).await;
    assert_eq!(service.post(&format!("/api/jobs/{job}/pause")).await.status, StatusCode::OK);
    (world, server, service, job)
}

async fn log_out(service: &Service) {
    assert_eq!(service.post("/api/logout").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn socket_io_ends_with_the_session_and_says_so() {
    let (_world, server, service, job) = standing().await;
    let mut socket = server.socketio().await;
    let ack = socket.ask("subscribe", &json!({"job": job, "after": 0})).await;
    assert_eq!(ack["ok"], true);
    log_out(&service).await;
    let mut last = socket.event().await.expect("the reason");
    while last.0 != "session_ended" {
        last = socket.event().await.expect("the reason");
    }
    assert_eq!(last.1["code"], "session_ended");
    assert!(socket.event().await.is_none());
}

#[tokio::test]
async fn a_poll_that_waits_is_told() {
    let (_world, _server, service, _) = standing().await;
    let mut poller = service.poller().await;
    let (packet, ()) = tokio::join!(poller.packet(), log_out(&service));
    assert!(packet.starts_with("42[\"session_ended\",{\"code\":\"session_ended\""), "{packet}");
}

#[tokio::test]
async fn the_plain_websocket_ends_with_the_session_and_says_so() {
    let (_world, server, service, job) = standing().await;
    let mut client = server.websocket("/ws").await;
    client.send_json(&json!({"type": "subscribe", "job": job, "after": 0})).await;
    assert_eq!(client.json().await["type"], "subscribed");
    log_out(&service).await;
    let mut last = client.json().await;
    while last["type"] != "session_ended" {
        last = client.json().await;
    }
    assert_eq!(last["code"], "session_ended");
    assert_eq!(client.close_code().await, Some(4401));
}

#[tokio::test]
async fn streams_end_with_the_session_and_say_so() {
    let (_world, _server, service, job) = standing().await;
    for path in [format!("/api/jobs/{job}/events"), "/api/health/events".to_owned()] {
        let service = Service::new(service.app.clone());
        let stream = service.call(Method::GET, &path).header("accept", "text/event-stream");
        let (parts, mut body) = stream.stream().await;
        assert_eq!(parts.status, StatusCode::OK, "{path}");
        let first = soon("an event", next(&mut body)).await.expect("an event");
        assert!(first.contains("event: "), "{first}");
        log_out(&service).await;
        let rest = soon("the end", body.collect()).await.unwrap().to_bytes();
        let rest = String::from_utf8_lossy(&rest).into_owned();
        assert!(rest.contains("event: session_ended\ndata: {\"code\":\"session_ended\""), "{path}: {rest}");
    }
}

#[tokio::test]
async fn a_held_request_ends_with_the_session() {
    let (_world, _server, service, job) = standing().await;
    let seen = service.get(&format!("/api/jobs/{job}")).await.json()["last_seq"].as_u64().unwrap();
    let path = format!("/api/jobs/{job}/events?wait=25&after={seen}");
    let (held, ()) = tokio::join!(service.get(&path), log_out(&service));
    held.problem(401, "session_ended");
}

#[tokio::test]
async fn other_sessions_go_on() {
    let (_world, server, service, _) = standing().await;
    let mut client = server.websocket("/ws").await;
    log_out(&Service::new(service.app.clone())).await;
    client.send_json(&json!({"type": "ping"})).await;
    assert_eq!(client.json().await, json!({"type": "pong"}));
    assert_eq!(service.get("/api/session").await.json()["user"]["role"], Value::from("administrator"));
}

async fn next(body: &mut Body) -> Option<String> {
    let frame = body.frame().await?.ok()?;
    Some(String::from_utf8_lossy(&frame.into_data().ok()?).into_owned())
}
