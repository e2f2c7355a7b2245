//! Prometheus's own judge: the metrics, the alerts, and the tests of the alerts.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::server::Tool;

#[tokio::test]
async fn the_metrics_follow_the_conventions() {
    let tool = Tool::start().await;
    let mut stream = TcpStream::connect(tool.address).await.unwrap();
    let request = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, metrics) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200"), "{head}");
    let (passed, said) = promtool(&["check", "metrics"], metrics).await;
    assert!(passed && said.is_empty(), "{said}");
}

#[tokio::test]
async fn the_alerts_are_valid_and_fire_when_they_should() {
    for (command, file) in [("rules", "alerts.yml"), ("config", "prometheus.yml")] {
        let (passed, said) = promtool(&["check", command, ops(file).to_str().unwrap()], "").await;
        assert!(passed, "{said}");
    }
    let (passed, said) = promtool(&["test", "rules", ops("alerts.test.yml").to_str().unwrap()], "").await;
    assert!(passed && said.contains("SUCCESS"), "{said}");
}

fn ops(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ops").join(file)
}

async fn promtool(arguments: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("promtool is installed; `cargo xtask setup` does it");
    let mut stdin = child.stdin.take().unwrap();
    // A command that reads nothing may be gone already.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), said)
}
