use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How a simulator behaves. The defaults are a fast environment without faults.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on. Default: `127.0.0.1:0`, a free port.
    pub listen: SocketAddr,
    /// Writes per second that are let through; `None` means no limit. Default: none.
    pub rate_limit: Option<f64>,
    /// Time that each request takes at least, drawn evenly from the range. Default: zero.
    pub latency: RangeInclusive<Duration>,
    /// Share of requests that meet a fault, from 0 to 1. Default: 0.
    pub faults: f64,
    /// Seed of everything random. Default: 0.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            rate_limit: None,
            latency: Duration::ZERO..=Duration::ZERO,
            faults: 0.0,
            seed: 0,
        }
    }
}
