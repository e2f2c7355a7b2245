//! A Socket.IO client on a raw WebSocket, and one on raw polls.

use std::collections::VecDeque;

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use super::websocket::Client;
use super::{Listening, Service};

const OPEN: &str = "/socket.io/?EIO=4&transport=websocket";

/// A client in the main namespace.
pub(crate) struct SocketIo {
    client: Client,
    next_ack: u64,
    unread: VecDeque<(String, Value)>,
}

impl Listening {
    pub(crate) async fn socketio(&self) -> SocketIo {
        self.try_socketio(self.credentials()).await.unwrap()
    }

    pub(crate) async fn try_socketio(&self, headers: HeaderMap) -> Result<SocketIo, StatusCode> {
        Ok(SocketIo::join(self.try_websocket(OPEN, headers).await?).await)
    }

    /// A client that takes in little at a time.
    pub(crate) async fn narrow_socketio(&self) -> SocketIo {
        SocketIo::join(self.narrow_websocket(OPEN).await).await
    }
}

impl SocketIo {
    async fn join(mut client: Client) -> Self {
        assert!(client.next().await.unwrap().starts_with("0{"));
        client.send("40").await;
        assert!(client.next().await.unwrap().starts_with("40{"));
        Self { client, next_ack: 0, unread: VecDeque::new() }
    }

    /// Emits an event and waits for its acknowledgement; events that come before it are kept.
    pub(crate) async fn ask(&mut self, event: &str, data: &Value) -> Value {
        let id = self.next_ack;
        self.next_ack += 1;
        self.client.send(&format!("42{id}[{},{data}]", Value::from(event))).await;
        let prefix = format!("43{id}[");
        loop {
            let packet = self.packet().await.expect("the connection was closed");
            if packet.starts_with(&prefix) {
                let mut args: Vec<Value> = serde_json::from_str(&packet[prefix.len() - 1..]).unwrap();
                return args.remove(0);
            }
            self.keep(&packet);
        }
    }

    /// The events that came with the last acknowledgement.
    pub(crate) fn drain(&mut self) -> Vec<Value> {
        self.unread.drain(..).map(|(_, event)| event).collect()
    }

    /// The next event and its argument; `None` when the connection is closed.
    pub(crate) async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(event) = self.unread.pop_front() {
                return Some(event);
            }
            match self.packet().await?.as_str() {
                // The server has sent this client away.
                "41" => return None,
                packet => self.keep(packet),
            }
        }
    }

    /// The next packet of Socket.IO; pings are answered on the way.
    async fn packet(&mut self) -> Option<String> {
        loop {
            let packet = self.client.next().await?;
            if packet == "2" {
                self.client.send("3").await;
            } else {
                return Some(packet);
            }
        }
    }

    fn keep(&mut self, packet: &str) {
        let event: (String, Value) = serde_json::from_str(packet.strip_prefix("42").expect(packet)).unwrap();
        self.unread.push_back(event);
    }
}

/// A client in the main namespace that only polls.
pub(crate) struct Poller<'a> {
    service: &'a Service,
    path: String,
    unread: VecDeque<String>,
}

impl Service {
    pub(crate) async fn poller(&self) -> Poller<'_> {
        let path = "/socket.io/?EIO=4&transport=polling";
        let open = self.get(path).await.text();
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let path = format!("{path}&sid={}", open["sid"].as_str().unwrap());
        let mut poller = Poller { service: self, path, unread: VecDeque::new() };
        poller.post("40").await;
        assert!(poller.packet().await.starts_with("40{"));
        poller
    }
}

impl Poller<'_> {
    pub(crate) async fn post(&self, packet: &str) {
        let reply = self.service.call(Method::POST, &self.path).body(packet.to_owned()).send().await;
        assert_eq!((reply.status, reply.text().as_str()), (StatusCode::OK, "ok"));
    }

    /// The next packet; pings are answered on the way.
    pub(crate) async fn packet(&mut self) -> String {
        loop {
            match self.unread.pop_front().as_deref() {
                Some("2") => self.post("3").await,
                Some(packet) => return packet.to_owned(),
                None => {
                    let reply = self.service.get(&self.path).await;
                    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
                    self.unread.extend(reply.text().split('\u{1e}').map(str::to_owned));
                }
            }
        }
    }
}
