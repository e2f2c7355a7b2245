//! A Socket.IO client on the carrier of last resort: short requests of the adaptive transport, which nobody holds.

use std::collections::VecDeque;

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::{Service, soon};

const PATH: &str = "/socket.io/?EIO=4&transport=adaptive&carrier=periodic&epoch=1";

/// A client in the main namespace.
pub(crate) struct Periodic<'a> {
    service: &'a Service,
    /// How a request names the session.
    name: String,
    seq: u64,
    sent: usize,
    received: usize,
    unread: VecDeque<String>,
    /// What the server last asked for, in milliseconds.
    pub(crate) period: Option<u64>,
}

impl Service {
    pub(crate) async fn periodic(&self) -> Periodic<'_> {
        let name = "key=0123456789abcdef012345".to_owned();
        let (seq, sent, received, unread, period) = Default::default();
        let mut client = Periodic { service: self, name, seq, sent, received, unread, period };
        let open = client.packet().await;
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        client.name = format!("sid={}", open["sid"].as_str().unwrap());
        client.exchange(&["40"]).await;
        assert!(client.packet().await.starts_with("40{"));
        client
    }
}

impl Periodic<'_> {
    /// Makes a request with these packets; what comes is kept.
    pub(crate) async fn exchange(&mut self, packets: &[&str]) {
        self.seq += 1;
        let Self { name, seq, received, .. } = self;
        let path = format!("{PATH}&{name}&ack={received}&seq={seq}");
        let mut body = format!("s{}\u{1e}", self.sent + 1);
        packets.iter().for_each(|packet| body += &format!("{packet}\u{1e}"));
        self.sent += packets.len();
        let reply = self.service.call(Method::POST, &path).body(body).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        for chunk in reply.text().split_terminator('\u{1e}') {
            match chunk.strip_prefix('h') {
                Some(period) => self.period = Some(period.parse().unwrap()),
                None if chunk.starts_with(|first: char| first.is_ascii_digit()) => {
                    self.unread.push_back(chunk.to_owned());
                    self.received += 1;
                }
                None => {}
            }
        }
    }

    /// The next packet.
    pub(crate) async fn packet(&mut self) -> String {
        soon("a packet", async {
            loop {
                if let Some(packet) = self.unread.pop_front() {
                    return packet;
                }
                self.exchange(&[]).await;
                tokio::task::yield_now().await;
            }
        })
        .await
    }

    /// The next packet that begins like this.
    pub(crate) async fn packet_that_begins(&mut self, beginning: &str) -> String {
        loop {
            let packet = self.packet().await;
            if packet.starts_with(beginning) {
                return packet;
            }
        }
    }
}
