//! The Socket.IO conversation that every Socket.IO tier must carry.
//!
//! Any server of Socket.IO answers a CONNECT to a namespace that it does not have, with the namespace's name.
//! A name that nobody has used is therefore a question with an answer of its own, without any help of the application.

use serde_json::Value;

use super::super::cause::Cause;
use super::super::client::{Deadline, WebSocket};
use super::super::failure::Failure;

/// Engine.IO message with a Socket.IO CONNECT to the main namespace.
pub(in crate::doctor) const CONNECT: &str = "40";

/// What an Engine.IO OPEN packet says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::doctor) struct Opened {
    pub(in crate::doctor) sid: String,
    /// Largest message in bytes; absent in old servers.
    pub(in crate::doctor) max_payload: Option<usize>,
    /// Milliseconds between heartbeats.
    pub(in crate::doctor) ping_interval: Option<u64>,
    /// Whether the server offers to move to a WebSocket.
    pub(in crate::doctor) upgrades: bool,
}

/// Reads an Engine.IO OPEN packet.
pub(in crate::doctor) fn opened(packet: &str) -> Result<Opened, Failure> {
    if is_version_3(packet) {
        let detail = "the server answers in the format of Engine.IO 3, which is that of Socket.IO 2";
        return Err(Failure::new(Cause::VersionMismatch, detail));
    }
    let open = packet.strip_prefix('0').and_then(|json| serde_json::from_str::<Value>(json).ok());
    let open = open.ok_or_else(|| unexpected("an Engine.IO handshake", packet))?;
    let sid = open.get("sid").and_then(Value::as_str);
    let upgrades = open.get("upgrades").and_then(Value::as_array);
    Ok(Opened {
        sid: sid.map(str::to_owned).ok_or_else(|| unexpected("an Engine.IO handshake", packet))?,
        max_payload: open.get("maxPayload").and_then(Value::as_u64).and_then(|max| usize::try_from(max).ok()),
        ping_interval: open.get("pingInterval").and_then(Value::as_u64),
        upgrades: upgrades.is_some_and(|upgrades| upgrades.iter().any(|name| name == "websocket")),
    })
}

/// Engine.IO 3 wrote the length before each packet of a payload: `96:0{"sid":…`.
fn is_version_3(payload: &str) -> bool {
    let rest = payload.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < payload.len() && rest.starts_with(":0{")
}

/// A Socket.IO CONNECT was answered.
pub(in crate::doctor) fn connected(packet: &str) -> Result<(), Failure> {
    if packet.starts_with("40") {
        Ok(())
    } else if let Some(reason) = packet.strip_prefix("44") {
        Err(Failure::new(Cause::NotAuthorised, format!("CONNECT was refused: {}", shown(reason))))
    } else {
        Err(unexpected("the answer to CONNECT", packet))
    }
}

/// A question that every server of Socket.IO answers, with a payload that may be long.
pub(in crate::doctor) fn question(nonce: &str, padding: usize) -> String {
    match padding {
        0 => format!("40/doctor-{nonce},"),
        _ => format!("40/doctor-{nonce},{{\"padding\":\"{}\"}}", "x".repeat(padding)),
    }
}

/// Whether this packet answers the question; a server may also have such a namespace.
pub(in crate::doctor) fn answered(packet: &str, nonce: &str) -> Result<(), Failure> {
    let rest = packet.strip_prefix("44").or_else(|| packet.strip_prefix("40"));
    let rest = rest.and_then(|rest| rest.strip_prefix("/doctor-"));
    match rest.and_then(|rest| rest.strip_prefix(nonce)) {
        Some(_) => Ok(()),
        None => Err(unexpected("the answer to a packet", packet)),
    }
}

/// An event of this program with a text that its acknowledgement must bring back.
pub(in crate::doctor) fn event(id: u32, nonce: &str) -> String {
    format!("42{id}[\"probe\",\"{nonce}\"]")
}

/// The event was acknowledged with its own text.
pub(in crate::doctor) fn acknowledged(packet: &str, id: u32, nonce: &str) -> Result<(), Failure> {
    let acknowledgement = packet.strip_prefix("43").and_then(|rest| rest.strip_prefix(&id.to_string()));
    let brought = acknowledgement.and_then(|json| serde_json::from_str::<[String; 1]>(json).ok());
    match brought {
        Some([brought]) if brought == nonce => Ok(()),
        _ => Err(unexpected("the acknowledgement of an event", packet)),
    }
}

