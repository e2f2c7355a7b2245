//! HAProxy, set up rightly and wrongly.

use std::net::SocketAddr;
use std::path::Path;

use pingone_import::doctor::{Product, Target};

use super::program::Program;
use super::server::{Node, Tool};
use super::{assert_healthy, assert_names, look, look_long};

fn arguments(file: &Path) -> Vec<String> {
    vec!["-db".to_owned(), "-f".to_owned(), file.to_str().unwrap().to_owned()]
}

/// HAProxy in front of `backends`; `times` replaces the right timeouts, `front` and `back` are further rules.
async fn haproxy(backends: &[SocketAddr], times: &str, front: &str, back: &str) -> Program {
    let server = |(number, address): (usize, &SocketAddr)| {
        format!("    server node{number} {address} cookie node{number}\n")
    };
    let servers: String = backends.iter().enumerate().map(server).collect();
    Program::start("haproxy", arguments, |port, _| {
        format!(
            "global\n    maxconn 512\ndefaults\n    mode http\n    timeout connect 5s\n    timeout client 60s\n    \
             timeout server 60s\n    timeout tunnel 1h\n{times}\nfrontend way\n    bind 127.0.0.1:{port}\n{front}\n    \
             default_backend behind\nbackend behind\n{back}\n{servers}"
        )
    })
    .await
}

#[tokio::test]
async fn as_the_guide_says_all_is_healthy() {
    let tool = Tool::start().await;
    let proxy = haproxy(&[tool.address], "", "", "").await;
    assert_healthy(&look_long(&tool.at(&proxy.url())).await);
}

#[tokio::test]
async fn with_the_upgrade_header_taken_away() {
    let tool = Tool::start().await;
    let proxy = haproxy(&[tool.address], "", "    http-request del-header Upgrade", "").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(found.tiers.polling.ok && !found.tiers.websocket.ok);
    assert!(assert_names(&found, "upgrade_refused", "HAProxy").contains("del-header Upgrade"));
}

#[tokio::test]
async fn with_a_short_tunnel_timeout() {
    let tool = Tool::start().await;
    let proxy = haproxy(&[tool.address], "    timeout tunnel 1s", "", "").await;
    let found = look_long(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "idle_closed", "HAProxy").contains("timeout tunnel"));
}

#[tokio::test]
async fn with_a_server_timeout_shorter_than_a_poll_waits() {
    let node = Node::start().await;
    // With a tunnel timeout of its own the WebSocket lives, so that the poll is what is ended.
    let proxy = haproxy(&[node.address], "    timeout server 1s", "", "").await;
    let found = look_long(&Target::new(&proxy.url(), None).unwrap()).await;
    assert!(assert_names(&found, "polls_cut", "HAProxy").contains("timeout server"));
}

#[tokio::test]
async fn with_paths_that_are_rewritten() {
    let tool = Tool::start().await;
    let rule = "    http-request replace-path /socket.io/(.*) /live/\\1";
    let proxy = haproxy(&[tool.address], "", rule, "").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "wrong_path", "HAProxy").contains("replace-path"));
}

#[tokio::test]
async fn with_another_host_name() {
    let tool = Tool::start().await;
    let proxy = haproxy(&[tool.address], "", "    http-request set-header Host backend.internal", "").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "origin_refused", "HAProxy").contains("set-header Host"));
}

#[tokio::test]
async fn with_a_limit_on_bodies() {
    let tool = Tool::start().await;
    let rule = "    http-request deny deny_status 413 if { req.hdr_val(content-length) gt 20000 }";
    let proxy = haproxy(&[tool.address], "", rule, "").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "body_limit", "HAProxy").contains("content-length"));
}

#[tokio::test]
async fn with_two_servers_and_no_stickiness() {
    let (one, other) = (Node::start().await, Node::start().await);
    let proxy = haproxy(&[one.address, other.address], "", "", "    balance roundrobin").await;
    let found = look(&Target::new(&proxy.url(), None).unwrap()).await;
    assert!(assert_names(&found, "session_lost", "HAProxy").contains("balance source"));
    let sticky = found.checks.iter().find(|check| check.name == "stickiness").unwrap();
    assert!(sticky.detail.contains("sessions were lost"), "{}", sticky.detail);
}

#[tokio::test]
async fn with_two_servers_and_a_cookie_all_is_healthy_and_haproxy_is_recognised() {
    let (one, other) = (Node::start().await, Node::start().await);
    let back = "    balance roundrobin\n    cookie SERVERID insert indirect nocache";
    let proxy = haproxy(&[one.address, other.address], "", "", back).await;
    let found = look(&Target::new(&proxy.url(), None).unwrap()).await;
    assert_healthy(&found);
    assert_eq!(found.way.products, [Product::HaProxy]);
}

#[tokio::test]
async fn with_a_server_that_is_not_there() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], super::program::free_port().await));
    let proxy = haproxy(&[nobody], "", "", "").await;
    let found = look(&Target::new(&proxy.url(), None).unwrap()).await;
    assert_eq!(found.exit_code(), 3);
    assert!(assert_names(&found, "bad_gateway", "HAProxy").contains("server"));
}
