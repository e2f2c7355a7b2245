use std::time::Duration;

use super::adaptive::ladder::Tiers;

/// Times and limits of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionConfig {
    /// Time between two PING packets of the server. Default 25 s.
    pub ping_interval: Duration,
    /// Time in which the client must be heard after a PING. Default 20 s.
    pub ping_timeout: Duration,
    /// Time for a WebSocket to prove itself before the upgrade is abandoned. Default 10 s.
    pub upgrade_timeout: Duration,
    /// Client: time for the server's OPEN packet to arrive. Default 20 s.
    pub open_timeout: Duration,
    /// The longest that the server holds a poll. Default 25 s, below what proxies tolerate
    /// ([RFC 6202 §5.5](https://www.rfc-editor.org/rfc/rfc6202#section-5.5)).
    pub poll_hold: Duration,
    /// How long a closing session waits for a poll that takes its last packets. Default 30 s.
    pub close_timeout: Duration,
    /// Largest message and largest payload in bytes that is accepted, on every carrier. Default 1,000,000.
    pub max_payload: usize,
    /// Bytes that may wait for a slow peer before the session ends; a single message may exceed it.
    /// Each packet counts [`Prepared::OVERHEAD`](crate::Prepared::OVERHEAD) more than its payload.
    /// Default 1 MiB. It bounds the memory of a connection.
    pub max_queued_bytes: usize,
    /// Server: offer the upgrade to WebSocket. Client: take it. Default true.
    pub upgrade: bool,
    /// Server: end the session on overlapping or aborted polls, as the reference implementation does, where the
    /// default answers the older poll and keeps the packets for the next one. Default false.
    pub strict_polling: bool,
    /// What holds for adaptive sessions; of this a client uses nothing, as the server's OPEN packet states it.
    pub adaptive: AdaptiveConfig,
}

/// Times and limits of adaptive sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdaptiveConfig {
    /// The carriers that are offered. Default all.
    pub tiers: Tiers,
    /// Bytes of packets that either side may have sent without an acknowledgement, one packet
    /// for each [`Prepared::OVERHEAD`](crate::Prepared::OVERHEAD) of them at most. Default 256 KiB. It bounds the memory
    /// of a connection together with [`SessionConfig::max_queued_bytes`].
    pub window: usize,
    /// How long a session outlives its last carrier, and how long nothing new may be acknowledged. Default 60 s.
    pub expiry: Duration,
    /// Time between two requests of the `periodic` carrier. Default 5 s.
    pub period: Duration,
}

impl Default for AdaptiveConfig {
    fn default() -> Self {
        Self {
            tiers: Tiers::ALL,
            window: 256 * 1024,
            expiry: Duration::from_secs(60),
            period: Duration::from_secs(5),
        }
    }
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            open_timeout: Duration::from_secs(20),
            poll_hold: Duration::from_secs(25),
            close_timeout: Duration::from_secs(30),
            max_payload: 1_000_000,
            max_queued_bytes: 1024 * 1024,
            upgrade: true,
            strict_polling: false,
            adaptive: AdaptiveConfig::default(),
        }
    }
}
