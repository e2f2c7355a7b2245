//! The adaptive transport: one session that moves between carriers, as `docs/adaptive-transport.md` has it.

pub mod body;
mod client;
pub(super) use client::Client;

mod incoming;
pub mod ladder;
mod outgoing;

mod query;
pub use query::{AdaptiveQuery, CarrierQuery, Exchange, InvalidKey, Key, SessionName};

mod record;
pub use record::{Attach, End, MAX_NUMBER, Record};

mod rtt;

mod server;
pub(super) use server::Server;

mod session;

use std::time::Duration;

use ladder::Tier;

/// How an adaptive session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What carries the session; `None` between two carriers.
    pub tier: Option<Tier>,
    /// The smoothed round-trip time, once measured.
    pub round_trip: Option<Duration>,
    /// Bytes that were sent and are not acknowledged.
    pub unacknowledged_bytes: usize,
    /// Bytes that wait for a carrier or for acknowledgements.
    pub waiting_bytes: usize,
}

/// The shortest liveness interval.
const MIN_LIVENESS: Duration = Duration::from_millis(2900);
