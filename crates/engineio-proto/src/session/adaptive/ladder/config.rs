use std::time::Duration;

use super::{Tier, Tiers};

/// How a [`Ladder`](super::Ladder) behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LadderConfig {
    /// The tiers that may be used. Default all. None counts as all.
    pub tiers: Tiers,
    /// Time for a tier to carry data both ways before the next one is started beside it. Default 150 ms.
    ///
    /// Once the session is open it is at least 250 ms, because a carrier that has to attach again costs a round trip.
    pub race_delay: Duration,
    /// Time for a carrier to prove itself before it is given up. Default 10 s.
    pub trial_deadline: Duration,
    /// The tier that worked here before, and how long ago that was noted. Default none.
    pub remembered: Option<(Tier, Duration)>,
    /// Where the random numbers for jitter begin. Default 0; choose it at random.
    pub seed: u32,
}

impl Default for LadderConfig {
    fn default() -> Self {
        Self {
            tiers: Tiers::ALL,
            race_delay: Duration::from_millis(150),
            trial_deadline: Duration::from_secs(10),
            remembered: None,
            seed: 0,
        }
    }
}

impl LadderConfig {
    /// The tier that an opening begins with.
    pub(super) fn first(&self, tiers: Tiers) -> Tier {
        let remembered = self.remembered.filter(|(tier, age)| tiers.contains(*tier) && *age < MEMORY);
        remembered.map(|(tier, _)| tier).or_else(|| tiers.best()).unwrap_or(Tier::WebSocket)
    }
}

/// The shortest [`LadderConfig::race_delay`] of a session that is open.
pub(super) const MIN_RACE_DELAY: Duration = Duration::from_millis(250);

/// How long a tier is remembered.
pub(super) const MEMORY: Duration = Duration::from_mins(10);

/// How long a tier must have carried the session to be remembered.
pub(super) const PROOF: Duration = Duration::from_secs(10);

/// How often what is remembered is noted again while it goes on.
pub(super) const REFRESH: Duration = Duration::from_mins(5);

/// Waits between the trials of a better tier; the last one is repeated.
pub(super) const WAITS: [Duration; 3] =
    [Duration::from_secs(30), Duration::from_mins(2), Duration::from_mins(10)];

/// A WebSocket that fails sooner after its promotion is on probation.
pub(super) const PROBATION: Duration = Duration::from_secs(30);

/// The same for an HTTP tier, which has no connection that is cut now and then: if it fails, something in its way does
/// not allow it, as where a proxy allows one connection and a request with packets needs a second.
pub(super) const HTTP_PROBATION: Duration = Duration::from_mins(10);

/// How long trials wait after the network may have gone.
pub(super) const OFFLINE: Duration = Duration::from_secs(5);

/// The wait before the worst tier is started again, and the longest that it grows to.
pub(super) const RESTART: Duration = Duration::from_millis(100);
pub(super) const MAX_RESTART: Duration = Duration::from_secs(5);

/// The round-trip time-out before the first measurement, and the shortest.
pub(super) const MIN_RTO: Duration = Duration::from_secs(1);

/// Carriers that race to open a session have the epochs up to this one, the better tier the greater.
pub(super) const RACE_EPOCHS: u32 = 3;
