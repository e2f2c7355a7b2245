//! `kill -9` at any moment, then resume: no user is lost, none is created twice, each row has one outcome.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use pingone_sim::{Fault, Gate, Options, RequestInfo, Simulator};
use serde_json::Value;
use tokio::process::Child;

use crate::program::{Run, command, connected, run, users};

const USERS: usize = 600;

fn is_disable(request: &RequestInfo<'_>) -> bool {
    request.method == "PUT" && request.path.ends_with("/enabled")
}

/// An import that is running.
fn start(dir: &Path, simulator: &Simulator, arguments: &[&str]) -> Child {
    let mut command = command(arguments, Some(dir));
    connected(&mut command, simulator);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn import(dir: &Path, simulator: &Simulator) -> Child {
    let file = dir.join("users.csv");
    std::fs::write(&file, users(USERS)).unwrap();
    start(dir, simulator, &["import", file.to_str().unwrap(), "--json"])
}

async fn kill(mut child: Child) {
    // On Unix this is SIGKILL: the process can do nothing about it.
    child.kill().await.unwrap();
}

async fn resume(dir: &Path, simulator: &Simulator) -> Run {
    let mut command = command(&["jobs", "resume", "--json"], Some(dir));
    connected(&mut command, simulator);
    run(command).await
}

/// Every user of the file exists once, as the file says, and every row has one outcome, which is `created`.
async fn check(dir: &Path, simulator: &Simulator, result: &Run) {
    assert_eq!(result.code, Some(0), "{result:?}");
    let json = result.json();
    assert_eq!((&json["status"], &json["created"]), (&"completed".into(), &USERS.into()), "{result:?}");
    assert_eq!(json["processed"], json["total"]);
    let users = simulator.users();
    let names: BTreeSet<_> = users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect();
    let expected: BTreeSet<_> = (1..=USERS).map(|row| format!("user{row:05}")).collect();
    assert_eq!(names, expected);
    assert_eq!(users.len(), USERS, "nobody exists twice");
    for user in &users {
        let row: usize = user["username"].as_str().unwrap().trim_start_matches("user").parse().unwrap();
        assert_eq!(user["enabled"], !row.is_multiple_of(10), "{user}");
    }
    let list = run(command(&["jobs", "list", "--json"], Some(dir))).await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["processed"], USERS);
}

async fn status(dir: &Path) -> Value {
    run(command(&["jobs", "list", "--json"], Some(dir))).await.json()[0]["status"].clone()
}

#[tokio::test]
async fn killed_at_many_moments_and_resumed_each_time() {
    for seed in [3, 14, 159] {
        let latency = Duration::from_millis(1)..=Duration::from_millis(15);
        let simulator = Simulator::start(Options { seed, latency, ..Options::default() }).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut child = import(dir.path(), &simulator);
        // The moments differ with the seed, and with whatever the machine does.
        for step in 1..=5 {
            let moment = step * (60 + seed % 40);
            simulator.wait_until(|stats| stats.created >= moment).await;
            kill(child).await;
            assert_eq!(status(dir.path()).await, "interrupted");
            child = start(dir.path(), &simulator, &["jobs", "resume", "--json"]);
        }
        let result = crate::program::end(child).await;
        check(dir.path(), &simulator, &result).await;
    }
}

#[tokio::test]
async fn killed_before_the_first_row() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let gate = Gate::new();
    simulator.fail_next(1, Fault::Hold(gate.clone()), |request| request.is_create());
    let child = import(dir.path(), &simulator);
    gate.arrived(1).await;
    kill(child).await;
    // The held request arrives after its sender is dead, perhaps while it is being looked for.
    gate.open();
    let result = resume(dir.path(), &simulator).await;
    check(dir.path(), &simulator, &result).await;
}

#[tokio::test]
async fn killed_when_users_exist_and_nobody_was_told() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    simulator.fail_next(usize::MAX, Fault::HangAfter, |request| {
        request.username().is_some_and(|username| username.as_str() > "user00200")
    });
    let child = import(dir.path(), &simulator);
    simulator.wait_until(|stats| stats.created > 220).await;
    kill(child).await;
    simulator.clear_faults();
    let result = resume(dir.path(), &simulator).await;
    check(dir.path(), &simulator, &result).await;
    assert!(simulator.write_counts().values().all(|writes| *writes <= 2), "created once, disabled once");
}

#[tokio::test]
async fn killed_between_the_create_and_the_disabling() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let gate = Gate::new();
    simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), is_disable);
    let child = import(dir.path(), &simulator);
    gate.arrived(3).await;
    kill(child).await;
    let enabled = |user: &Value| user["enabled"] == true;
    assert!(
        simulator.user("user00010").is_some_and(|user| enabled(&user)),
        "it exists and is not yet disabled"
    );
    simulator.clear_faults();
    let result = resume(dir.path(), &simulator).await;
    check(dir.path(), &simulator, &result).await;
}

#[tokio::test]
async fn killed_when_everything_is_sent_and_the_end_is_not_told() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let gate = Gate::new();
    simulator.fail_next(1, Fault::Hold(gate.clone()), |request| {
        request.is_create() && request.username().is_some_and(|username| username == "user00600")
    });
    let child = import(dir.path(), &simulator);
    gate.arrived(1).await;
    simulator.wait_until(|stats| stats.created as usize == USERS - 1).await;
    kill(child).await;
    simulator.clear_faults();
    let result = resume(dir.path(), &simulator).await;
    check(dir.path(), &simulator, &result).await;
}

#[tokio::test]
async fn a_cancelled_crash_claims_only_what_exists() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    simulator.fail_next(usize::MAX, Fault::HangAfter, |request| {
        request.username().is_some_and(|username| username.as_str() > "user00100")
    });
    let child = import(dir.path(), &simulator);
    simulator.wait_until(|stats| stats.created > 110).await;
    kill(child).await;
    simulator.clear_faults();
    let id = run(command(&["jobs", "list", "--json"], Some(dir.path()))).await.json()[0]["id"].clone();
    let created = simulator.user_count();
    let mut cancel = command(&["jobs", "cancel", id.as_str().unwrap(), "--json"], Some(dir.path()));
    connected(&mut cancel, &simulator);
    let result = run(cancel).await;
    let json = result.json();
    assert_eq!((result.code, &json["status"]), (Some(0), &"cancelled".into()), "{result:?}");
    assert_eq!(json["created"], simulator.user_count());
    assert_eq!(simulator.user_count(), created, "a cancelled job creates nobody");
}
