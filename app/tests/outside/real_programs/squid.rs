//! Squid, as a reverse proxy and as a company's forward proxy.

use std::net::SocketAddr;
use std::path::Path;

use pingone_import::doctor::Product;

use super::program::Program;
use super::server::Tool;
use super::{assert_healthy, assert_names, look, look_long};

fn arguments(file: &Path) -> Vec<String> {
    vec!["-N".to_owned(), "-f".to_owned(), file.to_str().unwrap().to_owned()]
}

fn common(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "pid_filename {dir}/pid\ncache_log {dir}/cache.log\naccess_log none\ncache deny all\ncoredump_dir {dir}\n\
         visible_hostname squid.test\nshutdown_lifetime 0 seconds\npinger_enable off\nnetdb_filename none\n"
    )
}

/// Squid in front of a server.
async fn reverse(backend: SocketAddr, rules: &str) -> Program {
    reverse_to(backend, "login=PASSTHRU", rules).await
}

async fn reverse_to(backend: SocketAddr, options: &str, rules: &str) -> Program {
    Program::start("squid", arguments, |port, dir| {
        format!(
            "{}http_port 127.0.0.1:{port} accel no-vhost defaultsite=127.0.0.1:{port}\n\
             cache_peer {} parent {} 0 no-query originserver name=tool {options}\nhttp_access allow all\n{rules}\n",
            common(dir),
            backend.ip(),
            backend.port()
        )
    })
    .await
}

/// Squid in front of people who want out; `rules` decide what they may.
async fn forward(rules: &str) -> Program {
    Program::start("squid", arguments, |port, dir| {
        format!("{}http_port 127.0.0.1:{port}\n{rules}\n", common(dir))
    })
    .await
}

#[tokio::test]
async fn a_reverse_proxy_that_passes_no_upgrades() {
    let tool = Tool::start().await;
    let proxy = reverse(tool.address, "").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(found.tiers.polling.ok && !found.tiers.websocket.ok, "{}", found.table());
    assert!(assert_names(&found, "upgrade_refused", "Squid").contains("http_upgrade_request_protocols"));
    assert_eq!(found.way.products, [Product::Squid], "{:?}", found.way);
}

#[tokio::test]
async fn a_reverse_proxy_that_takes_the_login_away() {
    let tool = Tool::start().await;
    let proxy = reverse_to(tool.address, "", "http_upgrade_request_protocols websocket allow all").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert_eq!(found.exit_code(), 3);
    assert!(assert_names(&found, "not_authorised", "Squid").contains("login=PASSTHRU"));
}

#[tokio::test]
async fn a_reverse_proxy_as_the_guide_says() {
    let tool = Tool::start().await;
    let proxy = reverse(tool.address, "http_upgrade_request_protocols websocket allow all").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert_healthy(&found);
}

#[tokio::test]
async fn a_reverse_proxy_with_a_limit_on_bodies() {
    let tool = Tool::start().await;
    let rules = "http_upgrade_request_protocols websocket allow all\nrequest_body_max_size 20 KB";
    let proxy = reverse(tool.address, rules).await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "body_limit", "Squid").contains("request_body_max_size"));
}

#[tokio::test]
async fn a_reverse_proxy_with_a_read_timeout_shorter_than_a_poll_waits() {
    let tool = Tool::start().await;
    let rules = "http_upgrade_request_protocols websocket allow all\nread_timeout 1 second";
    let proxy = reverse(tool.address, rules).await;
    let found = look_long(&tool.at(&proxy.url())).await;
    let codes: Vec<&str> = found.causes.iter().map(|cause| cause.code.as_str()).collect();
    assert!(codes.contains(&"polls_cut") || codes.contains(&"idle_closed"), "{}", found.table());
}

#[tokio::test]
async fn a_forward_proxy_that_allows_tunnels_to_https_only() {
    let tool = Tool::start().await;
    let rules = "acl SSL_ports port 443\nacl CONNECT method CONNECT\nhttp_access deny CONNECT !SSL_ports\nhttp_access allow all";
    let proxy = forward(rules).await;
    let server = format!("http://{}", tool.address);
    let found = look(&tool.at(&server).through(&proxy.url()).unwrap()).await;
    assert!(found.tiers.polling.ok && !found.tiers.websocket.ok, "{}", found.table());
    assert!(assert_names(&found, "proxy_refused", "Squid").contains("http_access allow CONNECT"));
}

#[tokio::test]
async fn a_forward_proxy_that_lets_everything_through() {
    let tool = Tool::start().await;
    let proxy = forward("http_access allow all").await;
    let server = format!("http://{}", tool.address);
    let found = look(&tool.at(&server).through(&proxy.url()).unwrap()).await;
    assert_healthy(&found);
    assert_eq!(found.way.products, [Product::Squid]);
}

#[tokio::test]
async fn a_forward_proxy_that_lets_nothing_through() {
    let tool = Tool::start().await;
    let proxy = forward("http_access deny all").await;
    let server = format!("http://{}", tool.address);
    let found = look(&tool.at(&server).through(&proxy.url()).unwrap()).await;
    assert_eq!(found.exit_code(), 3, "{}", found.table());
    assert_names(&found, "proxy_refused", "Squid");
}
