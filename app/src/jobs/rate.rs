//! How fast a job goes.

use std::collections::VecDeque;

use tokio::time::{Duration, Instant};

/// The rate over the last seconds.
#[derive(Debug)]
pub(super) struct Meter {
    /// When how many rows had been processed, oldest first; never empty.
    samples: VecDeque<(Instant, u64)>,
}

impl Meter {
    pub(super) fn new(now: Instant, processed: u64) -> Self {
        Self { samples: VecDeque::from([(now, processed)]) }
    }

    /// Notes that `processed` rows have an outcome, and gives the rows per second.
    pub(super) fn note(&mut self, now: Instant, processed: u64) -> f64 {
        while self.samples.len() > 1 && self.samples.get(1).is_some_and(|(at, _)| now - *at >= WINDOW) {
            self.samples.pop_front();
        }
        let recent = self.samples.back().is_some_and(|(at, _)| now - *at < SPACING);
        let rate = self.rate(now, processed);
        if !recent {
            self.samples.push_back((now, processed));
        }
        rate
    }

    fn rate(&self, now: Instant, processed: u64) -> f64 {
        let Some((since, before)) = self.samples.front() else { return 0.0 };
        let seconds = (now - *since).as_secs_f64();
        if seconds > 0.0 { (processed - before) as f64 / seconds } else { 0.0 }
    }
}

const WINDOW: Duration = Duration::from_secs(8);
const SPACING: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use tokio::time::{Duration, Instant};

    use super::Meter;

    #[test]
    fn the_rate_forgets_what_is_long_past() {
        let start = Instant::now();
        let mut meter = Meter::new(start, 0);
        for second in 1..=20_u64 {
            meter.note(start + Duration::from_secs(second), second * 10);
        }
        let mut rate = 0.0;
        for second in 21..=40_u64 {
            rate = meter.note(start + Duration::from_secs(second), 200 + (second - 20) * 100);
        }
        assert!((rate - 100.0).abs() < 1.0, "{rate}");
    }
}
