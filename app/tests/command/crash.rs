//! `kill -9` in the middle of an import, and what `jobs resume` makes of it.

use std::collections::BTreeSet;
use std::time::Duration;

use pingone_sim::{Fault, Options};

use crate::support::{World, text};

const USERS: usize = 400;

/// A file of users, every tenth of whom is disabled, which takes a second request.
fn file() -> String {
    let rows = (0..USERS).map(|n| format!("user{n},User,{}\n", if is_disabled(n) { "no" } else { "" }));
    "username,given name,enabled\n".to_owned() + &rows.collect::<String>()
}

fn is_disabled(number: usize) -> bool {
    number.is_multiple_of(10)
}

fn slow() -> Options {
    let latency = Duration::from_millis(1)..=Duration::from_millis(8);
    Options { latency, ..Options::default() }
}

/// Starts an import, kills it once the simulator has created this many users, and resumes until the job is done.
async fn import_with_kills(world: &World, kills: &[u64]) {
    let input = world.file("users.csv", file());
    let mut resumed = None;
    for (round, created) in kills.iter().enumerate() {
        let arguments = if round == 0 { ["import", text(&input)] } else { ["jobs", "resume"] };
        let mut child = world.command(&arguments).spawn().unwrap();
        world.simulator.wait_until(|stats| stats.created >= *created).await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(world.jobs().await[0]["status"], "interrupted");
    }
    for _ in 0..3 {
        let ended = world.run(&["jobs", "resume", "--json"]).await;
        assert!(ended.code == Some(0), "{ended:?}");
        resumed = Some(ended.json());
        if world.jobs().await[0]["status"] == "completed" {
            break;
        }
    }
    let result = resumed.unwrap();
    assert_eq!(result["status"], "completed", "{result}");
    for name in ["total", "processed", "created"] {
        assert_eq!(result[name], USERS, "{name} in {result}");
    }
}

/// Every row is one user, written once and as the file wants it.
fn assert_exactly_once(world: &World) {
    let users = world.simulator.users();
    let names: BTreeSet<_> = users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect();
    assert_eq!((users.len(), names.len()), (USERS, USERS));
    for user in &users {
        let number: usize = user["username"].as_str().unwrap()[4..].parse().unwrap();
        assert_eq!(user["enabled"], !is_disabled(number), "{user}");
    }
    // Creating is one write; switching a disabled user off is another, which may be repeated.
    for (name, writes) in world.simulator.write_counts() {
        let number = name[4..].parse().unwrap();
        assert!(
            if is_disabled(number) { (2..=6).contains(&writes) } else { writes == 1 },
            "{name}: {writes}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_resumes_with_every_row_exactly_once() {
    for kills in [&[1][..], &[60, 170, 171, 300], &[399], &[5, 6, 7, 200]] {
        let world = World::new(slow()).await;
        import_with_kills(&world, kills).await;
        assert_exactly_once(&world);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_and_lost_answers_together_create_nobody_twice() {
    let world = World::new(slow()).await;
    world.simulator.fail_next(20, Fault::LoseAnswer, |request| request.is_create());
    import_with_kills(&world, &[30, 150, 290]).await;
    assert_exactly_once(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_has_each_row_once_after_a_kill() {
    let world = World::new(slow()).await;
    import_with_kills(&world, &[120, 250]).await;
    let job = world.jobs().await[0]["id"].as_str().unwrap().to_owned();
    let shown = world.run(&["jobs", "show", &job, "--json"]).await.json();
    let counts = ["created", "updated", "unchanged", "deleted", "skipped", "failed"];
    let sum: u64 = counts.iter().map(|name| shown[*name].as_u64().unwrap()).sum();
    assert_eq!((sum, shown["processed"].as_u64()), (USERS as u64, Some(USERS as u64)), "{shown}");
}
