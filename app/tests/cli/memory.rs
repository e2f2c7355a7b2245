//! What clients took is given back when they are gone, and a file takes no more memory for being long.
#![cfg(target_os = "linux")]

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use futures_util::future::join_all;
use pingone_sim::{Options, Simulator};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::program::{command, connected, users};
use crate::running::{PATIENCE, Serving, ask};

/// Clients of a round; each has a WebSocket.
const CLIENTS: usize = 300;

/// Rounds after the first, in which memory is taken that the process keeps.
const ROUNDS: u64 = 4;

/// What a round may leave behind, in bytes: far below what a client that is kept would.
const SLACK: u64 = 1024 * 1024;

#[tokio::test]
async fn clients_that_are_gone_leave_no_memory_behind() {
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), None).await;
    let session = serve.log_in().await;
    let mut after = Vec::new();
    for _ in 0..=ROUNDS {
        let clients = join_all((0..CLIENTS).map(|_| join(&serve, &session))).await;
        // The server's own probe of this carrier is one more while it lasts.
        while gauge(&serve, "pingone_import_connections{tier=\"websocket\"}").await != CLIENTS as u64 {}
        drop(clients);
        while gauge(&serve, "pingone_import_connections{tier=\"websocket\"}").await > 0 {}
        after.push(gauge(&serve, "process_resident_memory_bytes").await);
    }
    let (first, last) = (after[0], after[after.len() - 1]);
    assert!(last <= first + ROUNDS * SLACK, "resident bytes after each round: {after:?}");
}

/// Rows of a short file and of a long one.
const ROWS: [usize; 2] = [50_000, 400_000];

/// What 350,000 rows more may take, in bytes: what tells repeated users, and what the allocator keeps.
const GROWTH: u64 = 14 * 1024 * 1024;

#[tokio::test]
async fn a_long_file_takes_hardly_more_memory_than_a_short_one() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let mut peaks = Vec::new();
    for rows in ROWS {
        let dir = tempfile::tempdir().unwrap();
        let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
        let session = serve.log_in().await;
        let job = serve.create(&session, "{\"dry_run\":true}", &users(rows)).await;
        serve.watch(&session, &job).await;
        let job = serve.ask("GET", &format!("/api/jobs/{job}"), &session, "").await;
        assert!(job.contains(&format!("\"created\":{rows}")), "{job}");
        peaks.push(peak(&serve));
    }
    assert!(peaks[1] <= peaks[0] + GROWTH, "most bytes for {ROWS:?} rows: {peaks:?}");
}

/// Users of a small environment and of a large one. Both are more than what is sorted in memory at a time.
const USERS: [usize; 2] = [30_000, 90_000];

/// What 60,000 users more may take, in bytes: what tells repeated ones, and what the allocator keeps.
const EXPORTED: u64 = 4 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_many_users_takes_hardly_more_memory_than_one_of_few() {
    let simulator = Arc::new(Simulator::start(Options::default()).await.unwrap());
    let mut peaks = Vec::new();
    for users in USERS {
        let dir = tempfile::tempdir().unwrap();
        let api = crowd(&simulator, users).await;
        let mut command = command(&["serve", "--listen", "127.0.0.1:0"], Some(dir.path()));
        connected(&mut command, &simulator);
        command.env("PINGONE_API_URL", api);
        let serve = Serving::spawn(command).await;
        let session = serve.log_in().await;
        let options = r#"{"kind":"export","format":"xlsx"}"#;
        let created = serve.ask("POST", "/api/jobs", &session, options).await;
        let job: Value = serde_json::from_str(created.split("\r\n\r\n").nth(1).unwrap()).expect(&created);
        let job = job["id"].as_str().unwrap();
        serve.watch(&session, job).await;
        let job = serve.ask("GET", &format!("/api/jobs/{job}"), &session, "").await;
        assert!(job.contains(&format!("\"unchanged\":{users}")), "{job}");
        peaks.push(peak(&serve));
    }
    assert!(peaks[1] <= peaks[0] + EXPORTED, "most bytes for {USERS:?} users: {peaks:?}");
}

/// A PingOne like `simulator`, with so many users that making them would take too long; gives its address.
async fn crowd(simulator: &Arc<Simulator>, users: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (base, simulator) = (format!("http://{}", listener.local_addr().unwrap()), Arc::clone(simulator));
    let origin = base.clone();
    let answer = move |request: Request| {
        let (origin, simulator) = (origin.clone(), Arc::clone(&simulator));
        async move {
            let (uri, path) = (request.uri().to_string(), request.uri().path().to_owned());
            let body = if path.ends_with("/users") {
                page(&format!("{origin}{path}"), request.uri().query().unwrap_or_default(), users).to_string()
            } else {
                let login = request.headers()["authorization"].to_str().unwrap();
                let token = login.strip_prefix("Bearer ").unwrap();
                let answer = ask(&simulator.address().to_string(), "GET", &uri, token, "").await;
                answer.split_once("\r\n\r\n").unwrap().1.to_owned()
            };
            ([("content-type", "application/hal+json")], body)
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    format!("{base}/v1")
}

/// A page of users that begins with the one that `query` says.
fn page(url: &str, query: &str, users: usize) -> Value {
    let after = query.split('&').find_map(|it| it.strip_prefix("cursor="));
    let first: usize = after.map_or(0, |number| number.parse().unwrap());
    let last = users.min(first + 1000);
    let user = |number: usize| {
        json!({
            "id": format!("00000000-0000-4000-8000-{number:012}"), "username": format!("user{number:06}"),
            "email": format!("user{number:06}@example.com"), "enabled": true,
            "name": {"given": format!("Given{number}"), "family": "Family"},
            "population": {"id": "11111111-1111-4111-8111-111111111111"},
        })
    };
    let users: Vec<Value> = (first..last).map(user).collect();
    match last - first {
        1000 => json!({
            "_links": {"next": {"href": format!("{url}?cursor={last}")}}, "_embedded": {"users": users},
        }),
        _ => json!({"_embedded": {"users": users}}),
    }
}

/// The most memory that the process has had, in bytes.
fn peak(serve: &Serving) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serve.child.id().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}

/// A client of Socket.IO in the main namespace.
async fn join(serve: &Serving, session: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&serve.address).await.unwrap();
    let handshake = format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {session}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        serve.address
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
    // A masked text frame with CONNECT; a mask of zeros changes nothing.
    stream.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'4', b'0']).await.unwrap();
    let mut seen = Vec::new();
    while !seen.windows(4).any(|window| window == b"40{\"") {
        let read = timeout(PATIENCE, stream.read_buf(&mut seen)).await.unwrap().unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
    }
    stream
}

async fn gauge(serve: &Serving, series: &str) -> u64 {
    let text = serve.ask("GET", "/metrics", "", "").await;
    let value = text.lines().find_map(|line| line.strip_prefix(series));
    value.unwrap_or_else(|| panic!("no {series} in {text}")).trim().parse::<f64>().unwrap() as u64
}
