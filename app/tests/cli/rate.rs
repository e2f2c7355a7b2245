//! How much an import uses of the rate that PingOne allows.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use pingone_sim::{Options, Simulator};

use crate::program::{command, connected, run};

/// Writes that are let through in a second. So many may also come at once at first, which is no merit.
const ALLOWED: f64 = 100.0;

/// Users that are created, in about fourteen seconds.
const USERS: usize = 1500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_uses_the_rate_that_is_allowed() {
    let mut shares = Vec::new();
    // A machine that stands still for a moment costs a second chance.
    for _ in 0..2 {
        let share = used().await;
        if share >= 0.95 {
            return;
        }
        shares.push(share);
    }
    panic!("of the allowed rate was used: {shares:.3?}");
}

/// The share of the allowed rate that is used, by PingOne's clock: from when the first burst is over until the end.
async fn used() -> f64 {
    let latency = Duration::from_millis(100)..=Duration::from_millis(300);
    let options = Options { rate_limit: Some(ALLOWED), latency, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("users.csv");
    let rows = (1..=USERS).map(|row| format!("user{row:05}\n"));
    std::fs::write(&file, std::iter::once("username\n".to_owned()).chain(rows).collect::<String>()).unwrap();
    let mut command = command(&["import", file.to_str().unwrap(), "--json"], Some(&dir.path().join("data")));
    connected(&mut command, &simulator);
    let done = run(command).await;
    assert_eq!((done.code, simulator.user_count()), (Some(0), USERS), "{done:?}");
    let times = creations(&simulator, dir.path()).await;
    let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    let seconds = last.duration_since(*first).as_secs_f64();
    assert_eq!(times.len(), USERS);
    (USERS as f64 - ALLOWED) / (ALLOWED * seconds)
}

/// When each user was created.
async fn creations(simulator: &Simulator, dir: &Path) -> Vec<Timestamp> {
    let words = ["export", "-o", "-", "--attributes", "createdAt"];
    let mut command = command(&words, Some(&dir.join("data")));
    connected(&mut command, simulator);
    let listed = run(command).await;
    let times = listed.stdout.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap());
    times.collect()
}