/// Something to send that brings back an answer of its own: an event of this program, or a question to any server.
#[derive(Debug, Clone)]
pub(in crate::doctor) struct Call {
    id: u32,
    nonce: String,
    is_event: bool,
}

impl Call {
    /// Number `id` of its connection; for any server unless `is_event`.
    pub(in crate::doctor) fn new(id: u32, is_event: bool) -> Self {
        Self { id, nonce: nonce(), is_event }
    }

    pub(in crate::doctor) fn packet(&self) -> String {
        if self.is_event { event(self.id, &self.nonce) } else { question(&self.nonce, 0) }
    }

    /// The question with a payload of so many bytes.
    pub(in crate::doctor) fn packet_of(&self, padding: usize) -> String {
        question(&self.nonce, padding)
    }

    pub(in crate::doctor) fn check(&self, packet: &str) -> Result<(), Failure> {
        if self.is_event { acknowledged(packet, self.id, &self.nonce) } else { answered(packet, &self.nonce) }
    }

    /// Whether this is about something else, such as a heartbeat or an event that the server sends by itself.
    pub(in crate::doctor) fn is_aside(packet: &str) -> bool {
        packet == "2" || packet == "6" || packet.starts_with("42") || packet.starts_with("40{")
    }

    /// Asks and waits for the answer over an open WebSocket.
    pub(in crate::doctor) async fn over(&self, socket: &mut WebSocket) -> Result<(), Failure> {
        socket.send(&self.packet()).await?;
        self.await_answer(socket).await
    }

    pub(in crate::doctor) async fn await_answer(&self, socket: &mut WebSocket) -> Result<(), Failure> {
        loop {
            let packet = socket.text().await?;
            if packet == "2" {
                socket.send("3").await?;
            }
            if !Self::is_aside(&packet) {
                return self.check(&packet);
            }
        }
    }
}

/// CONNECT, then something with an answer of its own, over an open WebSocket.
pub(in crate::doctor) async fn over(
    socket: &mut WebSocket,
    deadline: Deadline,
    is_event: bool,
) -> Result<(), Failure> {
    deadline.step(Cause::TimedOut, "wait for CONNECT", join(socket)).await?;
    let call = Call::new(0, is_event);
    deadline.step(Cause::TimedOut, "wait for an answer to a packet", call.over(socket)).await
}

/// CONNECT to the main namespace over an open WebSocket; heartbeats are answered on the way.
pub(in crate::doctor) async fn join(socket: &mut WebSocket) -> Result<(), Failure> {
    socket.send(CONNECT).await?;
    loop {
        let packet = socket.text().await?;
        if packet != "2" {
            return connected(&packet);
        }
        socket.send("3").await?;
    }
}

/// Something that no earlier answer can have held.
pub(in crate::doctor) fn nonce() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// Another answer than the protocol's.
pub(in crate::doctor) fn unexpected(wanted: &str, got: &str) -> Failure {
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
        let open = opened(r#"0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"maxPayload":1000}"#)
            .unwrap();
        assert_eq!((open.sid.as_str(), open.upgrades, open.max_payload), ("x", true, Some(1000)));
        assert!(opened("0{}").is_err());
        assert!(opened("<html>").is_err());
        assert_eq!(opened(r#"96:0{"sid":"x"}2:40"#).unwrap_err().cause, Cause::VersionMismatch);
        assert!(connected(r#"40{"sid":"y"}"#).is_ok());
        assert_eq!(connected(r#"44{"message":"no"}"#).unwrap_err().cause, Cause::NotAuthorised);
        assert!(acknowledged(r#"431["n"]"#, 1, "n").is_ok());
        assert!(acknowledged(r#"431["m"]"#, 1, "n").is_err());
        assert!(acknowledged(r#"4310["n"]"#, 1, "n").is_err());
        assert!(answered(r#"44/doctor-n,{"message":"Invalid namespace"}"#, "n").is_ok());
        assert!(answered(r#"40/doctor-n,{"sid":"z"}"#, "n").is_ok());
        assert!(answered(r#"44/doctor-m,{}"#, "n").is_err());
    }

    #[test]
    fn a_question_can_be_long() {
        assert_eq!(question("n", 0), "40/doctor-n,");
        assert_eq!(question("n", 3), r#"40/doctor-n,{"padding":"xxx"}"#);
    }
}
