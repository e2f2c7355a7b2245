//! The server as a process: binding, its self-test with broken tiers, stopping, resuming.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use pingone_import::app::{App, Settings};
use pingone_import::doctor::{Status, Target, Verdict, examine};
use pingone_import::router::router;
use pingone_import::serve::{ServeError, Server};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::support::{Service, World, soon, users};

const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_server_finds_itself_healthy_whoever_is_connected() {
    let world = World::new().await;
    let server = world.listen().await;
    let report = soon("the self-test", server.app.health.check()).await;
    assert_eq!((report.status, report.causes.as_slice()), (Status::Healthy, [].as_slice()));
    let tiers = &report.tiers;
    let tiers = [&tiers.websocket, &tiers.polling, &tiers.adaptive, &tiers.direct];
    assert!(tiers.iter().all(|tier| tier.ok && tier.ms.is_some()));
    assert_eq!(report.tiers.polling.upgrade, Some(true));
    let carriers = &report.tiers.adaptive.carriers;
    assert_eq!(carriers.keys().collect::<Vec<_>>(), ["long_poll", "periodic", "websocket"]);
    assert!(carriers.values().all(|carrier| carrier.ok), "{carriers:?}");

    let service = Service::new(server.app.clone());
    let reply = service.anonymous(Method::GET, "/api/health?check=true").send().await;
    let body = reply.json();
    assert_eq!((reply.status, &body["status"]), (StatusCode::OK, &json!("healthy")));
    for key in ["version", "uptime_seconds", "checked_at", "tiers", "causes"] {
        assert!(!body[key].is_null(), "{key}");
    }
    let adaptive = &body["tiers"]["adaptive"];
    assert_eq!((&adaptive["ok"], &adaptive["supported"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn the_doctor_sees_the_same_from_outside() {
    let world = World::new().await;
    let server = world.listen().await;
    let url = format!("http://{}", server.address);
    let found = examine(&Target::new(&url, Some(&server.token)).unwrap(), DEADLINE, None).await;
    assert_eq!((found.status, found.exit_code()), (Verdict::Healthy, 0), "{}", found.table());
    assert_eq!(found.version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
    let stranger = examine(&Target::new(&url, None).unwrap(), DEADLINE, None).await;
    assert_eq!(
        (stranger.status, stranger.exit_code()),
        (Verdict::Unknown, 3),
        "nothing is known to be wrong"
    );
    let [cause] = &stranger.causes[..] else { panic!("{:?}", stranger.causes) };
    assert_eq!(cause.code, "not_authorised");
    assert!(stranger.table().contains("docs/troubleshooting.md#not-authorised"));
    let advice = stranger.table();
    assert_eq!(advice.matches("401").count(), 1, "it is told once: {advice}");
    assert!(advice.contains("--token") && !advice.contains("auth_basic"), "no proxy is to blame: {advice}");
}

#[tokio::test]
async fn without_the_plain_websocket_it_is_degraded() {
    let broken = Broken::start(|path, _| path == "/ws").await;
    assert_eq!(broken.check().await, (Status::Degraded, vec!["upgrade_refused"]));
}

#[tokio::test]
async fn without_websockets_it_is_degraded_and_says_which() {
    let broken = Broken::start(|_, upgrade| upgrade).await;
    let (status, causes) = broken.check().await;
    assert_eq!((status, causes), (Status::Degraded, vec!["upgrade_refused"; 4]));
    let tiers = broken.app.health.report().await.tiers;
    let carriers = &tiers.adaptive.carriers;
    assert!(tiers.polling.ok && tiers.adaptive.ok && !carriers["websocket"].ok && carriers["periodic"].ok);
}

#[tokio::test]
async fn without_socketio_and_the_plain_websocket_it_is_critical() {
    let broken = Broken::start(|path, _| path == "/ws" || path == "/socket.io/").await;
    let (status, causes) = broken.check().await;
    assert_eq!(status, Status::Critical);
    assert_eq!(causes.len(), 4);
    let service = Service::new(broken.app.clone());
    let reply = service.anonymous(Method::GET, "/api/health").send().await;
    assert_eq!(
        (reply.status, &reply.json()["status"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("critical"))
    );
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_way_out() {
    let world = World::new().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = Server::bind(address, None, world.jobs.clone()).await.unwrap_err();
    assert!(matches!(error, ServeError::PortInUse(_)));
    let message = error.to_string();
    assert!(message.contains(&address.port().to_string()) && message.contains("--listen"), "{message}");
}

#[tokio::test]
async fn other_machines_are_never_let_in() {
    let world = World::new().await;
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:4000"] {
        let error = Server::bind(address.parse().unwrap(), None, world.jobs.clone()).await.unwrap_err();
        assert!(matches!(error, ServeError::NotLoopback(_)), "{address}");
        assert!(error.to_string().contains("127.0.0.1"));
    }
}

#[tokio::test]
async fn stopping_settles_what_runs() {
    let world = World::slow().await;
    let server = world.listen().await;
    let id = world.service().import(&users(400), &json!({})).await;
    let job = id.parse().unwrap();
    let mut newest = world.jobs.watch(job).await.unwrap();
    soon("rows", newest.wait_for(|seq| *seq > 2)).await.unwrap();
    server.stop().await;
    let standing = world.jobs.job(job).await.unwrap();
    assert!(!standing.status.is_final());
    assert_eq!(world.user_count() as u64, standing.counts.created, "nothing is in flight any more");
}

/// A server some of whose requests never get through.
struct Broken {
    app: App,
    _task: AbortOnDropHandle<()>,
    _world: World,
}

impl Broken {
    /// `cut` tells of a path, and of whether the request is an upgrade, if something on the way answers instead.
    async fn start(cut: fn(&str, bool) -> bool) -> Self {
        let world = World::new().await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let settings = Settings { probe_deadline: DEADLINE, ..Settings::new(address.port()) };
        let app = App::new(settings, world.jobs.clone());
        let token = app.access.sessions().probe_token().reveal().to_owned();
        app.health.listen(Target::new(&format!("http://{address}"), Some(&token)).unwrap());
        let on_the_way = middleware::from_fn(move |request: Request, next: Next| async move {
            let upgrade = request.headers().contains_key("upgrade");
            if cut(request.uri().path(), upgrade) { refuse() } else { next.run(request).await }
        });
        let service = router(app.clone()).layer(on_the_way);
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { app, _task: AbortOnDropHandle::new(task), _world: world }
    }

    async fn check(&self) -> (Status, Vec<&'static str>) {
        let report = soon("the self-test", self.app.health.check()).await;
        let known = ["upgrade_refused", "unexpected_answer"];
        let code = |code: &str| *known.iter().find(|known| **known == code).unwrap_or(&"another cause");
        (report.status, report.causes.iter().map(|cause| code(&cause.code)).collect())
    }
}

fn refuse() -> Response {
    (StatusCode::BAD_GATEWAY, "blocked").into_response()
}
