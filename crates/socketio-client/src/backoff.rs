use std::time::{Duration, Instant};

/// Whether and when a lost connection is tried again.
///
/// The defaults are those of the JavaScript client.
///
/// ```
/// use std::time::Duration;
/// use socketio_client::{Config, Reconnection};
///
/// let reconnection = Reconnection { max_delay: Duration::from_secs(30), ..Reconnection::default() };
/// let config = Config { reconnection: Some(reconnection), ..Config::default() };
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnection {
    /// The wait after the first failure; it doubles with each further one. Default 1 s.
    pub delay: Duration,
    /// The longest wait. Default 5 s. Raise it for many clients, which all come back after a restart.
    pub max_delay: Duration,
    /// By which share a wait is made longer or shorter at random, 0 to 1. Default 0.5.
    pub randomization: f64,
    /// How often to try before giving up. Default `None`: for ever.
    pub attempts: Option<u32>,
}

impl Default for Reconnection {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(5),
            randomization: 0.5,
            attempts: None,
        }
    }
}

/// Exponential backoff with jitter, without a clock and without randomness of its own.
///
/// ```
/// use socketio_client::{Backoff, Reconnection};
/// use std::time::{Duration, Instant};
///
/// let now = Instant::now();
/// let mut backoff = Backoff::new(Reconnection::default());
/// assert_eq!(backoff.next(now, 0.5), Some(now + Duration::from_secs(1)));
/// assert_eq!(backoff.next(now, 0.5), Some(now + Duration::from_secs(2)));
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    config: Reconnection,
    failures: u32,
}

impl Backoff {
    /// A backoff before its first failure.
    pub fn new(config: Reconnection) -> Self {
        Self { config, failures: 0 }
    }

    /// An attempt has failed: when to make the next one, or `None` to give up.
    ///
    /// `random` is uniform in `0.0..1.0`. The wait is uniform between its shortest and its longest value, and never
    /// above the maximum: clients that have waited long are still spread, where cutting off at the maximum would let
    /// half of them come at the same time.
    pub fn next(&mut self, now: Instant, random: f64) -> Option<Instant> {
        if self.config.attempts.is_some_and(|attempts| self.failures >= attempts) {
            return None;
        }
        let max = self.config.max_delay;
        let factor = 2_u32.saturating_pow(self.failures.min(MAX_DOUBLINGS));
        let delay = self.config.delay.saturating_mul(factor).min(max);
        self.failures = self.failures.saturating_add(1);
        let jitter = clamp(self.config.randomization);
        let low = delay.mul_f64(1.0 - jitter);
        let high = delay.mul_f64(1.0 + jitter).min(max);
        Some(now + low + high.saturating_sub(low).mul_f64(clamp(random)))
    }

    /// The connection is good again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

/// Into 0 to 1; what is not a number becomes 0.
fn clamp(share: f64) -> f64 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}

/// 2^31 times any delay is beyond any maximum that makes sense.
const MAX_DOUBLINGS: u32 = 31;

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(config: &Reconnection, random: f64, count: usize) -> Vec<u128> {
        let now = Instant::now();
        let mut backoff = Backoff::new(config.clone());
        let next = || backoff.next(now, random);
        std::iter::from_fn(next).take(count).map(|at| (at - now).as_millis()).collect()
    }

    #[test]
    fn waits_double_up_to_the_maximum_and_are_spread() {
        let config = Reconnection::default();
        assert_eq!(waits(&config, 0.0, 5), [500, 1000, 2000, 2500, 2500]);
        assert_eq!(waits(&config, 0.5, 5), [1000, 2000, 3500, 3750, 3750]);
        assert_eq!(waits(&config, 1.0, 5), [1500, 3000, 5000, 5000, 5000]);
    }

    #[test]
    fn attempts_are_limited_and_a_success_resets_them() {
        let now = Instant::now();
        let mut backoff = Backoff::new(Reconnection { attempts: Some(2), ..Reconnection::default() });
        let first = backoff.next(now, 0.5);
        assert!(backoff.next(now, 0.5) > first);
        assert_eq!((backoff.next(now, 0.5), backoff.failures()), (None, 2));
        backoff.reset();
        assert_eq!(backoff.next(now, 0.5), first);
    }

    #[test]
    fn no_setting_overflows_or_panics() {
        for randomization in [f64::NAN, -3.0, 0.0, 7.0, f64::INFINITY] {
            let config = Reconnection {
                delay: Duration::from_secs(u32::MAX.into()),
                max_delay: Duration::from_secs(60),
                randomization,
                attempts: None,
            };
            for random in [f64::NAN, -1.0, 2.0] {
                assert!(waits(&config, random, 100).iter().all(|wait| *wait <= 60_000));
            }
        }
    }
}
