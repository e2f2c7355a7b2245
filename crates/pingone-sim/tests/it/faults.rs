use std::time::Duration;

use pingone_sim::{Assumptions, Fault, FaultKind, Gate, Options, RetryAfter, RetryAfterForm};
use serde_json::json;
use tokio::task::yield_now;

use crate::peer::{Peer, complaint};

#[tokio::test]
async fn a_429_says_when_to_come_back() {
    let peer = Peer::new(Options::default()).await;
    peer.simulator.fail_next(1, Fault::Throttle(RetryAfter::Seconds(7)), |_| true);
    let response = peer.send("GET", "/users", None).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    peer.simulator.fail_next(1, Fault::Throttle(RetryAfter::HttpDate(7)), |_| true);
    let response = peer.send("GET", "/users", None).await;
    let date = response.headers()["retry-after"].to_str().unwrap();
    let date = jiff::fmt::rfc2822::parse(date).unwrap().timestamp();
    assert!(date > jiff::Timestamp::now());
    peer.simulator.fail_next(1, Fault::Throttle(RetryAfter::Absent), |_| true);
    let response = peer.send("GET", "/users", None).await;
    assert!(response.headers().get("retry-after").is_none());
    let error = crate::peer::answer(response).await.1;
    assert_eq!(complaint(&error), json!(["REQUEST_LIMITED", "LIMIT_EXCEEDED", null]));
}

#[tokio::test]
async fn writes_reads_and_addresses_are_limited_apart() {
    let assumptions = Assumptions { retry_after: RetryAfterForm::HttpDate, ..Assumptions::default() };
    // So slow that no permit comes back while the test runs.
    let limits = Options { rate_limit: Some(0.001), read_limit: Some(0.001), ..Options::default() };
    let peer = Peer::new(Options { assumptions, ..limits }).await;
    assert_eq!(peer.import(json!({"username": "a"})).await.0, 201);
    assert_eq!(peer.import(json!({"username": "b"})).await.0, 429);
    assert_eq!([peer.get("/users").await.0, peer.get("/users").await.0], [200, 429]);
    let peer = Peer::new(Options { ip_limit: Some(0.001), ..Options::default() }).await;
    assert_eq!(peer.import(json!({"username": "a"})).await.0, 201);
    assert_eq!(peer.get("/users").await.0, 429);
    let other =
        reqwest::Client::builder().no_proxy().local_address(std::net::IpAddr::from([127, 0, 0, 2])).build();
    let request = other.unwrap().get(format!("{}/users", peer.base)).bearer_auth(&peer.token);
    assert_eq!(request.send().await.unwrap().status(), 200, "another address has a limit of its own");
}

#[tokio::test]
async fn every_fault_is_what_it_is_called() {
    let options = Options { hang: Duration::from_millis(1), ..Options::default() };
    let peer = Peer::new(options).await;
    let send = async |fault: Fault, name: &str| {
        peer.simulator.fail_next(1, fault, |request| request.is_create());
        let request = peer.http.post(format!("{}/users", peer.base)).bearer_auth(&peer.token);
        let request =
            request.header("content-type", "application/json").body(json!({ "username": name }).to_string());
        request.send().await.map(|response| response.status().as_u16()).ok()
    };
    let table = [
        (Fault::Status(503), Some(503), false),
        (Fault::Status(403), Some(403), false),
        (Fault::StatusAfter(500), Some(500), true),
        (Fault::Reset, None, false),
        (Fault::Hang, None, false),
        (Fault::LoseAnswer, None, true),
        (Fault::HangAfter, None, true),
        (Fault::Garbage("<html>".into()), Some(200), false),
        (FaultKind::HangAfter.into(), None, true),
        (FaultKind::ServerErrorAfter.into(), Some(500), true),
        (FaultKind::Garbage.into(), Some(200), false),
    ];
    for (number, (fault, status, is_done)) in table.into_iter().enumerate() {
        let name = format!("user{number}");
        let text = format!("{fault:?}");
        assert_eq!(send(fault, &name).await, status, "{text}");
        assert_eq!(peer.simulator.user(&name).is_some(), is_done, "{text}");
    }
    let gate = Gate::new();
    let (held, ()) = tokio::join!(send(Fault::Hold(gate.clone()), "held"), async {
        gate.arrived(1).await;
        assert!(peer.simulator.user("held").is_none());
        gate.open();
    });
    assert_eq!(held, Some(201));
    assert_eq!(send(Fault::ExpireToken, "nobody").await, Some(401));
    assert_eq!(peer.get("/users").await.0, 401, "the token is no longer good");
}

#[tokio::test]
async fn a_slow_answer_comes_after_the_work() {
    let peer = Peer::new(Options { slow: Duration::from_secs(3600), ..Options::default() }).await;
    peer.simulator.fail_next(1, Fault::Slow, |request| request.is_create());
    let request = peer.http.post(format!("{}/users", peer.base)).bearer_auth(&peer.token);
    let request = request.header("content-type", "application/json").body(r#"{"username":"ada"}"#);
    let slow = tokio::spawn(request.send());
    while peer.simulator.user("ada").is_none() {
        yield_now().await;
    }
    assert!(!slow.is_finished());
}

#[tokio::test]
async fn a_share_of_requests_meets_the_chosen_faults_only() {
    let options =
        Options { faults: 0.5, fault_kinds: vec![FaultKind::Forbidden], seed: 3, ..Options::default() };
    let peer = Peer::new(Options { faults: 0.0, ..options.clone() }).await;
    assert_eq!(peer.get("/users").await.0, 200, "no faults by themselves");
    let simulator = pingone_sim::Simulator::start(options).await.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..200 {
        let url = format!("{}/environments/{}/users?n={n}", simulator.api_url, simulator.environment);
        seen.insert(peer.http.get(url).send().await.unwrap().status().as_u16());
    }
    // Without a token the others get 401.
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [401, 403]);
}
