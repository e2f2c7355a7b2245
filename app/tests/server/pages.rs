//! The description of the API, its reference page, and the page itself.

use axum::http::{Method, StatusCode};
use serde_json::Value;

use crate::support::World;

/// What other programs rely on; nothing here may go or change its name.
const PROMISED: [(&str, &str); 37] = [
    ("get", "/api/health"),
    ("get", "/metrics"),
    ("get", "/api/openapi.json"),
    ("post", "/api/jobs"),
    ("get", "/api/jobs"),
    ("get", "/api/jobs/{id}"),
    ("post", "/api/jobs/{id}/pause"),
    ("post", "/api/jobs/{id}/resume"),
    ("post", "/api/jobs/{id}/cancel"),
    ("post", "/api/jobs/{id}/retry"),
    ("get", "/api/jobs/{id}/events"),
    ("get", "/api/jobs/{id}/rows"),
    ("get", "/api/jobs/{id}/rejects.csv"),
    ("get", "/api/jobs/{id}/result"),
    ("get", "/api/jobs/{id}/file"),
    ("post", "/api/jobs/{id}/passwords"),
    ("post", "/api/populations"),
    ("patch", "/api/populations/{id}"),
    ("delete", "/api/populations/{id}"),
    ("post", "/api/preview"),
    ("post", "/api/protected"),
    ("get", "/api/populations"),
    ("get", "/api/attributes"),
    ("get", "/api/mappings"),
    ("get", "/api/mappings/{name}"),
    ("put", "/api/mappings/{name}"),
    ("delete", "/api/mappings/{name}"),
    ("post", "/api/health/check"),
    ("get", "/api/health/events"),
    ("get", "/api/health/history"),
    ("get", "/api/health/live"),
    ("get", "/api/health/pulse"),
    ("get", "/api/health/ready"),
    ("get", "/api/connection"),
    ("get", "/api/session"),
    ("post", "/api/login"),
    ("post", "/api/logout"),
];

#[tokio::test]
async fn the_description_lists_every_route_and_every_route_exists() {
    let world = World::new().await;
    let service = world.service();
    let document = service.anonymous(Method::GET, "/api/openapi.json").send().await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (method, path) in PROMISED {
        assert!(document["paths"][path][method].is_object(), "{method} {path} is not described");
    }
    let described: usize =
        document["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(described, PROMISED.len(), "a route is described that is not in the list above");
    for (method, path) in PROMISED {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = path.replace("{id}", "018f0000-0000-7000-8000-000000000000");
        let status = service.anonymous(method, &path).send().await.status;
        assert!(
            status != StatusCode::NOT_FOUND && status != StatusCode::METHOD_NOT_ALLOWED,
            "{path}: {status}"
        );
    }
}

#[tokio::test]
async fn every_reference_in_the_description_resolves() {
    let document = serde_json::to_value(pingone_import::openapi::document()).unwrap();
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 30);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} points nowhere");
    }
}

#[tokio::test]
async fn the_reference_page_needs_no_script() {
    let world = World::new().await;
    let service = world.service();
    let page = service.anonymous(Method::GET, "/docs").send().await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains("/api/jobs/{id}/events") && !page.text().contains("<script"));
    let style = service.anonymous(Method::GET, "/docs/style.css").send().await;
    assert_eq!((style.status, style.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
}

#[tokio::test]
async fn the_page_is_served_or_says_how_to_build_it() {
    let world = World::new().await;
    let service = world.service();
    let page = service.anonymous(Method::GET, "/").send().await;
    if page.status == StatusCode::SERVICE_UNAVAILABLE {
        assert!(page.text().contains("npm run build"));
    } else {
        assert_eq!(page.header("content-type"), "text/html");
        assert_eq!(page.header("cache-control"), "no-cache");
        let tag = page.header("etag").to_owned();
        let again = service.anonymous(Method::GET, "/").header("if-none-match", &tag).send().await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
        let view = service.anonymous(Method::GET, "/jobs/018f0000").send().await;
        assert_eq!(view.body, page.body, "the page routes its own views");
        let script =
            page.text().split("src=\"/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let script = service.anonymous(Method::GET, &format!("/{script}")).send().await;
        assert!(script.header("cache-control").contains("immutable"));
    }
    for path in ["/nonexistent", "/exports", "/jobs/1/2"] {
        service.anonymous(Method::GET, path).send().await.problem(404, "not_found");
        let browser = service.anonymous(Method::GET, path).header("accept", "text/html,*/*;q=0.8");
        let answer = browser.send().await;
        match page.status {
            StatusCode::OK => assert_eq!((answer.status, &answer.body), (StatusCode::NOT_FOUND, &page.body)),
            _ => assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE),
        }
    }
    for path in ["/assets/nothing.js", "/favicon.nothing", "/../Cargo.toml", "/assets/../../Cargo.toml"] {
        service.anonymous(Method::GET, path).send().await.problem(404, "not_found");
    }
    service.anonymous(Method::POST, "/").send().await.problem(405, "method_not_allowed");
}

fn collect_references(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect_references(value, references));
        }
        Value::Array(array) => array.iter().for_each(|value| collect_references(value, references)),
        _ => {}
    }
}
