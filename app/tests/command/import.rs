//! Exit codes, the JSON object, and what bad input is answered with.

use std::process::Command;

use pingone_sim::{Access, Options};
use serde_json::Value;

use crate::support::{Ended, World, run, text};

async fn world() -> World {
    World::new(Options::default()).await
}

fn counts_add_up(result: &Value) -> bool {
    let number = |name: &str| result[name].as_u64().unwrap();
    let outcomes = ["created", "updated", "unchanged", "skipped", "failed"];
    number("processed") == outcomes.iter().map(|name| number(name)).sum::<u64>()
        && number("processed") == number("total")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_prints_its_result_and_exits_0() {
    let world = world().await;
    let file = world.file("users.csv", "username,email\nada,ada@example.com\nbob,\n");
    let ended = world.run(&["import", text(&file), "--population", "Default", "--json"]).await;
    let result = ended.json();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!((&result["status"], &result["created"]), (&"completed".into(), &2.into()));
    assert!(counts_add_up(&result) && result["job"].is_string() && result["seconds"].is_number(), "{result}");
    assert_eq!(world.simulator.user_count(), 2);
    assert_eq!(world.jobs().await[0]["id"], result["job"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_rows_are_told_and_exit_1_and_can_be_mended() {
    let world = world().await;
    let rows = "username,email\nada,ada@example.com\nbob,nonsense\nADA,\ncy,cy@example.com,extra\n";
    let file = world.file("users.csv", rows);
    let ended = world.run(&["import", text(&file), "--json"]).await;
    let result = ended.json();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(counts_add_up(&result), "{result}");
    let found = ["created", "skipped", "failed"].map(|name| result[name].as_u64().unwrap());
    assert_eq!(found, [1, 1, 2]);
    let job = result["job"].as_str().unwrap();
    let rejects = world.run(&["jobs", "rejects", job]).await.stdout;
    assert!(rejects.lines().count() >= 3 && rejects.contains("INVALID_VALUE"), "{rejects}");
    let mended =
        world.file("mended.csv", rejects.replace("nonsense", "bob@example.com").replace(",extra", ""));
    let again = world.run(&["import", text(&mended), "--json"]).await.json();
    assert_eq!(again["created"].as_u64().unwrap() + again["failed"].as_u64().unwrap(), 2, "{again}");
    assert!(world.simulator.user("bob").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_writes_nothing() {
    let world = world().await;
    let file = world.file("users.csv", "username\nada\n");
    let ended = world.run(&["import", text(&file), "--dry-run", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(world.simulator.stats().created, 0);
}

/// Runs an import that must be refused as wrong usage, and leave no job.
async fn refused(world: &World, name: &str, content: Option<&[u8]>, said: &[&str]) {
    let file = match content {
        Some(content) => world.file(name, content),
        None => world.directory.path().join(name),
    };
    let ended = world.run(&["import", text(&file)]).await;
    assert_eq!(ended.code, Some(2), "{name}: {ended:?}");
    for words in said {
        assert!(ended.stderr.contains(words), "{name} should say {words:?}: {ended:?}");
    }
    assert_eq!(world.jobs().await, Vec::<Value>::new(), "{name} left a job");
}

#[tokio::test(flavor = "multi_thread")]
async fn hopeless_files_are_refused_and_leave_no_job() {
    let world = world().await;
    refused(&world, "missing.csv", None, &["missing.csv"]).await;
    refused(&world, "empty.csv", Some(b""), &["empty.csv", "empty"]).await;
    refused(&world, "headless.csv", Some(b"email,title\na@b.c,x\n"), &["username"]).await;
    refused(&world, "unknown.csv", Some(b"username,shoe size\nada,37\n"), &["shoe size"]).await;
    refused(&world, "image.csv", Some(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"), &["image.csv"]).await;
    assert_eq!(world.simulator.stats().created, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_population_is_refused() {
    let world = world().await;
    let file = world.file("users.csv", "username\nada\n");
    let ended = world.run(&["import", text(&file), "--population", "Atlantis"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("Atlantis"), "{ended:?}");
    assert_eq!(world.jobs().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_not_utf8_names_line_and_column() {
    let world = world().await;
    let file =
        world.file("users.csv", b"username,title\nada,\xc3\xa9\nbob,x\xff\xfe\x81y\ncy,\xc3\xa9\xc3\xa9\n");
    let ended = world.run(&["import", text(&file), "--encoding", "utf-8", "--json"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let job = ended.json()["job"].as_str().unwrap().to_owned();
    let rejects = world.run(&["jobs", "rejects", &job]).await.stdout;
    assert!(rejects.contains("line 3"), "{rejects}");
}

async fn with_environment(world: &World, change: impl FnOnce(&mut Command)) -> Ended {
    let file = world.file("users.csv", "username\nada\n");
    let mut command = world.command(&["import", text(&file)]);
    change(&mut command);
    run(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_let_in_gets_exit_3_and_no_job() {
    let world = world().await;
    let secret = with_environment(&world, |command| {
        command.env("PINGONE_CLIENT_SECRET", "wrong");
    })
    .await;
    assert_eq!(secret.code, Some(3), "{secret:?}");
    assert!(secret.stderr.contains("Invalid client credentials"), "{secret:?}");
    assert!(!secret.stderr.contains("wrong"), "the secret is not repeated: {secret:?}");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let host = with_environment(&world, |command| {
        command.env("PINGONE_AUTH_URL", &nobody);
    })
    .await;
    assert_eq!(host.code, Some(3), "{host:?}");
    assert!(host.stderr.contains("127.0.0.1"), "{host:?}");

    world.simulator.set_access(Access::None);
    let role = with_environment(&world, |_| {}).await;
    assert_eq!(role.code, Some(3), "{role:?}");
    world.simulator.set_access(Access::Full);
    assert_eq!(world.jobs().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_the_message_names_the_variables() {
    let world = world().await;
    let ended = with_environment(&world, |command| {
        for name in ["PINGONE_ENVIRONMENT_ID", "PINGONE_CLIENT_ID", "PINGONE_CLIENT_SECRET"] {
            command.env_remove(name);
        }
    })
    .await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("PINGONE_CLIENT_ID") && ended.stderr.contains("--simulator"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_simulator_needs_no_connection() {
    let world = world().await;
    let file = world.file("users.csv", "username\nada\nbob\n");
    let mut command = world.command(&["import", text(&file), "--simulator", "--json"]);
    for name in ["PINGONE_API_URL", "PINGONE_AUTH_URL", "PINGONE_ENVIRONMENT_ID", "PINGONE_CLIENT_ID"] {
        command.env_remove(name);
    }
    let ended = run(command).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["created"], 2);
}
