//! The plain WebSocket at `/ws`.

use serde_json::Value;

use super::super::cause::Cause;
use super::super::client::{Deadline, Target, WebSocket};
use super::super::failure::Failure;
use super::Carried;
use super::exchange::unexpected;

pub(super) async fn probe(target: &Target, deadline: Deadline) -> Result<Carried, Failure> {
    let mut socket =
        deadline.step(Cause::TimedOut, "open a WebSocket", WebSocket::open(target, "ws")).await?;
    socket.send(r#"{"type":"ping"}"#).await?;
    let answer = deadline.step(Cause::MuteAfterUpgrade, "wait for pong", socket.text()).await?;
    let pong = serde_json::from_str::<Value>(&answer).ok();
    if pong.as_ref().and_then(|pong| pong.get("type")).and_then(Value::as_str) != Some("pong") {
        return Err(unexpected("pong", &answer));
    }
    socket.close().await;
    Ok(Carried { detail: "handshake, ping and pong".to_owned(), upgrade: None, carriers: Vec::new() })
}
