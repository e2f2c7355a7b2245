//! nginx, set up rightly and wrongly.

use std::net::SocketAddr;
use std::path::Path;

use pingone_import::doctor::{Product, Target, Verdict};

use super::program::{Program, free_port};
use super::server::{Node, Tool};
use super::{assert_healthy, assert_names, look, look_long};

/// What a reverse proxy in front of this program needs, as the guide says it.
const RIGHT: &str = "
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection \"upgrade\";
    proxy_buffering off;
    proxy_read_timeout 120s;
    client_max_body_size 5g;
";

/// The same with one directive replaced or added.
fn with(remove: &str, add: &str) -> String {
    let kept = RIGHT.lines().filter(|line| remove.is_empty() || !line.contains(remove));
    format!("{}\n{add}\n", kept.collect::<Vec<_>>().join("\n"))
}

pub(super) fn arguments(file: &Path) -> Vec<String> {
    let dir = file.parent().unwrap();
    let log = dir.join("error.log");
    ["-p", dir.to_str().unwrap(), "-c", file.to_str().unwrap(), "-e", log.to_str().unwrap()]
        .map(str::to_owned)
        .to_vec()
}

/// A whole file of settings around those of a server.
pub(super) fn settings(dir: &Path, backends: &[SocketAddr], listen: &str, rules: &str) -> String {
    let servers: String = backends.iter().map(|address| format!("server {address};")).collect();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {}/{name};", dir.display()))
        .concat();
    format!(
        "daemon off; worker_processes 1; pid {dir}/pid; events {{ worker_connections 512; }}
        http {{
            access_log off; {temporary}
            proxy_cache_path {dir}/cache keys_zone=kept:1m;
            upstream behind {{ {servers} }}
            server {{ listen {listen}; {rules} }}
        }}",
        dir = dir.display()
    )
}

async fn nginx(backends: &[SocketAddr], rules: &str) -> Program {
    let rules = match rules.contains("location") {
        true => rules.to_owned(),
        false => format!("{rules} location / {{ proxy_pass http://behind; }}"),
    };
    Program::start("nginx", arguments, |port, dir| {
        settings(dir, backends, &format!("127.0.0.1:{port}"), &rules)
    })
    .await
}

#[tokio::test]
async fn as_the_guide_says_all_is_healthy_and_nginx_is_recognised() {
    let tool = Tool::start().await;
    let proxy = nginx(&[tool.address], RIGHT).await;
    let found = look_long(&tool.at(&proxy.url())).await;
    assert_healthy(&found);
    assert_eq!(
        (found.server, found.way.products.as_slice()),
        ("pingone-import", [Product::Nginx].as_slice())
    );
}

#[tokio::test]
async fn without_the_upgrade_headers() {
    let tool = Tool::start().await;
    let proxy =
        nginx(&[tool.address], &with("Upgrade", "").replace("proxy_set_header Connection \"upgrade\";", ""))
            .await;
    let found = look(&tool.at(&proxy.url())).await;
    assert_eq!((found.status, found.exit_code()), (Verdict::Degraded, 1));
    assert!(found.tiers.polling.ok && !found.tiers.websocket.ok && !found.tiers.direct.ok);
    assert!(assert_names(&found, "upgrade_refused", "nginx").contains("proxy_set_header Upgrade"));
    assert_eq!(found.advice[0].settings[0].product, Product::Nginx, "what is on the way comes first");
}

#[tokio::test]
async fn with_buffering_that_cannot_be_turned_off_by_the_server() {
    let tool = Tool::start().await;
    // In the chunks of HTTP/1.1 nginx sees where a part ends and passes it on; in HTTP/1.0, its default, it does not.
    let rules = with(
        "proxy_buffering",
        "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;
         location /api/ { proxy_http_version 1.0; proxy_pass http://behind; }
         location / { proxy_pass http://behind; }",
    );
    let proxy = nginx(&[tool.address], &rules).await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "stream_buffered", "nginx").contains("proxy_buffering off"));
    assert!(found.tiers.polling.ok, "complete answers pass all the same");
}

