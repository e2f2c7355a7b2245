use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// A token bucket over writes.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: f64,
    burst: f64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Limiter {
    pub(crate) fn new(rate: f64, burst: Option<f64>, now: Instant) -> Self {
        let burst = burst.unwrap_or(rate).max(1.0);
        Self { rate, burst, bucket: Mutex::new(Bucket { tokens: burst, filled: now }) }
    }

    /// Lets a write through, or says how long it takes until the next one may come.
    pub(crate) fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut bucket = self.bucket.lock();
        let elapsed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * self.rate).min(self.burst);
        bucket.filled = bucket.filled.max(now);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - bucket.tokens) / self.rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_holds_over_time() {
        let start = Instant::now();
        let limiter = Limiter::new(50.0, Some(10.0), start);
        let asked = 0..10_000;
        let admitted = asked.filter(|ms| limiter.admit(start + Duration::from_millis(*ms)).is_ok()).count();
        assert!((509..=510).contains(&admitted), "{admitted}");
    }
}
