use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use parking_lot::Mutex;

use super::{Fault, FaultKind, RequestInfo};
use crate::ids::{fraction, mix};

/// Gives a share of all requests a fault.
///
/// Whether a request meets one depends on the seed, on what it asks and on how often it met one before, not on
/// when it comes. So a run with the same requests meets the same faults, however they overlap.
#[derive(Debug)]
pub(crate) struct Share {
    share: f64,
    kinds: Vec<FaultKind>,
    seed: u64,
    /// Faults so far, by the hash of the request.
    met: Mutex<HashMap<u64, u64>>,
}

impl Share {
    pub(crate) fn new(share: f64, kinds: Vec<FaultKind>, seed: u64) -> Self {
        let share = if kinds.is_empty() { 0.0 } else { share };
        Self { share, kinds, seed: mix(seed), met: Mutex::default() }
    }

    pub(crate) fn decide(&self, request: &RequestInfo<'_>) -> Option<Fault> {
        if self.share <= 0.0 {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (request.method, request.path, request.query, request.body).hash(&mut hasher);
        let key = hasher.finish();
        let mut met = self.met.lock();
        let count = met.get(&key).copied().unwrap_or(0);
        let bits = mix(self.seed ^ key ^ mix(count));
        if fraction(bits) >= self.share {
            return None;
        }
        met.insert(key, count + 1);
        let (bits, kinds) = (mix(bits), self.kinds.len() as u64);
        let kind = self.kinds[(bits % kinds) as usize];
        // A request for a token brings none that could have ended.
        let is_possible = kind != FaultKind::ExpiredToken || !request.path.ends_with("/as/token");
        is_possible.then(|| kind.fault(bits / kinds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(seed: u64, share: f64) -> Vec<Option<Fault>> {
        let faults = Share::new(share, FaultKind::DEFAULT.to_vec(), seed);
        let decide = |n: u32| {
            let body = format!("{{\"username\":\"user{n}\"}}");
            faults.decide(&RequestInfo { method: "POST", path: "/v1", query: None, body: body.as_bytes() })
        };
        (0..10_000).map(decide).collect()
    }

    #[test]
    fn the_share_is_met_and_every_kind_comes() {
        let met: Vec<Fault> = decisions(7, 0.1).into_iter().flatten().collect();
        assert!((900..1100).contains(&met.len()), "{}", met.len());
        for name in ["Throttle", "Status", "Reset", "Hang", "LoseAnswer"] {
            assert!(met.iter().any(|fault| format!("{fault:?}").starts_with(name)), "{name}");
        }
    }

    #[test]
    fn no_token_ends_while_one_is_asked_for() {
        let faults = Share::new(1.0, vec![FaultKind::ExpiredToken], 7);
        let decide =
            |path| faults.decide(&RequestInfo { method: "POST", path, query: None, body: b"grant_type" });
        assert!(decide("/environment/as/token").is_none() && decide("/v1").is_some());
    }

    #[test]
    fn a_seed_decides() {
        let text = |seed| format!("{:?}", decisions(seed, 0.1));
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }
}
