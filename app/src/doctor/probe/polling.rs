//! Socket.IO over HTTP long-polling, then the upgrade of the same session.

use hyper::Method;

use super::super::cause::{Cause, Failure};
use super::super::client::{Deadline, Http, Target, WebSocket};
use super::Carried;
use super::exchange::{
    CONNECT, SOCKET_IO, acknowledge_over, acknowledged, connected, event, nonce, opened, unexpected,
};

/// Separates the packets of a polling payload.
const RECORD_SEPARATOR: char = '\u{1e}';

pub(super) async fn probe(target: &Target, deadline: Deadline) -> Result<Carried, Failure> {
    let mut session = deadline.step(Cause::TimedOut, "open a session", Session::open(target)).await?;
    deadline.step(Cause::TimedOut, "connect by polling", session.connect()).await?;
    // The poll waits before the event is sent, as in a client; an answer that comes too late was held back.
    deadline.step(Cause::PollsBuffered, "wait for a held poll", session.acknowledge()).await?;
    let upgrade = session.upgrade(target, deadline).await;
    Ok(Carried { detail: "handshake, CONNECT and data both ways".to_owned(), upgrade: Some(upgrade) })
}

/// A polling session with one connection for each direction.
struct Session {
    receive: Http,
    send: Http,
    path: String,
    sid: String,
    unread: Vec<String>,
}

impl Session {
    async fn open(target: &Target) -> Result<Self, Failure> {
        let mut receive = Http::connect(target).await?;
        let send = Http::connect(target).await?;
        let path = format!("{SOCKET_IO}polling");
        let answer = receive.exchange(Method::GET, &path, "").await?.ok("open a session")?;
        let mut packets = split(&answer);
        let sid = opened(&packets.remove(0))?;
        packets.reverse();
        Ok(Self { receive, send, path: format!("{path}&sid={sid}"), sid, unread: packets })
    }

    async fn connect(&mut self) -> Result<(), Failure> {
        self.post(CONNECT).await?;
        connected(&self.packet().await?)
    }

    async fn acknowledge(&mut self) -> Result<(), Failure> {
        let nonce = nonce();
        let event = event(0, &nonce);
        let (receive, send, path) = (&mut self.receive, &mut self.send, &self.path);
        let (poll, post) =
            tokio::join!(receive.exchange(Method::GET, path, ""), send.exchange(Method::POST, path, event));
        accepted(&post?.ok("send an event")?)?;
        let mut packets = split(&poll?.ok("poll")?);
        let first = packets.remove(0);
        packets.reverse();
        self.unread = packets;
        acknowledged(&first, 0, &nonce)
    }

    /// The upgrade, as a client does it: probe, drain the poll, upgrade, then data over the WebSocket.
    async fn upgrade(mut self, target: &Target, deadline: Deadline) -> Result<(), Failure> {
        let path = format!("{SOCKET_IO}websocket&sid={}", self.sid);
        let failed = |failure: Failure| match failure.cause {
            Cause::SessionLost | Cause::UpgradeRefused => failure,
            _ => Failure::new(Cause::UpgradeFailed, failure.detail),
        };
        let mut socket = deadline
            .step(Cause::UpgradeFailed, "open a WebSocket for the session", WebSocket::open(target, &path))
            .await
            .map_err(failed)?;
        // The server ends the waiting poll with a noop; a client upgrades only after that, and so does this.
        let probed = async {
            socket.send("2probe").await?;
            let answer = socket.text().await?;
            if answer == "3probe" { Ok(()) } else { Err(unexpected("the answer to a probe", &answer)) }
        };
        let poll = self.receive.exchange(Method::GET, &self.path, "");
        let both = async {
            let (probed, drained) = tokio::join!(probed, poll);
            probed?;
            drained?.ok("poll during the upgrade")
        };
        deadline.step(Cause::UpgradeFailed, "probe the WebSocket", both).await.map_err(failed)?;
        let switched = async {
            socket.send("5").await?;
            acknowledge_over(&mut socket, deadline, 1, &nonce()).await
        };
        deadline.step(Cause::UpgradeFailed, "upgrade the session", switched).await.map_err(failed)?;
        socket.close().await;
        Ok(())
    }

    async fn post(&mut self, packet: &str) -> Result<(), Failure> {
        let answer = self.send.exchange(Method::POST, &self.path, packet.to_owned()).await?;
        accepted(&answer.ok("send a packet")?)
    }

    async fn packet(&mut self) -> Result<String, Failure> {
        if let Some(packet) = self.unread.pop() {
            return Ok(packet);
        }
        let mut packets = split(&self.receive.exchange(Method::GET, &self.path, "").await?.ok("poll")?);
        packets.reverse();
        self.unread = packets;
        self.unread.pop().ok_or_else(|| unexpected("a packet", ""))
    }
}

fn accepted(answer: &str) -> Result<(), Failure> {
    if answer == "ok" { Ok(()) } else { Err(unexpected("\"ok\"", answer)) }
}

/// The packets of a payload; never empty, as an empty payload is one empty packet.
fn split(payload: &str) -> Vec<String> {
    payload.split(RECORD_SEPARATOR).map(str::to_owned).collect()
}
