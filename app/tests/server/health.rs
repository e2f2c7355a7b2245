//! What monitors, balancers and pages ask of the server's state.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use pingone_import::doctor::Target;
use serde_json::json;

use crate::support::{Service, World, soon};

#[tokio::test]
async fn a_check_on_demand_tells_the_state_and_is_remembered() {
    let world = World::new().await;
    let server = world.listen().await;
    let service = Service::new(server.app.clone());
    let reply = service.anonymous(Method::POST, "/api/health/check").send().await;
    let body = reply.json();
    assert_eq!((reply.status, &body["status"]), (StatusCode::OK, &json!("healthy")), "{body}");
    assert_eq!((&body["unconfirmed"], &body["public"]), (&json!(null), &json!(null)));
    let history = service.anonymous(Method::GET, "/api/health/history").send().await.json();
    assert_eq!(history["changes"][0]["to"], "healthy");
    assert!(history["runs"][0]["websocket_ms"].is_u64(), "{history}");
}

#[tokio::test]
async fn trouble_on_the_public_way_is_degraded_and_named() {
    let world = World::new().await;
    let server = world.listen().await;
    // Nothing listens there: the discard port of this machine.
    server.app.health.listen_at("http://127.0.0.1:9/", Target::new("http://127.0.0.1:9", None).unwrap());
    let report = soon("the self-test", server.app.health.check()).await;
    let body = serde_json::to_value(&report).unwrap();
    assert_eq!(
        (&body["status"], &body["public"]["status"]),
        (&json!("degraded"), &json!("critical")),
        "{body}"
    );
    assert_eq!(body["causes"][0]["tier"], "public websocket");
    assert!(report.tiers.websocket.ok && report.tiers.polling.ok && report.tiers.direct.ok);
}

#[tokio::test]
async fn orchestrators_are_told_what_to_do() {
    let world = World::new().await;
    let service = world.service();
    let live = service.anonymous(Method::GET, "/api/health/live").send().await;
    assert_eq!((live.status, live.json()), (StatusCode::OK, json!({"status": "alive"})));
    let ready = service.anonymous(Method::GET, "/api/health/ready").send().await;
    assert_eq!((ready.status, ready.json()), (StatusCode::OK, json!({"ready": true, "reasons": []})));
    service.app.stopping.cancel();
    let stopping = service.anonymous(Method::GET, "/api/health/ready").send().await;
    let told = json!({"ready": false, "reasons": ["stopping"]});
    assert_eq!((stopping.status, stopping.json()), (StatusCode::SERVICE_UNAVAILABLE, told));
}

#[tokio::test]
async fn reports_are_streamed_to_those_who_are_logged_in() {
    let world = World::new().await;
    let server = world.listen().await;
    let service = Service::new(server.app.clone());
    service.anonymous(Method::GET, "/api/health/events").send().await.problem(401, "not_logged_in");
}

#[tokio::test]
async fn a_stream_begins_with_the_report_and_goes_on_with_each_run() {
    let world = World::new().await;
    let server = world.listen().await;
    let service = Service::new(server.app.clone());
    let (parts, mut body) = service.call(Method::GET, "/api/health/events").stream().await;
    assert_eq!(parts.headers["content-type"], "text/event-stream");
    for _ in 0..2 {
        let frame = soon("a report", body.frame()).await.unwrap().unwrap().into_data().unwrap();
        let text = String::from_utf8(frame.to_vec()).unwrap();
        assert!(text.starts_with("event: health\ndata: {\"status\":"), "{text}");
        server.app.health.check().await;
    }
}

#[tokio::test]
async fn pulses_tell_when_they_were_sent_and_what_the_request_looked_like() {
    let world = World::new().await;
    let call = world.service();
    let reply = call.anonymous(Method::GET, "/api/health/pulse").header("via", "1.1 squid").send().await;
    let pulses: Vec<serde_json::Value> = reply
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(pulses.len(), 5);
    assert_eq!(pulses[0]["seen"]["via"], "1.1 squid");
    assert!(!reply.text().contains("authorization"), "{}", reply.text());
    assert!(pulses[4]["at"].as_u64().unwrap() >= Duration::from_millis(600).as_millis() as u64);
}

#[tokio::test]
async fn each_answer_bears_the_name_of_its_request() {
    let world = World::new().await;
    let service = world.service();
    let own = service.anonymous(Method::GET, "/api/health/live").send().await;
    assert_eq!(own.header("x-request-id").len(), 32);
    let given =
        service.anonymous(Method::GET, "/api/health/live").header("x-request-id", "proxy-0001").send().await;
    assert_eq!(given.header("x-request-id"), "proxy-0001");
}

#[tokio::test]
async fn a_socket_at_the_wrong_path_is_told_the_right_one() {
    let world = World::new().await;
    let service = world.service();
    let reply = service.anonymous(Method::GET, "/live/?EIO=4&transport=polling").send().await;
    assert!(reply.problem(404, "wrong_path").contains("/socket.io/"));
}
