//! Who gets in, and whose pages may send requests.

use crate::support::{Service, World};
use axum::http::header::{COOKIE, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use pingone_import::app::{App, Settings};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// Every path that needs a login, with a method that it has.
const GUARDED: [(&str, &str); 16] = [
    ("GET", "/api/jobs"),
    ("POST", "/api/jobs"),
    ("POST", "/api/preview"),
    ("POST", "/api/protected"),
    ("GET", "/api/jobs/018f0000-0000-7000-8000-000000000000"),
    ("POST", "/api/jobs/018f0000-0000-7000-8000-000000000000/pause"),
    ("POST", "/api/jobs/018f0000-0000-7000-8000-000000000000/resume"),
    ("POST", "/api/jobs/018f0000-0000-7000-8000-000000000000/cancel"),
    ("POST", "/api/jobs/018f0000-0000-7000-8000-000000000000/retry"),
    ("GET", "/api/jobs/018f0000-0000-7000-8000-000000000000/events"),
    ("GET", "/api/jobs/018f0000-0000-7000-8000-000000000000/rows"),
    ("GET", "/api/jobs/018f0000-0000-7000-8000-000000000000/rejects.csv"),
    ("GET", "/api/jobs/018f0000-0000-7000-8000-000000000000/result"),
    ("GET", "/api/populations"),
    ("GET", "/api/connection"),
    ("GET", "/api/session"),
];

#[tokio::test]
async fn nothing_is_told_to_strangers() {
    let world = World::new().await;
    let service = world.service();
    for (method, path) in GUARDED {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let reply = service.anonymous(method.clone(), path).send().await;
        reply.problem(401, "not_logged_in");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        let reply = service.anonymous(method, path).header("authorization", "Bearer nonsense").send().await;
        reply.problem(401, "not_logged_in");
    }
    for path in ["/ws", "/socket.io/?EIO=4&transport=polling"] {
        service.anonymous(Method::GET, path).send().await.problem(401, "not_logged_in");
    }
}

#[tokio::test]
async fn health_and_the_description_are_open() {
    let world = World::new().await;
    let service = world.service();
    for (path, status) in
        [("/api/health", 503), ("/api/openapi.json", 200), ("/metrics", 200), ("/docs", 200)]
    {
        assert_eq!(service.anonymous(Method::GET, path).send().await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn the_self_tests_token_reads_nothing() {
    let world = World::new().await;
    let service = world.service();
    let bearer = format!("Bearer {}", service.app.access.sessions().probe_token().reveal());
    for (method, path) in GUARDED {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        service
            .anonymous(method, path)
            .header("authorization", &bearer)
            .send()
            .await
            .problem(403, "forbidden");
    }
    let server = world.listen().await;
    let bearer = format!("Bearer {}", server.app.access.sessions().probe_token().reveal());
    let headers =
        HeaderMap::from_iter([(axum::http::header::AUTHORIZATION, HeaderValue::try_from(bearer).unwrap())]);
    let mut direct = server.try_websocket("/ws", headers.clone()).await.unwrap();
    direct.send_json(&json!({"type": "subscribe", "job": "018f0000-0000-7000-8000-000000000000"})).await;
    assert_eq!(direct.json().await["code"], "forbidden");
    let mut socket = server.try_socketio(headers).await.unwrap();
    for event in ["subscribe", "watch_health"] {
        let ack = socket.ask(event, &json!({"job": "018f0000-0000-7000-8000-000000000000"})).await;
        assert_eq!((&ack["ok"], &ack["error"]["code"]), (&json!(false), &json!("forbidden")));
    }
}

#[tokio::test]
async fn the_login_link_works_once_and_sets_a_cookie() {
    let world = World::new().await;
    let service = world.service();
    let link = service.app.login_link(&Url::parse("http://127.0.0.1:4000/").unwrap());
    assert!(link.starts_with("http://127.0.0.1:4000/login?token="));
    let path = link.strip_prefix("http://127.0.0.1:4000").unwrap();

    let preview = service.anonymous(Method::HEAD, path).send().await;
    assert!(preview.headers.get("set-cookie").is_none(), "a link preview must not spend the link");
    let reply = service.anonymous(Method::GET, path).send().await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = reply.header("set-cookie").to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let again = service.anonymous(Method::GET, path).send().await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.headers.get("set-cookie").is_none());

    let cookie = cookie.split(';').next().unwrap();
    let reply = service.anonymous(Method::GET, "/api/session").header(COOKIE.as_str(), cookie).send().await;
    assert_eq!(reply.json()["user"]["role"], "administrator");
    let out = service.anonymous(Method::POST, "/api/logout").header(COOKIE.as_str(), cookie).send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let reply = service.anonymous(Method::GET, "/api/session").header(COOKIE.as_str(), cookie).send().await;
    reply.problem(401, "not_logged_in");
}

#[tokio::test]
async fn a_program_exchanges_the_token() {
    let world = World::new().await;
    let service = world.service();
    let link = service.app.access.sessions().issue_link();
    let bearer = format!("Bearer {}", link.reveal());
    let session = service.anonymous(Method::GET, "/api/session").header("authorization", &bearer).send();
    session.await.problem(401, "not_logged_in");
    let login =
        |token: &str| service.anonymous(Method::POST, "/api/login").json(&json!({"token": token})).send();
    login("wrong").await.problem(403, "login_refused");
    let reply = login(link.reveal()).await;
    let token = reply.json()["token"].as_str().unwrap().to_owned();
    let session = service.anonymous(Method::GET, "/api/session");
    let session = session.header("authorization", &format!("Bearer {token}")).send().await.json();
    assert_eq!(session["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(session["public_url"], Value::Null);
    login(link.reveal()).await.problem(403, "login_refused");
    for body in ["", "{}", "[]", "{\"token\":1}", "\u{0}"] {
        let reply = service.anonymous(Method::POST, "/api/login").header("content-type", "application/json");
        reply.body(body).send().await.problem(400, "invalid_body");
    }
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let world = World::new().await;
    let service = world.service();
    for origin in ["https://evil.example", "http://127.0.0.1:4001", "http://localhost:4000", "null", "x"] {
        for path in ["/api/jobs", "/api/preview", "/api/logout"] {
            let reply = service.call(Method::POST, path).header(ORIGIN.as_str(), origin).send().await;
            reply.problem(403, "origin_not_allowed");
        }
        let login = service.anonymous(Method::POST, "/api/login").header(ORIGIN.as_str(), origin);
        login.json(&json!({"token": "x"})).send().await.problem(403, "origin_not_allowed");
        for path in ["/ws", "/socket.io/?EIO=4&transport=polling"] {
            let reply = service.call(Method::GET, path).header(ORIGIN.as_str(), origin).send().await;
            reply.problem(403, "origin_not_allowed");
        }
    }
    let reply = service.call(Method::POST, "/api/logout").header("sec-fetch-site", "cross-site").send().await;
    reply.problem(403, "origin_not_allowed");
    let own = service.call(Method::GET, "/socket.io/?EIO=4&transport=polling");
    assert_eq!(own.header(ORIGIN.as_str(), "http://127.0.0.1:4000").send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_local_proxy_passes_host_or_is_named() {
    let world = World::new().await;
    let (host, origin) = ("import.example", "https://import.example");
    let logout = |service: Service, host: &'static str| async move {
        let request = service.call(Method::POST, "/api/logout").header(ORIGIN.as_str(), origin);
        request.at(host).send().await.status
    };
    assert_eq!(logout(world.service(), host).await, StatusCode::NO_CONTENT);
    assert_eq!(logout(world.service(), "127.0.0.1:4000").await, StatusCode::FORBIDDEN);
    let public_url = Some(Arc::new(Url::parse("https://import.example/").unwrap()));
    let settings = Settings { public_url, ..Settings::new(4000) };
    let named = Service::new(App::new(settings, world.jobs.clone()));
    assert_eq!(logout(named, "127.0.0.1:4000").await, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let world = World::new().await;
    let service = world.service();
    for path in ["/", "/docs", "/api/jobs", "/api/nothing", "/ws", "/login?token=x", "/metrics", "/x.js"] {
        let reply = service.get(path).await;
        let policy = reply.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("script-src 'self';"),
            "{path}: {policy}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert!(reply.headers.get("access-control-allow-origin").is_none());
    }
    assert_eq!(service.get("/api/jobs").await.header("cache-control"), "no-store");
}
