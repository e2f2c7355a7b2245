//! `serve` as a process: its settings, its log, how it stops, and what it does without file descriptors.

use std::time::Duration;

use pingone_sim::{Fault, Options, Simulator};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::program::{command, connected, end, run, users};
use crate::running::{PATIENCE, Serving, ask};

#[tokio::test]
async fn every_wrong_setting_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("settings.toml");
    std::fs::write(&file, "[server]\nlisten = 'nowhere'\nstop_withn = 1\n").unwrap();
    let mut command =
        command(&["serve", "--max-connections", "none", "--config", file.to_str().unwrap()], None);
    command.env("PINGONE_REGION", "MARS");
    let run = run(command).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    for told in [
        "4 settings are wrong",
        "server.listen",
        "did you mean server.stop_within?",
        "--max-connections",
        "PINGONE_REGION",
    ] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}

#[tokio::test]
async fn settings_are_shown_without_the_secret() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let mut command = command(&["serve", "--check-config", "--listen", "127.0.0.1:4321"], None);
    connected(&mut command, &simulator);
    let run = run(command).await;
    assert_eq!((run.code, &run.json()["server"]["listen"]), (Some(0), &Value::from("127.0.0.1:4321")));
    assert!(!run.stdout.contains(&simulator.client_secret) && run.stdout.contains(&simulator.client_id));
}

#[tokio::test]
async fn a_fatal_error_is_logged_as_critical_and_ends_with_an_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let command = command(&["serve", "--listen", &listen, "--log-format", "json"], Some(dir.path()));
    let run = run(command).await;
    assert_eq!(run.code, Some(2));
    let line = run.stderr.lines().find(|line| line.contains("\"critical\":true")).expect(&run.stderr);
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["level"], &line["code"]), (&Value::from("ERROR"), &Value::from("not_served")));
}

/// Values that stand for people, secrets and rows; none of them may be in a log.
const CANARIES: [&str; 5] =
    ["canary.user", "canary@example.org", "Canarella", "Canaribus", "canary population"];

#[tokio::test]
async fn no_user_token_secret_or_row_is_in_the_log_at_any_level() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let serve =
        Serving::start(&["--log", "trace", "--log-format", "json"], dir.path(), Some(&simulator)).await;
    let session = serve.log_in().await;
    let csv = "username,email,given name,family name,population,enabled\n\
               canary.user1,canary@example.org,Canarella,Canaribus,,no\n\
               canary.user2,no address,Canarella,Canaribus,,\n\
               canary.user1,canary@example.org,Canarella,Canaribus,,\n\
               canary.user3,canary@example.org,Canarella,Canaribus,canary population,\n\
               \"canary.user4,broken quote,Canarella\n";
    let job = serve.import(&session, csv).await;
    serve.watch(&session, &job).await;
    for path in [
        "/api/jobs",
        &format!("/api/jobs/{job}/rows"),
        &format!("/api/jobs/{job}/rejects.csv"),
        "/api/populations",
    ] {
        assert!(serve.ask("GET", path, &session, "").await.starts_with("HTTP/1.1 200"), "{path}");
    }
    let link = serve.link.clone();
    let log = serve.stop().await;
    assert!(log.lines().any(|line| line.contains("\"level\":\"DEBUG\"")), "the log is at its finest:\n{log}");
    let token = link.split("token=").nth(1).unwrap().to_owned();
    let secrets = [token, session, simulator.client_secret.clone()];
    for secret in CANARIES.iter().map(|it| (*it).to_owned()).chain(secrets) {
        let leak = log.lines().find(|line| line.contains(&secret));
        assert!(leak.is_none(), "{secret} is in the log: {leak:?}");
    }
}

#[tokio::test]
async fn each_line_names_its_job_or_its_request() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let options = ["--log", "info,pingone_import::jobs=trace", "--log-format", "json"];
    let serve = Serving::start(&options, dir.path(), Some(&simulator)).await;
    let session = serve.log_in().await;
    simulator.fail_next(1, Fault::Status(400), |request| request.is_create());
    let job = serve.import(&session, &users(20)).await;
    serve.watch(&session, &job).await;
    let log = serve.stop().await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of_job: Vec<_> = lines.iter().filter(|line| line["span"]["job"] == *job).collect();
    assert!(of_job.iter().any(|line| line["message"] == "the run is over"), "{log}");
    assert!(of_job.iter().any(|line| line["message"] == "a row failed" && line["row"].is_u64()), "{log}");
    assert!(of_job.iter().all(|line| line["span"]["kind"] == "import"));
    let stray: Vec<_> = lines.iter().filter(|line| is_about_work(line) && line["span"].is_null()).collect();
    assert!(stray.is_empty(), "{stray:?}");
}

/// Whether a line is about a job or a request, and not about the process.
fn is_about_work(line: &Value) -> bool {
    let target = line["target"].as_str().unwrap();
    target.starts_with("pingone_import::jobs") || target.starts_with("pingone_import::controllers")
}

#[tokio::test]
async fn clients_are_told_when_to_come_back_and_the_process_ends() {
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&["--stop-within", "5s"], dir.path(), None).await;
    let session = serve.log_in().await;
    let mut socket = TcpStream::connect(&serve.address).await.unwrap();
    let handshake = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {session}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        serve.address
    );
    socket.write_all(handshake.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    socket.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    serve.terminate();
    let mut rest = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut rest)).await.unwrap().unwrap();
    let rest = String::from_utf8_lossy(&rest).into_owned();
    assert!(rest.contains("\"type\":\"restarting\",\"retry_after_ms\":"), "{rest}");
    let run = end(serve.child).await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test]
