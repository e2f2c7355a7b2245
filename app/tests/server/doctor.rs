//! What the probes say of servers and networks that are broken in known ways.

use std::time::Duration;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pingone_import::doctor::{
    Carried, Cause, Examination, Failure, Health, Probe, Probed, Status, Target, Tier, Verdict, examine,
};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// Short enough to wait for where a probe must run into it, long enough for a loaded machine everywhere else.
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let found = examine(&Target::new(&url, None).unwrap(), LONG, None).await;
    assert_eq!(codes(&found), ["unreachable"], "the one trouble is told once");
    let table = found.table();
    assert_eq!(table.matches("refused").count(), 2, "as a check, and with what to do: {table}");
    assert_eq!(table.matches("not tried, because no connection could be made").count(), 4 + 7, "{table}");
    assert!(
        table.lines().any(|line| line.starts_with("  Seen:") && line.ends_with("(os error 111)")),
        "{table}"
    );
    assert_eq!((found.status, found.exit_code(), found.version.as_deref()), (Verdict::Critical, 3, None));
}

#[tokio::test]
async fn every_connection_is_reset() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let _accepting = AbortOnDropHandle::new(tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            drop(connection);
        }
    }));
    let found = examine(&Target::new(&url, None).unwrap(), LONG, None).await;
    assert_eq!(codes(&found), ["connection_reset"; 4]);
}

#[tokio::test]
async fn a_web_page_answers_everything() {
    let server =
        Server::start(|_| async { Html("<h1>Welcome to the hotel</h1>").into_response() }.boxed()).await;
    let found = server.examine(LONG).await;
    assert_eq!(
        codes(&found),
        ["upgrade_refused", "unexpected_answer", "unexpected_answer", "upgrade_refused"]
    );
    assert_eq!(found.status, Verdict::Critical);
}

#[tokio::test]
async fn a_login_is_wanted() {
    let server = Server::start(|_| async { StatusCode::UNAUTHORIZED.into_response() }.boxed()).await;
    assert_eq!(codes(&server.examine(LONG).await), ["not_authorised"; 4]);
}

#[tokio::test]
async fn websockets_open_and_carry_nothing() {
    let server = Server::start(|request| upgrade(request, hold)).await;
    let found = server.examine(SHORT).await;
    assert_eq!(
        codes(&found),
        ["mute_after_upgrade", "unexpected_answer", "unexpected_answer", "mute_after_upgrade"]
    );
}

#[tokio::test]
async fn the_first_frame_is_lost() {
    let server = Server::start(|request| {
        upgrade(request, |mut socket| async move {
            while let Some(Ok(_)) = socket.recv().await {
                let answer = Message::text("40{\"sid\":\"x\"}");
                if socket.send(answer).await.is_err() {
                    return;
                }
            }
        })
    })
    .await;
    let found = server.examine(Duration::from_secs(4)).await;
    assert_eq!(codes(&found)[0], "first_frame_lost");
}

#[tokio::test]
async fn held_polls_never_return() {
    let server = Server::start(|request| {
        async move {
            let sid = request.uri().query().is_some_and(|query| query.contains("sid="));
            match (request.method().as_str(), sid) {
                ("GET", false) => "0{\"sid\":\"x\",\"upgrades\":[]}\u{1e}40{\"sid\":\"y\"}".into_response(),
                ("GET", true) => std::future::pending().await,
                _ if is_adaptive(&request) => match request.uri().query() {
                    Some(query) if sid && query.contains("hold=0") => "a1\u{1e}".into_response(),
                    _ if sid => std::future::pending().await,
                    _ => ADAPTIVE_OPEN.into_response(),
                },
                _ => "ok".into_response(),
            }
        }
        .boxed()
    })
    .await;
    assert_eq!(codes(&server.examine(SHORT).await)[1..3], ["polls_buffered", "polls_buffered"]);
}

