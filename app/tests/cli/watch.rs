//! `jobs watch`: a job of a server that runs elsewhere, behind a proxy that breaks connections.

use std::process::Stdio;
use std::time::Duration;

use pingone_sim::{Options, Simulator};
use testkit::proxy::{FaultProxy, Kind};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

use crate::program::{command, end, run, users};
use crate::running::{PATIENCE, Serving};

#[tokio::test]
async fn a_job_is_followed_to_its_end_while_the_websocket_is_cut() {
    let latency = Duration::from_millis(20)..=Duration::from_millis(30);
    let simulator =
        Simulator::start(Options { latency, rate_limit: Some(100.0), ..Options::default() }).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let proxy = FaultProxy::start(serve.address.parse().unwrap(), 1).await.unwrap();
    let session = serve.log_in().await;
    let job = serve.import(&session, &users(300)).await;
    let server = format!("http://{}", proxy.address);
    let mut watch = command(&["jobs", "watch", &job[..13], "--server", &server, "--json"], None);
    watch.env("PINGONE_IMPORT_TOKEN", &session).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut watch = watch.spawn().unwrap();
    let mut told = BufReader::new(watch.stderr.take().unwrap()).lines();
    let mut until = async |words: &str| loop {
        let line = timeout(PATIENCE, told.next_line()).await.unwrap().unwrap().expect(words);
        if line.contains(words) {
            return line;
        }
    };
    until("connected over").await;
    proxy.cut(Kind::WebSocket);
    until("nothing is lost").await;
    let watched = end(watch).await;
    assert_eq!(watched.code, Some(0), "{watched:?}");
    let result = watched.json();
    assert_eq!((&result["status"], &result["created"]), (&"completed".into(), &300.into()), "{result}");
    assert_eq!(result["job"], job);

    let second = serve.import(&session, &users(2_000)).await;
    let mut paused = command(&["jobs", "watch", &second, "--server", &server, "--json"], None);
    paused.env("PINGONE_IMPORT_TOKEN", &session).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut paused = paused.spawn().unwrap();
    let mut told = BufReader::new(paused.stderr.take().unwrap()).lines();
    while !timeout(PATIENCE, told.next_line()).await.unwrap().unwrap().unwrap().contains("connected over") {}
    let answer = serve.ask("POST", &format!("/api/jobs/{second}/pause"), &session, "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let paused = end(paused).await;
    assert_eq!((paused.code, &paused.json()["status"]), (Some(4), &"paused".into()), "{paused:?}");

    let mut newest = command(&["jobs", "watch", "--server", &server], None);
    newest.env("PINGONE_IMPORT_TOKEN", &session);
    let newest = run(newest).await;
    assert_eq!(newest.code, Some(4), "what stands already needs no connection: {newest:?}");
    assert!(newest.stdout.contains("of 2000 rows"), "{newest:?}");
}

#[tokio::test]
async fn a_server_that_forgets_the_login_ends_the_watching() {
    let latency = Duration::from_millis(20)..=Duration::from_millis(30);
    let simulator =
        Simulator::start(Options { latency, rate_limit: Some(20.0), ..Options::default() }).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let (address, session) = (serve.address.clone(), serve.log_in().await);
    let job = serve.import(&session, &users(2_000)).await;
    let mut watch = command(&["jobs", "watch", &job, "--server", &address, "--json"], None);
    watch.env("PINGONE_IMPORT_TOKEN", &session).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut watch = watch.spawn().unwrap();
    let mut told = BufReader::new(watch.stderr.take().unwrap()).lines();
    while !timeout(PATIENCE, told.next_line()).await.unwrap().unwrap().unwrap().contains("connected over") {}
    serve.terminate();
    end(serve.child).await;
    let _again = Serving::start_on(&address, &[], dir.path(), Some(&simulator)).await;
    let watched = end(watch).await;
    assert_eq!(
        (watched.code, &watched.json()["error"]["code"]),
        (Some(2), &"not_watched".into()),
        "{watched:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_watched_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), None).await;
    let server = format!("http://{}", serve.address);
    let stranger = run(command(&["jobs", "watch", "--server", &server], None)).await;
    assert_eq!(stranger.code, Some(2), "{stranger:?}");
    assert!(stranger.stderr.contains("--token-file"), "{stranger:?}");

    let token = dir.path().join("token");
    std::fs::write(&token, format!("{}\n", serve.log_in().await)).unwrap();
    let token = token.to_str().unwrap();
    let none = run(command(&["jobs", "watch", "--server", &server, "--token-file", token], None)).await;
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("no jobs yet"), "{none:?}");
    let unknown = ["jobs", "watch", "018f", "--server", &server, "--token-file", token, "--json"];
    let unknown = run(command(&unknown, None)).await;
    assert_eq!((unknown.code, &unknown.json()["error"]["code"]), (Some(2), &"not_watched".into()));
}
