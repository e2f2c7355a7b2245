//! `jobs watch`: a job of a server that runs elsewhere, behind a proxy that breaks connections.

use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use futures_util::poll;
use pingone_import::doctor::Target;
use pingone_import::jobs::EventBody;
use pingone_import::remote::{Remote, Told};
use pingone_sim::{Options, Simulator};
use testkit::proxy::{FaultProxy, Kind};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr};
use tokio::time::timeout;

use crate::program::{command, end, run, users};
use crate::running::{PATIENCE, Serving};

/// A `jobs watch` that runs.
struct Watching {
    child: Child,
    told: Lines<BufReader<ChildStderr>>,
}

impl Watching {
    fn start(server: &str, session: &str, job: &str) -> Self {
        let mut command = command(&["jobs", "watch", job, "--server", server, "--json"], None);
        command.env("PINGONE_IMPORT_TOKEN", session).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let told = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, told }
    }

    async fn until(&mut self, words: &str) {
        while !timeout(PATIENCE, self.told.next_line()).await.unwrap().unwrap().expect(words).contains(words)
        {
        }
    }
}

/// A PingOne that takes its time, so that there is something to watch.
async fn slow(rate_limit: f64) -> Simulator {
    let latency = Duration::from_millis(20)..=Duration::from_millis(30);
    let options = Options { latency, rate_limit: Some(rate_limit), ..Options::default() };
    Simulator::start(options).await.unwrap()
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_while_the_websocket_is_cut() {
    let simulator = slow(100.0).await;
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let proxy = FaultProxy::start(serve.address.parse().unwrap(), 1).await.unwrap();
    let session = serve.log_in().await;
    let job = serve.import(&session, &users(300)).await;
    let server = format!("http://{}", proxy.address);
    let mut watch = Watching::start(&server, &session, &job[..13]);
    watch.until("connected over").await;
    proxy.cut(Kind::WebSocket);
    watch.until("nothing is lost").await;
    let watched = end(watch.child).await;
    assert_eq!(watched.code, Some(0), "{watched:?}");
    let result = watched.json();
    assert_eq!((&result["status"], &result["created"]), (&"completed".into(), &300.into()), "{result}");
    assert_eq!(result["job"], job);

    let second = serve.import(&session, &users(2_000)).await;
    let mut paused = Watching::start(&server, &session, &second);
    paused.until("connected over").await;
    let answer = serve.ask("POST", &format!("/api/jobs/{second}/pause"), &session, "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let paused = end(paused.child).await;
    assert_eq!((paused.code, &paused.json()["status"]), (Some(4), &"paused".into()), "{paused:?}");

    let mut newest = command(&["jobs", "watch", "--server", &server], None);
    newest.env("PINGONE_IMPORT_TOKEN", &session);
    let newest = run(newest).await;
    assert_eq!(newest.code, Some(4), "what stands already needs no connection: {newest:?}");
    assert!(newest.stdout.contains("of 2000 rows"), "{newest:?}");
}

#[tokio::test]
async fn a_server_that_forgets_the_login_ends_the_watching() {
    let simulator = slow(20.0).await;
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let (address, session) = (serve.address.clone(), serve.log_in().await);
    let job = serve.import(&session, &users(2_000)).await;
    let mut watch = Watching::start(&address, &session, &job);
    watch.until("connected over").await;
    serve.terminate();
    end(serve.child).await;
    let _again = Serving::start_on(&address, &[], dir.path(), Some(&simulator)).await;
    let watched = end(watch.child).await;
    assert_eq!(
        (watched.code, &watched.json()["error"]["code"]),
        (Some(2), &"not_watched".into()),
        "{watched:?}"
    );
}

#[tokio::test]
async fn events_are_asked_for_again_when_nobody_waited_for_the_answer() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), Some(&simulator)).await;
    let session = serve.log_in().await;
    let job = serve.import(&session, &users(20)).await;
    let remote = Remote::log_in(Target::new(&serve.address, Some(&session)).unwrap(), None).await;
    let mut watched = remote.watch(job.parse().unwrap(), 0).unwrap();
    while !watched.is_connected() {
        drop(poll!(pin!(watched.next())));
        tokio::task::yield_now().await;
    }
    // Takes that it is connected, and asks.
    drop(poll!(pin!(watched.next())));
    let completion = async {
        loop {
            if let Told::Event(EventBody::Completion(completion)) = watched.next().await.unwrap() {
                return completion;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, completion).await.unwrap().counts.created, 20);
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
