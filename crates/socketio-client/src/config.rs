use std::{sync::Arc, time::Duration};

use engineio_proto::{Transport, session::adaptive::ladder::Tier};
use http::HeaderMap;
use socketio_proto::Parser;

use crate::Reconnection;

/// How a client behaves.
///
/// ```
/// use socketio_client::{Config, Parser, Transport};
///
/// let config = Config {
///     transports: vec![Transport::Polling],
///     upgrade: false,
///     parser: Parser::MessagePack,
///     ..Config::default()
/// };
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Path of the server's endpoint. Default `/socket.io/`.
    pub path: String,
    /// The transports to open a connection with, tried in this order. Default adaptive, WebSocket, polling.
    ///
    /// A server that does not know the adaptive transport says so at once; what that costs is one request.
    /// The one that worked last is tried first when the connection is opened again.
    pub transports: Vec<Transport>,
    /// What the adaptive transport may use. Default everything; nothing counts as everything.
    pub tiers: Vec<Tier>,
    /// Time for a tier of the adaptive transport to carry data both ways before the next one is started beside it,
    /// when a connection is opened, and at least 250 ms when a carrier was lost. Default 150 ms.
    pub race_delay: Duration,
    /// Time for one transport to bring the server's first packet, from the TCP connection on, before the next one is
    /// tried. Default 5 s. It is what a WebSocket costs that hangs or stays mute. An upgrade has the same time.
    pub transport_deadline: Duration,
    /// Whether a connection on polling moves to a WebSocket when the server offers it and `transports` names it.
    /// Default true.
    pub upgrade: bool,
    /// Whether and when a lost connection is opened again; `None` for never.
    pub reconnection: Option<Reconnection>,
    /// Headers of every request, such as `authorization` or `origin`. Default none. A user and password in the address
    /// are sent with the Basic scheme, unless there is an `authorization` here.
    pub headers: HeaderMap,
    /// Whether cookies that the server, or a load balancer before it, sets are kept and sent with later requests.
    /// Default false.
    pub cookies: bool,
    /// How long [`Socket::emit_with_ack`](crate::Socket::emit_with_ack) waits for the answer. Default 5 s.
    pub ack_timeout: Duration,
    /// How often an event is sent again that the server does not acknowledge within `ack_timeout`, or before the
    /// connection is lost; then it is given up. Default `None`: each event is sent once.
    ///
    /// With it every event that is not volatile asks for an acknowledgement and waits, for however long there is no
    /// connection, until the one before it has its own or is given up; so they arrive at least once, in order.
    /// [`Socket::flushed`](crate::Socket::flushed) waits until all are through. `queue_ttl` then concerns none of them.
    pub retries: Option<u32>,
    /// Bytes of events that may wait while there is no connection, or a slow one. Default 1 MiB. Each event counts
    /// some hundred bytes more than what is sent of it, for what it takes of memory.
    ///
    /// Above, emitting fails with [`EmitError::Full`](crate::EmitError::Full).
    pub max_queued_bytes: usize,
    /// How long an event waits for a connection before it is dropped. Default 60 s.
    ///
    /// An event that asks for an acknowledgement waits as long as its sender does.
    pub queue_ttl: Duration,
    /// Events that may wait in an [`Events`](crate::Events) stream; above, the connection is ended, since an
    /// application that lost an event unknowingly would be worse off. Default 65,536.
    ///
    /// Not reading from the network instead would also hold back the answers that the application may wait for.
    pub max_pending_events: usize,
    /// Largest message in bytes that is accepted from the server. Default 64 MiB.
    pub max_message: usize,
    /// How packets are written, which must be what the server reads. Default JSON.
    ///
    /// With MessagePack a packet with bytes is one message, and bytes within JSON-like values cost no more than others.
    pub parser: Parser,
    /// How many binary attachments a received packet may have. Default 10.
    pub max_attachments: usize,
    /// How long a connection that is being closed may take to send what waits. Default 2 s.
    pub close_timeout: Duration,
    /// TLS for `https` and `wss`, instead of the default: the operating system's verifier, which also trusts the
    /// certificate authorities that its administrator added, such as that of a company's proxy.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: "/socket.io/".to_owned(),
            transports: vec![Transport::Adaptive, Transport::WebSocket, Transport::Polling],
            tiers: Tier::ALL.to_vec(),
            race_delay: Duration::from_millis(150),
            transport_deadline: Duration::from_secs(5),
            upgrade: true,
            reconnection: Some(Reconnection::default()),
            headers: HeaderMap::new(),
            cookies: false,
            ack_timeout: Duration::from_secs(5),
            retries: None,
            max_queued_bytes: 1024 * 1024,
            queue_ttl: Duration::from_secs(60),
            max_pending_events: 65_536,
            max_message: 64 * 1024 * 1024,
            parser: Parser::default(),
            max_attachments: 10,
            close_timeout: Duration::from_secs(2),
            tls: None,
        }
    }
}
