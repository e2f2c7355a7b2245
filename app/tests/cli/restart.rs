//! Clients that watch a job while its server is stopped, killed and started again.
//!
//! `PINGONE_IMPORT_WATCHERS` sets how many there are; without it there are few.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use pingone_sim::{Options, Simulator};
use serde::Deserialize;
use serde_json::{Value, json};
use socketio_client::{Client, Config, Notice, Transport};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::program::users;
use crate::running::Serving;

/// Where the server is, and a session there: sessions end with the process.
#[derive(Clone, Debug)]
struct Access {
    address: String,
    session: String,
}

/// How often a client has had its first event from a server, and how many clients have the whole job.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    first: usize,
    finished: usize,
}

#[derive(Deserialize)]
struct Numbered {
    seq: u64,
}

/// A client with the numbers that it got, in the order in which they came.
struct Watcher {
    job: String,
    access: watch::Receiver<Access>,
    seen: Arc<watch::Sender<Seen>>,
    numbers: Vec<u64>,
}

impl Watcher {
    /// Watches the job to its end, with a client of its own for each session.
    async fn run(mut self) -> Vec<u64> {
        loop {
            let access = self.access.borrow_and_update().clone();
            if self.watch(&access).await {
                self.seen.send_modify(|seen| seen.finished += 1);
                return self.numbers;
            }
        }
    }

    /// Whether the job has ended; otherwise there is another session.
    async fn watch(&mut self, access: &Access) -> bool {
        let mut headers = HeaderMap::new();
        let bearer = HeaderValue::try_from(format!("Bearer {}", access.session)).unwrap();
        headers.insert(header::AUTHORIZATION, bearer);
        let config = Config { transports: vec![Transport::Adaptive], headers, ..Config::default() };
        let client = Client::new(&format!("http://{}", access.address), config).unwrap();
        client.expect_events(true);
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        let mut is_first = true;
        loop {
            let notice = tokio::select! {
                notice = events.next() => notice.expect("the client goes on"),
                changed = self.access.changed() => {
                    changed.unwrap();
                    return false;
                }
            };
            match notice {
                Notice::Connected { .. } => {
                    let after = self.numbers.last().copied().unwrap_or(0);
                    socket.emit("subscribe", &json!({ "job": self.job, "after": after })).unwrap();
                }
                Notice::Event(event) => {
                    self.numbers.push(event.data::<Numbered>().unwrap().seq);
                    if std::mem::take(&mut is_first) {
                        self.seen.send_modify(|seen| seen.first += 1);
                    }
                    if event.name == "completion" {
                        return true;
                    }
                }
                _ => {}
            }
        }
    }
}

/// The kinds of all events in the log of a job, by number.
async fn log(serve: &Serving, session: &str, job: &str) -> BTreeMap<u64, String> {
    let mut log = BTreeMap::new();
    loop {
        let after = log.last_key_value().map_or(0, |(seq, _)| *seq);
        let answer = serve.ask("GET", &format!("/api/jobs/{job}/events?after={after}"), session, "").await;
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).expect(&answer);
        let events = body["events"].as_array().unwrap();
        let entry =
            |event: &Value| (event["seq"].as_u64().unwrap(), event["type"].as_str().unwrap().to_owned());
        log.extend(events.iter().map(entry));
        if events.is_empty() || log.values().any(|kind| kind == "completion") {
            return log;
        }
    }
}

async fn start(dir: &Path, simulator: &Simulator, listen: &str) -> (Serving, Access) {
    let serve = Serving::start_on(listen, &["--stop-within", "5s"], dir, Some(simulator)).await;
    let access = Access { address: serve.address.clone(), session: serve.log_in().await };
    (serve, access)
}

/// Waits until each client has had an event from the server of this round, and nobody the last one.
async fn under_way(seen: &watch::Sender<Seen>, first: usize) {
    let mut seen = seen.subscribe();
    let now =
        *timeout(PATIENCE, seen.wait_for(|seen| seen.first >= first)).await.expect("all watch").unwrap();
    assert_eq!(now.finished, 0, "the import is too short for {first} clients");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_a_server_that_is_stopped_and_killed_lose_and_repeat_nothing() {
    let watchers: usize =
        std::env::var("PINGONE_IMPORT_WATCHERS").ok().and_then(|count| count.parse().ok()).unwrap_or(8);
    let rate_limit = Some(if watchers > 100 { 10.0 } else { 60.0 });
    let simulator = Simulator::start(Options { rate_limit, ..Options::default() }).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (serve, access) = start(dir.path(), &simulator, "127.0.0.1:0").await;
    let job = serve.import(&access.session, &users(600)).await;
    let (address, seen) = (access.address.clone(), Arc::new(watch::Sender::new(Seen::default())));
    let access = watch::Sender::new(access);
    let mut clients = JoinSet::new();
    for _ in 0..watchers {
        let (access, seen) = (access.subscribe(), Arc::clone(&seen));
        clients.spawn(Watcher { job: job.clone(), access, seen, numbers: Vec::new() }.run());
    }

    under_way(&seen, watchers).await;
    serve.stop().await;
    let (mut serve, next) = start(dir.path(), &simulator, &address).await;
    access.send_replace(next);
    under_way(&seen, 2 * watchers).await;
    serve.child.kill().await.unwrap();
    let (serve, next) = start(dir.path(), &simulator, &address).await;
    access.send_replace(next.clone());

    let all = timeout(PATIENCE, clients.join_all()).await.expect("the job ends");
    let log = log(&serve, &next.session, &job).await;
    assert!(log.keys().copied().eq(1..=log.len() as u64), "the log has each number once");
    assert_eq!(all.len(), watchers);
    let every: Vec<u64> = log.keys().copied().collect();
    for numbers in &all {
        assert_eq!(*numbers, every, "lost, repeated or out of order");
    }
    println!("{watchers} clients, {} events each", log.len());
    serve.stop().await;
}

/// A thousand clients take minutes on a small machine.
const PATIENCE: Duration = Duration::from_secs(300);
