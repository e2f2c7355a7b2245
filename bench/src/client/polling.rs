//! A session on HTTP long-polling.

use anyhow::{Context as _, Result, ensure};

use super::{connect, http::Http, websocket::WebSocket};
use crate::server::Server;

/// Between the packets of a payload.
const SEPARATOR: u8 = 0x1e;

/// A session with a connection for its polls and one for its posts, as browsers have.
#[derive(Debug)]
pub(crate) struct Polling {
    polls: Http,
    posts: Http,
    sid: String,
    index: usize,
}

impl Polling {
    /// Opens a session and joins the default namespace.
    pub(crate) async fn join(server: Server, index: usize) -> Result<Self> {
        let mut polls = Http::new(connect(server, index).await?);
        let posts = Http::new(connect(server, index).await?);
        let open = polls.request("GET", "EIO=4&transport=polling", b"").await?;
        let sid = session_id(&open)?;
        let mut this = Self { polls, posts, sid, index };
        this.post(b"40").await?;
        while !this.is_joined().await? {}
        Ok(this)
    }

    /// Whether the next answer brings that to CONNECT; a server may ask for a heartbeat before.
    async fn is_joined(&mut self) -> Result<bool> {
        let answer = self.poll().await?;
        let packets: Vec<_> = answer.split(|byte| *byte == SEPARATOR).collect();
        let is_asked = packets.contains(&&b"2"[..]);
        if is_asked {
            self.post(b"3").await?;
        }
        let is_joined = packets.iter().any(|packet| packet.starts_with(b"40"));
        ensure!(is_joined || is_asked, "no answer to CONNECT: {}", String::from_utf8_lossy(&answer));
        Ok(is_joined)
    }

    /// One poll; the body of its answer.
    pub(crate) async fn poll(&mut self) -> Result<Vec<u8>> {
        let query = format!("EIO=4&transport=polling&sid={}", self.sid);
        self.polls.request("GET", &query, b"").await
    }

    pub(crate) async fn post(&mut self, body: &[u8]) -> Result<()> {
        let query = format!("EIO=4&transport=polling&sid={}", self.sid);
        self.posts.request("POST", &query, body).await?;
        Ok(())
    }

    /// Moves to a WebSocket as the JavaScript client does: with a poll outstanding, which the server ends.
    pub(crate) async fn upgrade(mut self, server: Server) -> Result<WebSocket> {
        let query = format!("EIO=4&transport=websocket&sid={}", self.sid);
        let (sid, index) = (self.sid.clone(), self.index);
        let poll = async {
            let query = format!("EIO=4&transport=polling&sid={sid}");
            self.polls.request("GET", &query, b"").await
        };
        let probe = async {
            let mut websocket = WebSocket::open(server, index, &query).await?;
            websocket.send_text("2probe").await?;
            let answer = websocket.next_text().await?;
            ensure!(answer == b"3probe", "no answer to the probe");
            Ok(websocket)
        };
        let (poll, websocket) = tokio::join!(poll, probe);
        poll.context("the poll during the upgrade")?;
        let mut websocket = websocket?;
        websocket.send_text("5").await?;
        Ok(websocket)
    }
}

/// `sid` of an OPEN packet.
pub(super) fn session_id(open: &[u8]) -> Result<String> {
    let json = open.strip_prefix(b"0").context("no OPEN packet")?;
    let handshake: serde_json::Value = serde_json::from_slice(json)?;
    Ok(handshake["sid"].as_str().context("no sid")?.to_owned())
}
