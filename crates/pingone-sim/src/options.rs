use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use uuid::Uuid;

use crate::{Assumptions, CustomAttribute};

/// How a simulator behaves. The defaults are a fast environment without faults.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on. Default: `127.0.0.1:0`, a free port.
    pub listen: SocketAddr,
    /// Writes per second that are let through; `None` means no limit. Default: none.
    pub rate_limit: Option<f64>,
    /// Time that each request takes at least, drawn evenly from the range. Default: zero.
    pub latency: RangeInclusive<Duration>,
    /// Share of requests that meet a fault, from 0 to 1: one in five each of 429, 5xx, a reset connection, no
    /// answer at all, and an answer that is lost after the work was done. Default: 0.
    pub faults: f64,
    /// Seed of everything random: ids, latencies, faults. Default: 0.
    pub seed: u64,
    /// The one environment. Default: made from the seed.
    pub environment: Option<Uuid>,
    /// How the worker application is set to authenticate. Default: `CLIENT_SECRET_BASIC`.
    pub token_auth_method: TokenAuthMethod,
    /// Lifetime of a token. Default: one hour, as in PingOne.
    pub token_lifetime: Duration,
    /// How long a request that is to hang is held before its connection is closed. Default: 60 s.
    pub hang: Duration,
    /// Names of the populations; the first one is the default population. Default: `Default`.
    pub populations: Vec<String>,
    /// Whether the first population is the environment's default. Default: yes.
    pub default_population: bool,
    /// Attributes beside PingOne's own. Default: none.
    pub custom_attributes: Vec<CustomAttribute>,
    /// Whether bodies are indented as PingOne's are. Default: yes.
    pub pretty: bool,
    /// Everything that PingOne's documentation leaves open.
    pub assumptions: Assumptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            rate_limit: None,
            latency: Duration::ZERO..=Duration::ZERO,
            faults: 0.0,
            seed: 0,
            environment: None,
            token_auth_method: TokenAuthMethod::ClientSecretBasic,
            token_lifetime: Duration::from_secs(3600),
            hang: Duration::from_secs(60),
            populations: vec!["Default".into()],
            default_population: true,
            custom_attributes: Vec::new(),
            pretty: true,
            assumptions: Assumptions::default(),
        }
    }
}

/// A worker application's setting; a client that uses the other method is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAuthMethod {
    /// `CLIENT_SECRET_BASIC`: an `Authorization: Basic` header.
    ClientSecretBasic,
    /// `CLIENT_SECRET_POST`: `client_id` and `client_secret` in the form.
    ClientSecretPost,
}
