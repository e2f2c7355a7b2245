use std::path::Path;

use anyhow::{Result, ensure};
use bytes::Bytes;
use serde_json::Value;
use socketio_client::{Notice, Status, Transport};

use super::node::{Node, expect, next};

/// A connection is cut, and what the server emits meanwhile arrives, once and in order.
pub(super) async fn run(directory: &Path, way: &[Transport]) -> Result<()> {
    let node = Node::start(directory, &["--recovery"]).await?;
    let client = node.client(way)?;
    let (socket, mut events) = client.namespace("/").stream()?;
    expect::<Value>(&mut events, "auth").await?;
    for _ in 0..2 {
        if let [_, better] = way {
            client.status().wait_for(|status| *status == Status::Open(*better)).await?;
        }
        let id = socket.id();
        socket.emit("cut", &())?;
        let lost = next(&mut events).await?;
        ensure!(matches!(lost, Notice::Disconnected(_)), "{lost:?}");
        let back = next(&mut events).await?;
        ensure!(matches!(back, Notice::Connected { recovered: true }), "{back:?}");
        ensure!(socket.recovered() && socket.id() == id && id.is_some());
        ensure!(expect::<u8>(&mut events, "missed").await? == 1);
        ensure!(expect::<Bytes>(&mut events, "missed").await? == [2].as_slice());
    }
    Ok(())
}

/// The server's process is killed, and another one takes its place.
pub(super) async fn restart(directory: &Path, way: &[Transport]) -> Result<()> {
    let node = Node::start(directory, &[]).await?;
    let client = node.client(way)?;
    let (socket, mut events) = client.namespace("/").stream()?;
    expect::<Value>(&mut events, "auth").await?;
    let port = node.port().to_owned();
    node.stop().await?;
    loop {
        if let Notice::Disconnected(reason) = next(&mut events).await? {
            ensure!(reason.will_reconnect, "{reason}");
            break;
        }
    }
    socket.emit("echo", "waited")?;
    let _node = Node::start(directory, &["--port", &port]).await?;
    let back = next(&mut events).await?;
    ensure!(matches!(back, Notice::Connected { recovered: false }), "{back:?}");
    expect::<Value>(&mut events, "auth").await?;
    ensure!(expect::<String>(&mut events, "echoed").await? == "waited");
    client.close().await;
    Ok(())
}
