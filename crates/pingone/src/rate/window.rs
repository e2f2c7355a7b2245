use std::time::{Duration, Instant};

/// What came back in the last second, in tenths of a second.
#[derive(Debug)]
pub(super) struct Window {
    buckets: [Counts; BUCKETS],
    start: Instant,
    /// Number of the newest bucket since `start`.
    newest: u64,
}

/// Answers by their meaning for the rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// PingOne did its work, whatever the result.
    pub(super) accepted: u32,
    /// 429.
    pub(super) throttled: u32,
    /// 5xx, no answer in time, or a broken connection.
    pub(super) failed: u32,
    /// Requests that were sent, answered or not.
    pub(super) sent: u32,
}

impl Counts {
    pub(super) const fn total(self) -> u32 {
        self.accepted + self.throttled + self.failed
    }

    /// Answers, or requests if these are more: a refusal may come sooner than other answers, so the first answers
    /// are no sample.
    pub(super) fn requests(self) -> u32 {
        self.total().max(self.sent)
    }

    pub(super) fn throttled_share(self) -> f64 {
        f64::from(self.throttled) / f64::from(self.requests().max(1))
    }
}

impl Window {
    pub(super) fn new(now: Instant) -> Self {
        Self { buckets: [Counts::default(); BUCKETS], start: now, newest: 0 }
    }

    pub(super) fn count(&mut self, now: Instant, update: impl FnOnce(&mut Counts)) {
        self.advance(now);
        update(&mut self.buckets[(self.newest % BUCKETS as u64) as usize]);
    }

    /// The sum over the window.
    pub(super) fn sum(&mut self, now: Instant) -> Counts {
        self.advance(now);
        self.buckets.iter().fold(Counts::default(), |sum, bucket| Counts {
            accepted: sum.accepted + bucket.accepted,
            throttled: sum.throttled + bucket.throttled,
            failed: sum.failed + bucket.failed,
            sent: sum.sent + bucket.sent,
        })
    }

    /// Seconds that the window covers: less than its length right after the start.
    pub(super) fn seconds(&self, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.start).as_secs_f64();
        elapsed.clamp(BUCKET.as_secs_f64(), BUCKET.as_secs_f64() * BUCKETS as f64)
    }

    /// Requests per second in the last three to four tenths of a second.
    pub(super) fn pace(&mut self, now: Instant) -> f64 {
        self.advance(now);
        let numbers = self.newest.saturating_sub(LATELY)..=self.newest;
        let sent: u32 = { numbers }.map(|number| self.buckets[(number % BUCKETS as u64) as usize].sent).sum();
        let elapsed = now.saturating_duration_since(self.start).as_secs_f64();
        let begun = self.newest.saturating_sub(LATELY) as f64 * BUCKET.as_secs_f64();
        f64::from(sent) / (elapsed - begun).max(BUCKET.as_secs_f64())
    }

    fn advance(&mut self, now: Instant) {
        let number = (now.saturating_duration_since(self.start).as_millis() / BUCKET.as_millis()) as u64;
        let passed = number.saturating_sub(self.newest);
        for step in 1..=passed.min(BUCKETS as u64) {
            self.buckets[((self.newest + step) % BUCKETS as u64) as usize] = Counts::default();
        }
        if passed > 0 {
            // After a long gap every bucket was cleared, and any of them may be the newest.
            self.newest = number;
        }
    }
}

const BUCKETS: usize = 10;
const BUCKET: Duration = Duration::from_millis(100);
/// Tenths of a second before the present one.
const LATELY: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let start = Instant::now();
        let mut window = Window::new(start);
        let at = |ms| start + Duration::from_millis(ms);
        for ms in [0, 50, 950, 1000] {
            window.count(at(ms), |counts| counts.accepted += 1);
        }
        assert_eq!(window.sum(at(1000)).accepted, 2);
        assert_eq!(window.sum(at(1899)).accepted, 2);
        assert_eq!(window.sum(at(1900)).accepted, 1);
        assert_eq!(window.sum(at(100_000)).total(), 0);
    }

    #[test]
    fn the_pace_is_that_of_the_last_moments() {
        let start = Instant::now();
        let mut window = Window::new(start);
        let at = |ms| start + Duration::from_millis(ms);
        for ms in [0, 300, 650, 700, 750, 800, 850, 900, 950, 1000] {
            window.count(at(ms), |counts| counts.sent += 1);
        }
        assert!((window.pace(at(1000)) - 7.0 / 0.3).abs() < 1e-6);
        assert_eq!(window.pace(at(2000)), 0.0);
    }
}