#[tokio::test]
async fn with_a_read_timeout_shorter_than_a_poll_waits() {
    let tool = Tool::start().await;
    let proxy = nginx(&[tool.address], &with("proxy_read_timeout", "proxy_read_timeout 1s;")).await;
    let found = look_long(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "idle_closed", "nginx").contains("proxy_read_timeout"));
    let idle = found.checks.iter().find(|check| check.name == "idle connections").unwrap();
    assert!(idle.detail.contains("closed after 1."), "the time is measured: {}", idle.detail);
}

#[tokio::test]
async fn with_a_limit_on_bodies() {
    let tool = Tool::start().await;
    let proxy = nginx(&[tool.address], &with("client_max_body_size", "client_max_body_size 20k;")).await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "body_limit", "nginx").contains("client_max_body_size"));
    let large = found.checks.iter().find(|check| check.name == "large messages").unwrap();
    assert!(large.detail.contains("10000 bytes get through"), "{}", large.detail);
}

#[tokio::test]
async fn with_the_default_limit_files_are_too_large_and_messages_are_not() {
    let tool = Tool::start().await;
    let proxy = nginx(&[tool.address], &with("client_max_body_size", "")).await;
    let found = look(&tool.at(&proxy.url())).await;
    assert_names(&found, "body_limit", "nginx");
    assert_eq!(found.causes[0].tier, "uploads", "{}", found.table());
}

#[tokio::test]
async fn with_paths_that_are_rewritten() {
    let tool = Tool::start().await;
    let rules =
        with("", "location / { rewrite ^/socket.io/(.*)$ /live/$1 break; proxy_pass http://behind; }");
    let proxy = nginx(&[tool.address], &rules).await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "wrong_path", "nginx").contains("proxy_pass"));
    assert!(found.tiers.direct.ok, "only Socket.IO is not found");
}

#[tokio::test]
async fn mounted_below_a_path_that_was_forgotten() {
    let node = Node::start().await;
    let proxy = nginx(&[node.address], &with("", "location /tool/ { proxy_pass http://behind/; }")).await;
    let healthy = look(&Target::new(&format!("{}/tool", proxy.url()), None).unwrap()).await;
    assert_healthy(&healthy);
    let elsewhere = look(&Target::new(&format!("{}/tool/app", proxy.url()), None).unwrap()).await;
    assert_names(&elsewhere, "wrong_path", "nginx");
    let place = elsewhere.checks.iter().find(|check| check.name == "path and version").unwrap();
    assert!(place.detail.contains("answers at /tool/socket.io/"), "{}", place.detail);
}

#[tokio::test]
async fn with_another_host_name() {
    let tool = Tool::start().await;
    let proxy = nginx(&[tool.address], &with("Host", "proxy_set_header Host backend.internal;")).await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "origin_refused", "nginx").contains("proxy_set_header Host"));
    assert!(found.way.altered.iter().any(|line| line.contains("backend.internal")), "{:?}", found.way);
}

#[tokio::test]
async fn with_a_cache_that_keeps_what_must_not_be_kept() {
    let tool = Tool::start().await;
    let rules = with(
        "proxy_buffering",
        "proxy_buffering on; proxy_cache kept; proxy_cache_valid 200 1m; proxy_ignore_headers Cache-Control X-Accel-Buffering;",
    );
    let proxy = nginx(&[tool.address], &rules).await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "answers_cached", "nginx").contains("proxy_cache off"));
}

#[tokio::test]
async fn with_a_server_that_is_not_there() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port().await));
    let proxy = nginx(&[nobody], RIGHT).await;
    let found = look(&Target::new(&proxy.url(), None).unwrap()).await;
    assert_eq!(found.exit_code(), 3);
    assert!(assert_names(&found, "bad_gateway", "nginx").contains("proxy_pass"));
}

#[tokio::test]
async fn with_two_servers_and_no_stickiness() {
    let (one, other) = (Node::start().await, Node::start().await);
    let proxy = nginx(&[one.address, other.address], RIGHT).await;
    let found = look(&Target::new(&proxy.url(), None).unwrap()).await;
    assert!(assert_names(&found, "session_lost", "nginx").contains("hash $remote_addr"));
    assert_eq!(found.server, "socket.io");
}
