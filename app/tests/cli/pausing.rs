//! `jobs pause` and `jobs retry`.

use std::path::Path;
use std::process::Stdio;

use pingone_sim::{Fault, Gate, Options, Simulator};
use serde_json::json;
use tokio::process::Child;

use crate::program::{Run, command, connected, run, users};
use crate::running::Serving;

async fn ask(dir: &Path, simulator: &Simulator, arguments: &[&str]) -> Run {
    let mut command = command(arguments, Some(dir));
    connected(&mut command, simulator);
    run(command).await
}

/// An import in another process whose creates wait at a gate, and its job.
async fn held(dir: &Path, simulator: &Simulator, gate: &Gate) -> (Child, String) {
    simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| request.is_create());
    let file = dir.join("users.csv");
    std::fs::write(&file, users(200)).unwrap();
    let mut import = command(&["import", file.to_str().unwrap()], Some(dir));
    connected(&mut import, simulator);
    let child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    gate.arrived(1).await;
    let listed = ask(dir, simulator, &["jobs", "list", "--json"]).await.json();
    (child, listed[0]["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_job_that_a_server_runs_is_paused_there() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { rate_limit: Some(20.0), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let session = serve.log_in().await;
    let job = serve.import(&session, &users(300)).await;
    simulator.wait_until(|stats| stats.created >= 3).await;
    let paused = ask(dir.path(), &simulator, &["jobs", "pause", &job, "--json"]).await;
    assert_eq!((paused.code, &paused.json()["status"]), (Some(0), &json!("paused")), "{paused:?}");
    assert_eq!(paused.json()["created"], json!(simulator.user_count()));
    assert!(simulator.user_count() < 300);
    let again = ask(dir.path(), &simulator, &["jobs", "pause", &job, "--json"]).await;
    assert_eq!((again.code, &again.json()["status"]), (Some(0), &json!("paused")), "{again:?}");
    serve.stop().await;
}

#[tokio::test]
async fn a_job_that_a_server_has_is_resumed_retried_and_cancelled_there() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { rate_limit: Some(20.0), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    simulator.fail_next(1, Fault::Status(400), |request| request.is_create());
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let session = serve.log_in().await;
    let job = serve.import(&session, &users(300)).await;
    simulator.wait_until(|stats| stats.created >= 3).await;
    let paused = ask(dir.path(), &simulator, &["jobs", "pause", &job]).await;
    assert_eq!(paused.code, Some(0), "{paused:?}");
    simulator.set_rate_limit(None);
    assert!(paused.stdout.contains(&format!("jobs resume {job}")), "{paused:?}");
    let resumed = ask(dir.path(), &simulator, &["jobs", "resume", &job, "--json"]).await;
    let told = resumed.json();
    assert_eq!((resumed.code, &told["status"]), (Some(1), &json!("completed")), "{resumed:?}");
    assert_eq!((&told["created"], &told["failed"]), (&json!(299), &json!(1)), "{told}");
    let retried = ask(dir.path(), &simulator, &["jobs", "retry", &job, "--json"]).await;
    assert_eq!((retried.code, &retried.json()["created"]), (Some(0), &json!(1)), "{retried:?}");
    let over = ask(dir.path(), &simulator, &["jobs", "resume", &job, "--json"]).await;
    assert_eq!(
        (over.code, &over.json()["error"]["code"]),
        (Some(2), &json!("refused_by_server")),
        "{over:?}"
    );

    simulator.set_rate_limit(Some(20.0));
    let names: String = (0..300).map(|number| format!("late{number}\n")).collect();
    let job = serve.import(&session, &format!("username\n{names}")).await;
    simulator.wait_until(|stats| stats.created >= 303).await;
    let cancelled = ask(dir.path(), &simulator, &["jobs", "cancel", &job, "--json"]).await;
    assert_eq!(
        (cancelled.code, &cancelled.json()["status"]),
        (Some(0), &json!("cancelled")),
        "{cancelled:?}"
    );
    let all = ask(dir.path(), &simulator, &["jobs", "resume", "--json"]).await;
    let message = all.json()["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!((all.code, &all.json()["error"]["code"]), (Some(2), &json!("in_use")), "{all:?}");
    assert!(message.contains(&serve.address.to_string()) && message.contains("jobs resume JOB"), "{message}");
    let prune = ask(dir.path(), &simulator, &["jobs", "prune", "--json"]).await;
    assert_eq!((prune.code, &prune.json()["error"]["code"]), (Some(2), &json!("in_use")), "{prune:?}");
    assert!(prune.stderr.contains("the server at http://") && prune.stderr.contains("login-link\" prints"));
    serve.stop().await;
}

#[tokio::test]
async fn a_job_of_another_process_is_paused_with_it_and_stays_paused_when_that_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let gate = Gate::new();
    let (mut child, job) = held(dir.path(), &simulator, &gate).await;
    let elsewhere = ask(dir.path(), &simulator, &["jobs", "pause", &job, "--json"]).await;
    assert_eq!((elsewhere.code, &elsewhere.json()["error"]["code"]), (Some(2), &json!("runs_elsewhere")));
    assert!(elsewhere.stderr.contains("Ctrl-C"), "{elsewhere:?}");
    child.kill().await.unwrap();
    gate.open();
    let paused = ask(dir.path(), &simulator, &["jobs", "pause", &job]).await;
    assert_eq!(paused.code, Some(0), "{paused:?}");
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let session = serve.log_in().await;
    let shown = serve.ask("GET", &format!("/api/jobs/{job}"), &session, "").await;
    assert!(shown.contains("\"status\":\"paused\""), "a server does not go on with it: {shown}");
    serve.stop().await;
    let resumed = ask(dir.path(), &simulator, &["jobs", "resume", &job, "--json"]).await;
    assert_eq!((resumed.code, &resumed.json()["created"]), (Some(0), &json!(200)), "{resumed:?}");
}

#[tokio::test]
async fn failed_rows_are_done_once_more() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();
    simulator.fail_next(1, Fault::Status(400), |request| request.is_create());
    let file = dir.path().join("users.csv");
    std::fs::write(&file, users(5)).unwrap();
    let import = ["import", file.to_str().unwrap(), "--json"];
    let imported = ask(dir.path(), &simulator, &import).await.json();
    assert_eq!((&imported["created"], &imported["failed"]), (&json!(4), &json!(1)), "{imported}");
    let job = imported["job"].as_str().unwrap();
    let retried = ask(dir.path(), &simulator, &["jobs", "retry", job, "--json"]).await;
    assert_eq!((retried.code, &retried.json()["created"]), (Some(0), &json!(1)), "{retried:?}");
    assert_eq!(simulator.user_count(), 5);
    let retried = retried.json();
    let again = ["jobs", "retry", retried["job"].as_str().unwrap(), "--json"];
    let nothing = ask(dir.path(), &simulator, &again).await.json();
    assert_eq!(nothing["error"]["code"], "nothing_to_retry", "{nothing}");
}
