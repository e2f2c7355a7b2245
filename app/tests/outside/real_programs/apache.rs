//! Apache, set up rightly and wrongly.

use std::net::SocketAddr;
use std::path::Path;

use super::program::{Program, free_port};
use super::server::{Node, Tool};
use super::{assert_healthy, assert_names, look, look_long};
use pingone_import::doctor::Target;

/// Where Debian keeps the modules.
const MODULES: &str = "/usr/lib/apache2/modules";

/// In one process, so that nothing of it is left when that is killed.
fn arguments(file: &Path) -> Vec<String> {
    vec!["-X".to_owned(), "-f".to_owned(), file.to_str().unwrap().to_owned()]
}

/// Apache in front of `backend`; `pass` is what stands behind the address, `rules` are further ones.
async fn apache(backend: SocketAddr, pass: &str, rules: &str) -> Program {
    Program::start("apache2", arguments, |port, dir| {
        let dir = dir.display();
        let load = ["mpm_event", "authz_core", "proxy", "proxy_http"];
        let modules = load.map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n")).concat();
        format!(
            "ServerRoot {dir}\nServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {dir}/pid\n\
             ErrorLog {dir}/error.log\nUser nobody\nGroup nogroup\n{modules}Timeout 60\nProxyPreserveHost On\n\
             {rules}\nProxyPass / http://{backend}/ {pass}\n"
        )
    })
    .await
}

const RIGHT: &str = "upgrade=websocket";

#[tokio::test]
async fn as_the_guide_says_all_is_healthy() {
    let tool = Tool::start().await;
    let proxy = apache(tool.address, RIGHT, "ProxyTimeout 120").await;
    assert_healthy(&look_long(&tool.at(&proxy.url())).await);
}

#[tokio::test]
async fn without_the_upgrade() {
    let tool = Tool::start().await;
    let proxy = apache(tool.address, "", "ProxyTimeout 120").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(found.tiers.polling.ok && !found.tiers.websocket.ok && !found.tiers.direct.ok);
    assert!(assert_names(&found, "upgrade_refused", "Apache").contains("upgrade=websocket"));
}

#[tokio::test]
async fn with_a_short_timeout_connections_that_carry_nothing_are_closed() {
    let node = Node::start().await;
    let proxy = apache(node.address, RIGHT, "ProxyTimeout 1").await;
    let found = look_long(&Target::new(&proxy.url(), None).unwrap()).await;
    let named = ["idle_closed", "polls_cut"];
    let code = found.causes.iter().map(|cause| cause.code.as_str()).find(|code| named.contains(code));
    let code = code.unwrap_or_else(|| panic!("{}", found.table())).to_owned();
    assert!(assert_names(&found, &code, "Apache").contains("ProxyTimeout"));
}

#[tokio::test]
async fn with_another_host_name() {
    let tool = Tool::start().await;
    let proxy = apache(tool.address, RIGHT, "ProxyTimeout 120\nProxyPreserveHost Off").await;
    let found = look(&tool.at(&proxy.url())).await;
    assert!(assert_names(&found, "origin_refused", "Apache").contains("ProxyPreserveHost On"));
}

#[tokio::test]
async fn with_a_server_that_is_not_there() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port().await));
    let proxy = apache(nobody, RIGHT, "").await;
    let found = look(&Target::new(&proxy.url(), None).unwrap()).await;
    assert_eq!(found.exit_code(), 3);
    assert!(assert_names(&found, "bad_gateway", "Apache").contains("ProxyPass"));
}
