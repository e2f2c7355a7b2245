//! Importing and looking after jobs.

use std::path::Path;
use std::process::Stdio;

use pingone_sim::{Fault, Gate, Options, Simulator};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use crate::program::{command, connected, end, run, users};

fn write(dir: &Path, text: &str) -> String {
    let path = dir.join("users.csv");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Reads what the program says until it has said this.
async fn until_said(child: &mut Child, words: &str) {
    let (stderr, mut said) = (child.stderr.as_mut().unwrap(), Vec::new());
    while !String::from_utf8_lossy(&said).contains(words) {
        assert!(stderr.read_buf(&mut said).await.unwrap() > 0, "it never says {words:?}");
    }
}

#[tokio::test]
async fn the_embedded_pingone_needs_no_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), &users(50));
    let result = run(command(&["import", &file, "--simulator", "--json"], Some(dir.path()))).await;
    assert_eq!(result.code, Some(0), "{result:?}");
    let json = result.json();
    assert_eq!(
        (&json["status"], &json["total"], &json["created"]),
        (&"completed".into(), &50.into(), &50.into())
    );
    let people = run(command(&["import", &file, "--simulator"], Some(dir.path()))).await;
    assert!(people.stdout.contains("50 of 50 rows, 50 created, 0 skipped, 0 failed"), "{people:?}");
    let list = run(command(&["jobs", "list", "--json"], Some(dir.path()))).await.json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(
        list.as_array().unwrap().iter().all(|job| job["status"] == "completed" && job["simulator"] == true)
    );
    let nothing = run(command(&["jobs", "resume", "--json"], Some(dir.path()))).await;
    assert_eq!((nothing.code, &nothing.json()["job"]), (Some(0), &Value::Null));
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let file = write(dir.path(), &format!("{}USER00001,,,,\n", users(20)));
    let mut import = command(&["import", &file, "--dry-run", "--json"], Some(dir.path()));
    connected(&mut import, &simulator);
    let result = run(import).await;
    let json = result.json();
    assert_eq!((result.code, &json["dry_run"]), (Some(0), &true.into()));
    assert_eq!((&json["created"], &json["skipped"], &json["processed"]), (&20.into(), &1.into(), &21.into()));
    assert!(simulator.write_counts().is_empty());
}

#[tokio::test]
async fn rejects_can_be_written_and_imported_again() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let file = write(dir.path(), "username,email\nada,ada@example.com\nbob,not an address\n");
    let with = |arguments: &[&str]| {
        let mut command = command(arguments, Some(dir.path()));
        connected(&mut command, &simulator);
        command
    };
    let job = run(with(&["import", &file, "--json"])).await.json()["job"].as_str().unwrap().to_owned();
    let printed = run(with(&["jobs", "rejects", &job])).await;
    assert_eq!(printed.code, Some(0));
    assert!(
        printed
            .stdout
            .starts_with("username,email,error_code,error_message,error_input\r\nbob,not an address,"),
        "{printed:?}"
    );
    let out = dir.path().join("rejects.csv");
    let out = out.to_str().unwrap();
    assert_eq!(run(with(&["jobs", "rejects", &job, "-o", out])).await.code, Some(0));
    assert_eq!(std::fs::read_to_string(out).unwrap(), printed.stdout);
    std::fs::write(out, printed.stdout.replace("not an address", "bob@example.com")).unwrap();
    assert_eq!(run(with(&["import", out, "--json"])).await.json()["created"], 1);
    assert_eq!(simulator.user_count(), 2);
}

/// An import whose creates wait at `gate`.
async fn held(dir: &Path, simulator: &Simulator, gate: &Gate) -> Child {
    simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| request.is_create());
    let file = write(dir, &users(500));
    let mut import = command(&["import", &file, "--json"], Some(dir));
    connected(&mut import, simulator);
    let child = import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    gate.arrived(1).await;
    child
}

#[tokio::test]
async fn one_directory_is_for_one_process_and_others_may_look() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let gate = Gate::new();
    let child = held(dir.path(), &simulator, &gate).await;
    let second = run(command(&["jobs", "resume"], Some(dir.path()))).await;
    assert_eq!(second.code, Some(2));
    let holder = format!("process {}", child.id().unwrap());
    assert!(
        second.stderr.contains("in use by another process") && second.stderr.contains(&holder),
        "{second:?}"
    );
    assert!(second.stderr.contains("wait until it is done"), "{second:?}");
    let list = run(command(&["jobs", "list", "--json"], Some(dir.path()))).await.json();
    assert_eq!(list[0]["status"], "running");
    let shown = run(command(&["jobs", "show", list[0]["id"].as_str().unwrap()], Some(dir.path()))).await;
    assert!(shown.stdout.contains("Another process is at work on it."), "{shown:?}");
    assert!(!shown.stdout.contains("jobs resume"), "it goes on by itself: {shown:?}");
    gate.open();
    assert_eq!(end(child).await.json()["created"], 500);
}

#[tokio::test]
async fn a_job_that_cannot_be_resumed_does_not_keep_the_others_from_it() {
    let dir = tempfile::tempdir().unwrap();
    let here = Simulator::start(Options::default()).await.unwrap();
    let elsewhere = Simulator::start(Options { seed: 9, ..Options::default() }).await.unwrap();
    for simulator in [&elsewhere, &here] {
        let gate = Gate::new();
        let mut child = held(dir.path(), simulator, &gate).await;
        child.kill().await.unwrap();
        simulator.clear_faults();
        gate.open();
    }
    let mut resume = command(&["jobs", "resume"], Some(dir.path()));
    connected(&mut resume, &here);
    let resumed = run(resume).await;
    assert_eq!(resumed.code, Some(2), "{resumed:?}");
    assert!(resumed.stderr.contains("belongs to environment"), "{resumed:?}");
    assert!(resumed.stdout.contains("500 of 500 rows"), "{resumed:?}");
    assert_eq!(here.user_count(), 500);
}

#[tokio::test]
async fn what_was_told_before_is_not_told_again_when_a_job_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let gate = Gate::new();
    simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| request.is_create());
    let file = write(dir.path(), "username,shoe size\nada,42\nbob,43\n");
    let with = |arguments: &[&str]| {
        let mut command = command(arguments, Some(dir.path()));
        connected(&mut command, &simulator);
        command
    };
    let mut import = with(&["import", &file, "--ignore-unknown-columns"]);
    let mut child = import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    gate.arrived(1).await;
    until_said(&mut child, "warning: ignored_columns: ").await;
    child.kill().await.unwrap();
    simulator.clear_faults();
    gate.open();
    let resumed = run(with(&["jobs", "resume"])).await;
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert!(!resumed.stderr.contains("ignored_columns"), "{resumed:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_settles_what_is_in_flight_and_says_how_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let gate = Gate::new();
    let mut child = held(dir.path(), &simulator, &gate).await;
    let pid = child.id().unwrap().to_string();
    let interrupted = Command::new("kill").args(["-INT", &pid]).status().await.unwrap();
    assert!(interrupted.success());
    until_said(&mut child, "settle first").await;
    gate.open();
    let result = end(child).await;
    assert_eq!(result.code, Some(4), "{result:?}");
    let json = result.json();
    assert_eq!(json["status"], "paused");
    assert_eq!(json["created"], simulator.user_count());
    assert!(simulator.user_count() < 500);
    let mut resume = command(&["jobs", "resume"], Some(dir.path()));
    connected(&mut resume, &simulator);
    let resumed = run(resume).await;
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert!(resumed.stdout.contains("500 of 500 rows"), "{resumed:?}");
    assert_eq!(simulator.user_count(), 500);
}
