use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use uuid::Uuid;

use crate::{Access, Assumptions, CustomAttribute, FaultKind};

/// How a simulator behaves. The defaults are a fast environment without faults.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on. Default: `127.0.0.1:0`, a free port.
    pub listen: SocketAddr,
    /// Writes per second that are let through; `None` means no limit. Default: none.
    pub rate_limit: Option<f64>,
    /// Reads per second that are let through, counted apart from writes, since PingOne limits groups of requests.
    /// Default: no limit.
    pub read_limit: Option<f64>,
    /// Requests of any kind per second that are let through from one IP address; PingOne grants one address 35 %
    /// of the licence's rate. Default: no limit.
    pub ip_limit: Option<f64>,
    /// Time that each request takes at least, drawn evenly from the range. Default: zero.
    pub latency: RangeInclusive<Duration>,
    /// Share of requests that meet a fault, from 0 to 1. Default: 0.
    pub faults: f64,
    /// The faults that they meet, each as often as the others. Default: 429, 5xx, a reset connection, no answer at
    /// all, and an answer that is lost after the work was done.
    pub fault_kinds: Vec<FaultKind>,
    /// How much longer a request takes that is to be slow. Default: 3 s.
    pub slow: Duration,
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
    /// What the worker application may do. Default: everything.
    pub access: Access,
    /// Names of the populations; the first one is the default population. Default: `Default`.
    pub populations: Vec<String>,
    /// Whether the first population is the environment's default. Default: yes.
    pub default_population: bool,
    /// Attributes beside PingOne's own. Default: none.
    pub custom_attributes: Vec<CustomAttribute>,
    /// Whether bodies are indented as PingOne's are. Default: yes.
    pub pretty: bool,
    /// Whether to speak TLS, with a certificate for `localhost` and the address that is listened on, signed by an
    /// authority that is made at the start: [`Simulator::certificate`](crate::Simulator::certificate). Default: no.
    pub tls: bool,
    /// Host names beside `localhost` that the certificate is for. Default: none.
    pub tls_names: Vec<String>,
    /// Whether every request and its answer are kept: [`Simulator::exchanges`](crate::Simulator::exchanges).
    /// Default: no.
    pub record: bool,
    /// Everything that PingOne's documentation leaves open.
    pub assumptions: Assumptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            rate_limit: None,
            read_limit: None,
            ip_limit: None,
            latency: Duration::ZERO..=Duration::ZERO,
            faults: 0.0,
            fault_kinds: FaultKind::DEFAULT.to_vec(),
            slow: Duration::from_secs(3),
            seed: 0,
            environment: None,
            token_auth_method: TokenAuthMethod::ClientSecretBasic,
            token_lifetime: Duration::from_secs(3600),
            hang: Duration::from_secs(60),
            access: Access::Full,
            populations: vec!["Default".into()],
            default_population: true,
            custom_attributes: Vec::new(),
            pretty: true,
            tls: false,
            tls_names: Vec::new(),
            record: false,
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