#[tokio::test]
async fn the_second_request_reaches_another_server() {
    let server = Server::start(|request| {
        async move {
            let sid = request.uri().query().is_some_and(|query| query.contains("sid="));
            match sid {
                _ if is_adaptive(&request) => if sid { "xgone\u{1e}" } else { ADAPTIVE_OPEN }.into_response(),
                false => "0{\"sid\":\"x\",\"upgrades\":[]}".into_response(),
                true => (StatusCode::BAD_REQUEST, "{\"code\":1,\"message\":\"Session ID unknown\"}")
                    .into_response(),
            }
        }
        .boxed()
    })
    .await;
    assert_eq!(codes(&server.examine(LONG).await)[1..3], ["session_lost", "session_lost"]);
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let server = Server::start(|request| {
        upgrade(request, |mut socket| async move {
            while let Some(Ok(message)) = socket.recv().await {
                if message.to_text().is_ok_and(|text| text.contains("ping")) {
                    let _ = socket.send(Message::text("{\"type\":\"pong\"}")).await;
                }
            }
        })
    })
    .await;
    let found = server.examine_idle(SHORT, Duration::from_secs(2)).await;
    assert!(!codes(&found).contains(&"idle_closed"), "nothing closed it: {found:?}");

    let closing = Server::start(|request| {
        upgrade(request, |mut socket| async move {
            // The probe of the tier says something; the idle connection that follows does not.
            let first = tokio::time::timeout(SHORT, socket.recv()).await;
            if first.is_ok() {
                let _ = socket.send(Message::text("{\"type\":\"pong\"}")).await;
            }
        })
    })
    .await;
    let found = closing.examine_idle(LONG, Duration::from_secs(2)).await;
    assert!(codes(&found).contains(&"idle_closed"), "{found:?}");
}

#[tokio::test]
async fn a_probe_that_panics_or_fails_costs_its_tier_only() {
    let health = Health::new(LONG);
    health.listen(Broken);
    let report = health.check().await;
    assert_eq!(report.status, Status::Degraded);
    assert!(report.tiers.direct.ok && !report.tiers.websocket.ok && !report.tiers.polling.ok);
    let codes: Vec<&str> = report.causes.iter().map(|cause| cause.code.as_str()).collect();
    assert_eq!(codes, ["probe_failed", "connection_reset"]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_hangs_is_cut_off() {
    let health = Health::new(Duration::from_secs(3));
    health.listen(Hanging);
    let started = tokio::time::Instant::now();
    let report = health.check().await;
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(report.status, Status::Critical);
    assert!(report.causes.iter().all(|cause| cause.code == "timed_out"));
}

#[tokio::test]
async fn health_before_the_server_listens_is_critical_and_says_why() {
    let report = Health::new(LONG).report().await;
    assert_eq!((report.status, report.checked_at), (Status::Critical, None));
    assert_eq!(report.causes[0].code, "not_listening");
}

/// The first tier panics, the second fails, the third works.
struct Broken;

impl Probe for Broken {
    fn probe(&self, tier: Tier, _deadline: Duration) -> BoxFuture<'static, Probed> {
        match tier {
            Tier::WebSocket => panic!("a fault in the probe"),
            Tier::Polling => {
                let failure = Failure { cause: Cause::ConnectionReset, detail: "reset".to_owned() };
                async { Err(failure) }.boxed()
            }
            Tier::Adaptive | Tier::Direct => async {
                Ok(Some(Carried { detail: "carried".to_owned(), upgrade: None, carriers: Vec::new() }))
            }
            .boxed(),
        }
    }
}

struct Hanging;

impl Probe for Hanging {
    fn probe(&self, _tier: Tier, _deadline: Duration) -> BoxFuture<'static, Probed> {
        std::future::pending().boxed()
    }
}

/// A server that answers every request in one way.
struct Server {
    url: String,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    async fn start(answer: fn(Request) -> BoxFuture<'static, Response>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, _task: AbortOnDropHandle::new(task) }
    }

    async fn examine(&self, deadline: Duration) -> Examination {
        examine(&Target::new(&self.url, None).unwrap(), deadline, None).await
    }

    async fn examine_idle(&self, idle: Duration, deadline: Duration) -> Examination {
        examine(&Target::new(&self.url, None).unwrap(), deadline, Some(idle)).await
    }
}

fn upgrade<F>(
    request: Request,
    serve: impl FnOnce(WebSocket) -> F + Send + 'static,
) -> BoxFuture<'static, Response>
where
    F: Future<Output = ()> + Send + 'static,
{
    async move {
        let (mut parts, _) = request.into_parts();
        match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
            Ok(upgrade) => upgrade.on_upgrade(serve),
            Err(_) => "not a WebSocket".into_response(),
        }
    }
    .boxed()
}

const ADAPTIVE_OPEN: &str = "a0\u{1e}s1\u{1e}0{\"sid\":\"x\",\"upgrades\":[]}\u{1e}";

fn is_adaptive(request: &Request) -> bool {
    request.uri().query().is_some_and(|query| query.contains("transport=adaptive"))
}

/// Keeps the connection open and says nothing.
async fn hold(mut socket: WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

fn codes(found: &Examination) -> Vec<&str> {
    found.causes.iter().map(|cause| cause.code.as_str()).collect()
}
