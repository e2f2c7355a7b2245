use std::collections::VecDeque;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use socketio::{Gateway, SocketIo, engineio::EngineIo};
use tokio::sync::mpsc;
use tower::ServiceExt;

/// A client that speaks long-polling.
pub(crate) struct Client {
    service: EngineIo<Gateway>,
    sid: String,
    packets: VecDeque<String>,
}

impl Client {
    /// Opens a connection and joins no namespace.
    pub(crate) async fn open(io: &SocketIo) -> Self {
        let mut client = Self { service: io.service(), sid: String::new(), packets: VecDeque::new() };
        let (status, body) = client.request("GET", String::new()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let open: serde_json::Value = serde_json::from_str(body.strip_prefix('0').unwrap()).unwrap();
        client.sid = open["sid"].as_str().unwrap().to_owned();
        client
    }

    /// Asks for a connection and gives the answer.
    pub(crate) async fn refused(io: &SocketIo) -> (StatusCode, String) {
        Self { service: io.service(), sid: String::new(), packets: VecDeque::new() }
            .request("GET", String::new())
            .await
    }

    /// Opens a connection and joins `/`.
    pub(crate) async fn join(io: &SocketIo) -> Self {
        let mut client = Self::open(io).await;
        client.send("0").await;
        assert!(client.next().await.starts_with("0{\"sid\":"));
        client
    }

    /// The secret id of the session.
    pub(crate) fn session_id(&self) -> &str {
        &self.sid
    }

    /// Sends Socket.IO packets as text messages in one request.
    pub(crate) async fn send_all(&self, packets: &[&str]) {
        let packets: Vec<_> = packets.iter().map(|packet| format!("4{packet}")).collect();
        self.post(packets.join("\u{1e}")).await;
    }

    pub(crate) async fn send(&self, packet: &str) {
        self.send_all(&[packet]).await;
    }

    pub(crate) async fn send_binary(&self, bytes: &[u8]) {
        self.post(format!("b{}", BASE64_STANDARD.encode(bytes))).await;
    }

    /// Closes the session, as a client does that loses or ends its transport.
    pub(crate) async fn close(&self) {
        self.post("1".to_owned()).await;
    }

    /// The next Socket.IO packet, or `bytes:` and text for a binary message.
    pub(crate) async fn next(&mut self) -> String {
        self.receive().await.expect("the session is open")
    }

    /// Waits for the end of the session and gives what came before.
    pub(crate) async fn closed(&mut self) -> Vec<String> {
        let mut packets = Vec::new();
        while let Some(packet) = self.receive().await {
            packets.push(packet);
        }
        packets
    }

    /// `None` when the session is over.
    async fn receive(&mut self) -> Option<String> {
        loop {
            if let Some(packet) = self.packets.pop_front() {
                match packet.split_at(1) {
                    ("4", text) => return Some(text.to_owned()),
                    ("b", base64) => {
                        let bytes = BASE64_STANDARD.decode(base64).unwrap();
                        return Some(format!("bytes:{}", String::from_utf8(bytes).unwrap()));
                    }
                    ("1", _) => return None,
                    ("2", _) => self.post("3".to_owned()).await,
                    _ => {}
                }
                continue;
            }
            let (status, body) = self.request("GET", String::new()).await;
            if status != StatusCode::OK {
                return None;
            }
            self.packets.extend(body.split('\u{1e}').map(str::to_owned));
        }
    }

    async fn post(&self, body: String) {
        // A session that is closed refuses, which tests find out when they receive.
        let _ = self.request("POST", body).await;
    }

    async fn request(&self, method: &str, body: String) -> (StatusCode, String) {
        let sid = if self.sid.is_empty() { String::new() } else { format!("&sid={}", self.sid) };
        let request = Request::builder()
            .method(method)
            .uri(format!("/socket.io/?EIO=4&transport=polling{sid}"))
            .header("user-agent", "test")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// Where handlers tell tests what happened.
pub(crate) fn log() -> (mpsc::UnboundedSender<String>, mpsc::UnboundedReceiver<String>) {
    mpsc::unbounded_channel()
}
