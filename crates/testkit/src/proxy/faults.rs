use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a [`Proxy`](super::Proxy) does to what passes through it. The default is nothing.
///
/// As JSON, fields that are absent have their default, and an unknown one is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Faults {
    /// How many connections of clients are let in at a time; `None` for any number. Others are closed at once.
    pub connection_limit: Option<usize>,
    /// What happens to requests for a WebSocket.
    pub upgrade: Upgrade,
    /// What happens to other requests.
    pub requests: Requests,
    /// What happens to the bytes of WebSockets.
    pub websocket: Flow,
    /// What happens to the bytes of other connections.
    pub http: Flow,
}

/// What happens to a request for a WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Upgrade {
    /// It passes.
    #[default]
    Pass,
    /// It is answered with a page of this status, such as 403.
    Refuse(u16),
    /// It loses its headers `Upgrade` and `Connection`, as behind an nginx that was not told otherwise.
    Strip,
    /// It is never answered.
    Hang,
    /// It is answered with 101, and nothing passes in either direction.
    Mute,
    /// It is answered with 101, and nothing of what the server sends passes.
    MuteDown,
    /// It is answered with 101, and the server's first frame is swallowed.
    DropFirst,
}

/// What happens to requests other than those for a WebSocket.
///
/// Chances are from 0 to 1; default 0. The first of page, lost response, truncation and break that happens is the one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Requests {
    /// Only for requests whose target contains this.
    pub only: Option<String>,
    /// Chance that a page of [`status`](Self::status) is the answer, and the server sees nothing.
    pub page: f64,
    /// Status of that page, such as 407, 502, 503. 0 counts as 502.
    pub status: u16,
    /// Chance that the server answers and the connection is closed instead.
    pub lose: f64,
    /// Chance that the server gets the request twice.
    pub duplicate: f64,
    /// Chance that the response's body is shorter than the server sent it, with a length that fits.
    pub truncate: f64,
    /// Chance that the connection is closed in the middle of the response's body.
    pub break_off: f64,
    /// Milliseconds for which a response is held back when it is there.
    pub hold: u64,
    /// The most milliseconds that a request waits before it is passed on, at random, so that requests overtake each
    /// other.
    pub reorder: u64,
}

/// What happens to the bytes of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Flow {
    /// From the client to the server.
    pub up: Way,
    /// From the server to the client.
    pub down: Way,
    /// Milliseconds that every byte is late in each direction.
    pub delay: u64,
    /// The connection is cut when this many bytes have passed in both directions together; those of a WebSocket are
    /// counted from its 101 on.
    pub cut_after: Option<u64>,
    /// The connection is closed when nothing has passed for this many milliseconds.
    pub idle: Option<u64>,
}

/// What happens to bytes in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// They pass.
    #[default]
    Pass,
    /// They wait until this changes.
    Stall,
    /// They are swallowed, as is everything that follows on the same connection.
    Discard,
}

/// What kind of connection it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// It carries requests, as far as is known.
    Http,
    /// It has become a WebSocket.
    #[serde(rename = "websocket")]
    WebSocket,
}

impl Faults {
    pub(super) fn flow(&self, kind: Kind) -> &Flow {
        match kind {
            Kind::Http => &self.http,
            Kind::WebSocket => &self.websocket,
        }
    }
}

impl Flow {
    pub(super) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay)
    }

    pub(super) fn idle(&self) -> Option<Duration> {
        self.idle.map(Duration::from_millis)
    }
}

/// What a proxy has done since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Connections of clients that exist.
    pub open: usize,
    /// WebSockets that exist.
    pub open_websockets: usize,
    /// WebSockets that were opened.
    pub websockets: u64,
    /// Requests for a WebSocket that were refused, hung, stripped or made mute.
    pub spoiled_upgrades: u64,
    /// First frames that were swallowed.
    pub dropped_frames: u64,
    /// Requests other than those for a WebSocket.
    pub requests: u64,
    /// Requests that were answered with a page.
    pub pages: u64,
    /// Responses that were lost.
    pub lost: u64,
    /// Responses that were held back, until they were let go.
    pub held: u64,
    /// Requests that were doubled.
    pub duplicated: u64,
    /// Bodies that were shortened.
    pub truncated: u64,
    /// Bodies that were broken off.
    pub broken_off: u64,
    /// Connections that were cut, by order or because of their length.
    pub cut: u64,
    /// Connections that were closed because they were idle.
    pub idled: u64,
    /// Connections above the limit.
    pub rejected: u64,
}
