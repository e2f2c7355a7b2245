//! Faults that pass, drawn for each request by its number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pingone_sim::{Fault, RetryAfter, Simulator};

/// Which requests meet which fault.
#[derive(Debug)]
pub(super) struct Faults {
    seed: u64,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// From now on.
    pub(super) fn begin(self, simulator: &Simulator) {
        let (arrived, seed) = (Arc::new(AtomicU64::new(0)), self.seed);
        for (index, fault) in (0..).zip(kinds()) {
            let arrived = Arc::clone(&arrived);
            simulator.fail_next(usize::MAX, fault, move |_| {
                // Every request is shown to all of these in turn until one takes it.
                let request = match index {
                    0 => arrived.fetch_add(1, Ordering::SeqCst),
                    _ => arrived.load(Ordering::SeqCst) - 1,
                };
                drawn(seed, request) % ONE_IN == index
            });
        }
    }
}

/// A 429, two errors, a lost connection before the work, three lost answers after it, and a token that ends.
fn kinds() -> [Fault; 8] {
    [
        Fault::Throttle(RetryAfter::Absent),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Reset,
        Fault::LoseAnswer,
        Fault::StatusAfter(502),
        Fault::StatusAfter(504),
        Fault::ExpireToken,
    ]
}

/// A number that nobody would guess from the other two.
pub(super) fn drawn(seed: u64, number: u64) -> u64 {
    let mut bits = (seed << 32 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits ^= bits >> 31;
    bits = bits.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^ bits >> 29
}

/// Eight of so many requests meet a fault: one in fifteen.
const ONE_IN: u64 = 120;
