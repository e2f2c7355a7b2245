use std::time::Duration;

use socketio_proto::Limits;

use crate::Recovery;

/// How a server behaves; the defaults are those of the reference implementation unless stated otherwise.
///
/// ```
/// use std::time::Duration;
/// use socketio::{Config, Recovery};
///
/// let mut config = Config { recovery: Some(Recovery::default()), ..Config::default() };
/// config.engine.path = "/live/".to_owned();
/// config.ack_timeout = Duration::from_secs(10);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// The transport below: path (default `/socket.io/`), heartbeat, limits.
    pub engine: engineio::Config,
    /// How long a connection may live without joining a namespace. Default 45 s.
    pub connect_timeout: Duration,
    /// How long [`SocketRef::emit_with_ack`](crate::SocketRef::emit_with_ack) waits for the answer.
    ///
    /// Default 5 s; the reference waits for ever.
    pub ack_timeout: Duration,
    /// How clients may write packets. Default JSON, as with the reference implementation.
    pub parsers: Parsers,
    /// How many binary attachments a received packet may have. Default 10.
    ///
    /// A packet that is not complete keeps up to that many messages of the transport's maximum size.
    pub max_attachments: usize,
    /// How long to wait for other servers; only with [`Builder::adapter`](crate::Builder::adapter). Default 5 s.
    pub cluster_timeout: Duration,
    /// How many namespaces there may be; [`SocketIo::dynamic`](crate::SocketIo::dynamic) makes no more. Default 10,000.
    ///
    /// The reference has no such limit, so that a client can make as many as it can name.
    pub max_namespaces: usize,
    /// Whether `socket.io.js` and its variants are served below the endpoint's path. Default true.
    ///
    /// It takes the feature `client`, and the npm package `socket.io` when the server is built; the framework around it
    /// must route everything below the path to [`SocketIo::service`](crate::SocketIo::service).
    pub serve_client: bool,
    /// Whether clients that lost their connection get their session back, and how. Default none.
    ///
    /// With it each event bears one more argument, a string, as with the reference implementation.
    /// Events of a namespace then go out one after the other, whichever threads emit them.
    pub recovery: Option<Recovery>,
}

impl Default for Config {
    fn default() -> Self {
        let mut engine = engineio::Config::default();
        "/socket.io/".clone_into(&mut engine.path);
        Self {
            engine,
            connect_timeout: Duration::from_secs(45),
            ack_timeout: Duration::from_secs(5),
            parsers: Parsers::default(),
            max_attachments: Limits::default().max_attachments,
            cluster_timeout: Duration::from_secs(5),
            max_namespaces: 10_000,
            serve_client: true,
            recovery: None,
        }
    }
}

/// How clients may write packets; each is answered in kind.
///
/// <https://socket.io/docs/v4/custom-parser/>
///
/// ```
/// use socketio::{Config, Parsers, SocketIo};
///
/// let io = SocketIo::new(Config { parsers: Parsers::Both, ..Config::default() });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parsers {
    /// JSON, the default of all clients.
    #[default]
    Json,
    /// MessagePack, as `socket.io-msgpack-parser` writes it. Packets with bytes are one message instead of several.
    ///
    /// On long-polling it travels in base64, so that three quarters of `max_payload` are the largest packet there.
    MessagePack,
    /// What a client begins with. A broadcast is encoded once for each form that its recipients have.
    Both,
}
