//! How long a client waits, and how it asks; in numbers that every implementation shares.

use std::time::Duration;

use super::super::{MIN_LIVENESS, ladder::Tier, outgoing::max_packets, rtt::Rtt};

/// How long the server may take to answer a request that it may hold for so long, beside the transfer of its body.
pub(super) fn answer_time(
    rtt: &Rtt,
    tier: Tier,
    hold: Duration,
    attaches: bool,
    is_expecting: bool,
) -> Duration {
    if attaches || !is_expecting {
        return hold + (CONNECTING * rtt.timeout()).min(MAX_PATIENCE);
    }
    match tier {
        // The time before it was made counts as well.
        Tier::Periodic => rtt.patience(Duration::ZERO, MIN_LIVENESS - SHORT_HOLD),
        Tier::LongPoll | Tier::WebSocket => rtt.patience(hold, MIN_LIVENESS),
    }
}

/// Whether a response has so much that there is more where it came from.
pub(super) fn is_full(bytes: usize, packets: usize, window: usize, max_payload: usize) -> bool {
    bytes >= window.min(max_payload) / 2 || packets >= max_packets(window) / 2
}

/// The time that is granted for bytes on a slow network: 1 s per 32 KiB.
pub(super) fn transfer_time(bytes: usize) -> Duration {
    Duration::from_millis(bytes as u64 * 1000 / (32 * 1024))
}

/// How many time-outs a request may take, because it may have to open a connection.
const CONNECTING: u32 = 3;

/// Well before a session ends that nothing is heard of.
const MAX_PATIENCE: Duration = Duration::from_secs(20);

/// How long requests are held while events are expected, or while a long-poll is tried; and the longest time between
/// those of `periodic` while events are expected.
pub(super) const SHORT_HOLD: Duration = Duration::from_secs(1);

/// A request that took so long was held.
pub(super) const HELD: Duration = Duration::from_millis(750);

#[cfg(test)]
#[path = "timing_vectors.rs"]
mod vectors;
