use std::{sync::Arc, time::Duration};

use engineio_proto::{AdaptiveConfig, SessionConfig, Sid, Tier, Tiers};
use http::HeaderValue;

/// How a server behaves. Unknown to clients except for what the handshake tells them.
///
/// ```
/// use std::time::Duration;
/// use engineio::Config;
///
/// let mut config = Config::default();
/// config.path = "/live/".to_owned();
/// config.ping_interval = Duration::from_secs(10);
/// config.per_message_deflate = Some(1024);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Path of the endpoint; a trailing slash is optional in requests, and both slashes are here. Default `/engine.io/`.
    pub path: String,
    /// Time between two PING packets. Default 25 s.
    pub ping_interval: Duration,
    /// Time in which a client must be heard after a PING. Default 20 s.
    pub ping_timeout: Duration,
    /// Time for a WebSocket to prove itself before an upgrade is abandoned; the session goes on with polling.
    /// Default 10 s.
    pub upgrade_timeout: Duration,
    /// Largest message or payload in bytes, on every carrier; a larger one gets 413, or close code 1009.
    /// Default 1,000,000.
    pub max_payload: usize,
    /// Bytes that may wait for one slow client; above, it is disconnected with `slow consumer`. Default 1 MiB.
    /// Each packet counts [`Prepared::OVERHEAD`](crate::Prepared::OVERHEAD) more than its payload.
    ///
    /// As much may wait for the handler of a session; then nothing more is read from its WebSocket, and requests that
    /// come beside the one that is being handled are refused.
    pub max_queued_bytes: usize,
    /// Whether HTTP long-polling is offered. Default true.
    pub polling: bool,
    /// Whether WebSocket is offered. Default true.
    pub websocket: bool,
    /// The adaptive transport beside the standard ones, as far as these are offered; `None` for not. Default on.
    pub adaptive: Option<AdaptiveConfig>,
    /// End a session on overlapping or aborted polls, as the reference implementation does. Default false: the
    /// newest poll wins, and what an aborted one carried is delivered by the next.
    pub strict_polling: bool,
    /// Let in clients of revision 3 of the protocol too, those of Socket.IO 1 and 2, `allowEIO3` of the reference
    /// implementation. Default false: they are told `Unsupported protocol version`.
    pub allow_eio3: bool,
    /// Compress answers to polls with gzip from this many bytes, for clients that accept it. Default 1024; `None` for
    /// never.
    pub http_compression: Option<usize>,
    /// Compress WebSocket messages from this many bytes, for clients that offer `permessage-deflate`. Default
    /// `None`: compression costs far more processor time than it saves on most networks. No context is kept between
    /// messages, so a broadcast is compressed once and a connection keeps no window.
    pub per_message_deflate: Option<usize>,
    /// A cookie with the session's id, for load balancers that keep clients at one server by it. Default none.
    pub cookie: Option<Cookie>,
    /// Which other origins may use long-polling. Default none, so that only pages of the server's own origin can.
    ///
    /// Browsers do not ask for permission to open a WebSocket: a server that trusts cookies has to look at `Origin` in
    /// [`Handler::allow`](crate::Handler::allow), whatever stands here.
    pub cors: Option<Cors>,
}

impl Default for Config {
    fn default() -> Self {
        let session = SessionConfig::default();
        Self {
            path: "/engine.io/".to_owned(),
            ping_interval: session.ping_interval,
            ping_timeout: session.ping_timeout,
            upgrade_timeout: session.upgrade_timeout,
            max_payload: session.max_payload,
            max_queued_bytes: session.max_queued_bytes,
            polling: true,
            websocket: true,
            adaptive: Some(AdaptiveConfig::default()),
            strict_polling: false,
            allow_eio3: false,
            http_compression: Some(1024),
            per_message_deflate: None,
            cookie: None,
            cors: None,
        }
    }
}

impl Config {
    pub(crate) fn session(&self) -> Arc<SessionConfig> {
        let mut session = SessionConfig::default();
        session.ping_interval = self.ping_interval;
        session.ping_timeout = self.ping_timeout;
        session.upgrade_timeout = self.upgrade_timeout;
        session.max_payload = self.max_payload;
        session.max_queued_bytes = self.max_queued_bytes;
        session.upgrade = self.websocket;
        session.strict_polling = self.strict_polling;
        if let Some(adaptive) = &self.adaptive {
            session.adaptive = adaptive.clone();
            session.adaptive.tiers = self.tiers();
        }
        Arc::new(session)
    }

    /// The carriers of adaptive sessions.
    pub(crate) fn tiers(&self) -> Tiers {
        let offered = self.adaptive.as_ref().map_or(Tiers::NONE, |adaptive| adaptive.tiers);
        let allowed = |tier: &Tier| if *tier == Tier::WebSocket { self.websocket } else { self.polling };
        offered.iter().filter(allowed).collect()
    }
}

/// Cross-origin requests that browsers shall let through.
///
/// <https://fetch.spec.whatwg.org/#http-cors-protocol>
///
/// ```
/// use engineio::{Config, Cors};
/// use http::HeaderValue;
///
/// let mut config = Config::default();
/// config.cors = Some(Cors::Origins(vec![HeaderValue::from_static("https://app.example.org")]));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cors {
    /// Any origin, without cookies.
    Any,
    /// These origins, with cookies.
    Origins(Vec<HeaderValue>),
}

/// A cookie that holds the session's id. It is `HttpOnly`, since no script has a use for it.
///
/// <https://httpwg.org/specs/rfc6265.html>
///
/// ```
/// use engineio::{Config, Cookie};
///
/// let mut cookie = Cookie::default();
/// cookie.secure = true;
/// let mut config = Config::default();
/// config.cookie = Some(cookie);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cookie {
    /// Its name. Default `io`.
    pub name: String,
    /// Its path. Default `/`.
    pub path: String,
    /// Its `SameSite` attribute. Default `Lax`.
    pub same_site: String,
    /// Whether it is sent over TLS only. Default false.
    pub secure: bool,
}

impl Default for Cookie {
    fn default() -> Self {
        Self { name: "io".to_owned(), path: "/".to_owned(), same_site: "Lax".to_owned(), secure: false }
    }
}

impl Cookie {
    pub(crate) fn header(&self, sid: &Sid) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let Self { name, path, same_site, .. } = self;
        HeaderValue::try_from(format!("{name}={sid}; Path={path}; HttpOnly; SameSite={same_site}{secure}"))
            .ok()
    }
}
