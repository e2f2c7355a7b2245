//! The Socket.IO conversation that every Socket.IO tier must carry.

use serde_json::Value;

use super::super::cause::{Cause, Failure};
use super::super::client::{Deadline, WebSocket};

/// Path of the Socket.IO endpoint, relative to the server's base, with the protocol version.
pub(super) const SOCKET_IO: &str = "socket.io/?EIO=4&transport=";

/// Engine.IO message with a Socket.IO CONNECT to the main namespace.
pub(super) const CONNECT: &str = "40";

/// The session id of an Engine.IO OPEN packet.
pub(super) fn opened(packet: &str) -> Result<String, Failure> {
    let open = packet.strip_prefix('0').and_then(|json| serde_json::from_str::<Value>(json).ok());
    let sid = open.as_ref().and_then(|open| open.get("sid")).and_then(Value::as_str);
    sid.map(str::to_owned).ok_or_else(|| unexpected("an Engine.IO handshake", packet))
}

/// A Socket.IO CONNECT was answered.
pub(super) fn connected(packet: &str) -> Result<(), Failure> {
    if packet.starts_with("40") {
        Ok(())
    } else if let Some(reason) = packet.strip_prefix("44") {
        Err(Failure::new(Cause::NotAuthorised, format!("CONNECT was refused: {}", shown(reason))))
    } else {
        Err(unexpected("the answer to CONNECT", packet))
    }
}

/// An event with a number that its acknowledgement must bring back.
pub(super) fn event(id: u32, nonce: &str) -> String {
    format!("42{id}[\"probe\",\"{nonce}\"]")
}

/// The event was acknowledged with its own number.
pub(super) fn acknowledged(packet: &str, id: u32, nonce: &str) -> Result<(), Failure> {
    let acknowledgement = packet.strip_prefix("43").and_then(|rest| rest.strip_prefix(&id.to_string()));
    let brought = acknowledgement.and_then(|json| serde_json::from_str::<[String; 1]>(json).ok());
    match brought {
        Some([brought]) if brought == nonce => Ok(()),
        _ => Err(unexpected("the acknowledgement of an event", packet)),
    }
}

/// CONNECT, an event and its acknowledgement over an open WebSocket.
pub(super) async fn over(socket: &mut WebSocket, deadline: Deadline, nonce: &str) -> Result<(), Failure> {
    socket.send(CONNECT).await?;
    connected(&deadline.step(Cause::TimedOut, "wait for CONNECT", socket.text()).await?)?;
    acknowledge_over(socket, deadline, 0, nonce).await
}

/// An event and its acknowledgement over an open WebSocket.
pub(super) async fn acknowledge_over(
    socket: &mut WebSocket,
    deadline: Deadline,
    id: u32,
    nonce: &str,
) -> Result<(), Failure> {
    socket.send(&event(id, nonce)).await?;
    let packet = deadline.step(Cause::TimedOut, "wait for an acknowledgement", socket.text()).await?;
    acknowledged(&packet, id, nonce)
}

/// Something that no earlier answer can have held.
pub(super) fn nonce() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// Another answer than the protocol's.
pub(super) fn unexpected(wanted: &str, got: &str) -> Failure {
    Failure::new(Cause::UnexpectedAnswer, format!("expected {wanted}, got {:?}", shown(got)))
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_protocols_answers_pass() {
        assert_eq!(opened(r#"0{"sid":"x","upgrades":[]}"#).unwrap(), "x");
        assert!(opened("0{}").is_err());
        assert!(opened("<html>").is_err());
        assert!(connected(r#"40{"sid":"y"}"#).is_ok());
        assert_eq!(connected(r#"44{"message":"no"}"#).unwrap_err().cause, Cause::NotAuthorised);
        assert!(acknowledged(r#"431["n"]"#, 1, "n").is_ok());
        assert!(acknowledged(r#"431["m"]"#, 1, "n").is_err());
        assert!(acknowledged(r#"4310["n"]"#, 1, "n").is_err());
    }
}