async fn a_server_that_has_just_told_its_link_stops_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let log = Serving::start(&["--log", "info"], dir.path(), None).await.stop().await;
    assert!(log.contains("stopping"), "{log}");
}

#[tokio::test]
async fn a_spent_link_is_replaced_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let no_server = run(command(&["login-link"], Some(dir.path()))).await;
    assert_eq!(no_server.code, Some(2), "{no_server:?}");
    assert!(no_server.stderr.contains("no server runs with the data directory"), "{no_server:?}");
    let mut serve = Serving::start(&[], dir.path(), None).await;
    let first = serve.log_in().await;
    let again = run(command(&["login-link", "--json"], Some(dir.path()))).await;
    assert_eq!((again.code, &again.json()["expires_in_seconds"]), (Some(0), &Value::from(600)), "{again:?}");
    let token = serve.link.split("token=").nth(1).unwrap().to_owned();
    assert!(serve.ask("GET", "/api/session", &token, "").await.starts_with("HTTP/1.1 401"));
    assert_eq!(again.json()["link"], again.json()["login_link"], "the earlier name stays");
    serve.link = again.json()["login_link"].as_str().unwrap().to_owned();
    assert!(serve.link.contains(&serve.address), "{}", serve.link);
    assert_ne!(serve.log_in().await, first);
    let token = serve.link.split("token=").nth(1).unwrap().to_owned();
    let spent = serve.ask("POST", "/api/login", "", &format!("{{\"token\":\"{token}\"}}")).await;
    assert!(spent.starts_with("HTTP/1.1 403"), "{spent}");
}

#[tokio::test]
async fn the_doctor_takes_the_token_of_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), None).await;
    let token = serve.link.split("token=").nth(1).unwrap();
    let url = format!("http://{}", serve.address);
    let doctor = run(command(&["doctor", &url, "--token", token, "--json"], None)).await;
    assert_eq!((doctor.code, &doctor.json()["status"]), (Some(0), &Value::from("healthy")), "{doctor:?}");
    let next = run(command(&["login-link"], Some(dir.path()))).await;
    let file = dir.path().join("token");
    std::fs::write(&file, next.stdout.split("token=").nth(1).unwrap()).unwrap();
    let spent = run(command(&["doctor", &url, "--token", token], None)).await;
    let said = |words: &str| spent.stdout.matches(words).count();
    let told = (said("The server asks for a login."), said("  Seen: "), said("401"), said("critical"));
    assert_eq!((spent.code, told), (Some(3), (1, 1, 1, 0)), "{spent:?}");
    assert!(spent.stdout.contains("login-link\" prints another one"), "{spent:?}");
    let stranger = run(command(&["doctor", &url, "--json"], None)).await;
    let (code, causes) = (stranger.code, stranger.json()["causes"].as_array().unwrap().len());
    assert_eq!(
        (code, causes, &stranger.json()["status"]),
        (Some(3), 1, &Value::from("unknown")),
        "{stranger:?}"
    );
    let of_file = ["doctor", &url, "--token-file", file.to_str().unwrap(), "--json"];
    let doctor = run(command(&of_file, None)).await;
    assert_eq!((doctor.code, &doctor.json()["status"]), (Some(0), &Value::from("healthy")), "{doctor:?}");
    std::fs::write(&file, "\n").unwrap();
    let doctor = run(command(&of_file, None)).await;
    assert!(doctor.code == Some(2) && doctor.stdout.contains("holds no token"), "{doctor:?}");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_read_that_hangs_does_not_hold_up_the_stop() {
    let latency = Duration::from_millis(10)..=Duration::from_millis(20);
    let options = Options { latency, rate_limit: Some(50.0), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let session = serve.log_in().await;
    let job = serve.import(&session, &users(2_000)).await;
    serve.child.kill().await.unwrap();
    // A pipe that nobody writes to is a file on a disk that does not answer.
    let input = dir.path().join("inputs").join(&job);
    std::fs::remove_file(&input).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&input).status().unwrap().success());
    let mut serve =
        Serving::start(&["--stop-within", "1s", "--log", "info"], dir.path(), Some(&simulator)).await;
    let mut line = String::new();
    while !line.contains("resumed an interrupted job") {
        line.clear();
        assert!(
            timeout(PATIENCE, serve.log.read_line(&mut line)).await.unwrap().unwrap() > 0,
            "the log ended"
        );
    }
    serve.terminate();
    let mut log = String::new();
    timeout(PATIENCE, serve.log.read_to_string(&mut log)).await.expect("the process ends").unwrap();
    let status = timeout(PATIENCE, serve.child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(4), "{log}");
    assert!(log.contains("abandoned=[\"reading the file of a job\"]"), "{log}");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn without_file_descriptors_it_waits_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::limited(64, &["--max-connections", "1000"], dir.path()).await;
    let mut crowd = Vec::new();
    for _ in 0..100 {
        crowd.push(TcpStream::connect(&serve.address).await.unwrap());
    }
    let mut log = serve.log;
    let mut line = String::new();
    while !line.contains("cannot accept connections") {
        line.clear();
        assert!(timeout(PATIENCE, log.read_line(&mut line)).await.unwrap().unwrap() > 0, "the log ended");
    }
    drop(crowd);
    let answer = ask(&serve.address, "GET", "/api/health/live", "", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
