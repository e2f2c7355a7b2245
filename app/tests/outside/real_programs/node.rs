//! The reference server, which knows nothing of us.

use std::path::Path;
use std::process::Stdio;

use pingone_import::doctor::Target;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::{assert_healthy, look_long};

#[tokio::test]
async fn the_reference_server_is_healthy_and_recognised() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/js");
    let mut server = Command::new("node")
        .args(["servers/socket.js", "--port", "0"])
        .current_dir(&directory)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Node.js is installed");
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().expect("`npm ci` was run in conformance/js");
    let url = line.strip_prefix("listening on ").unwrap();
    let found = look_long(&Target::new(url, None).unwrap()).await;
    assert_healthy(&found);
    assert_eq!(found.server, "socket.io");
    assert!(!found.tiers.adaptive.supported, "{}", found.table());
    assert!(!found.tiers.direct.supported && found.tiers.polling.upgrade == Some(true));
}
