use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// Random-looking numbers from a seed: ids, latencies, secrets. Needs no lock and no system call.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    next: AtomicU64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed: mix(seed), next: AtomicU64::new(0) }
    }

    pub(crate) fn uuid(&self) -> Uuid {
        let (high, low) = (u128::from(self.number()), u128::from(self.number()));
        uuid::Builder::from_random_bytes((high << 64 | low).to_be_bytes()).into_uuid()
    }

    pub(crate) fn number(&self) -> u64 {
        mix(self.seed ^ mix(self.next.fetch_add(1, Ordering::Relaxed)))
    }

    /// Evenly distributed, at least 0 and below 1.
    pub(crate) fn fraction(&self) -> f64 {
        fraction(self.number())
    }
}

/// Maps 64 random bits to a number that is at least 0 and below 1.
pub(crate) fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood, 2014): every bit of the input changes half of the output.
pub(crate) fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
