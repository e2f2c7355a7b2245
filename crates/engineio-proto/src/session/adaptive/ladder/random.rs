use std::time::Duration;

/// Random numbers for jitter: [mulberry32](https://gist.github.com/tommyettinger/46a874533244883189143505d203312c),
/// which is the same in JavaScript, bit for bit.
#[derive(Clone, Debug)]
pub(super) struct Random(u32);

impl Random {
    pub(super) const fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x6D2B_79F5);
        let mut t = self.0;
        t = (t ^ (t >> 15)).wrapping_mul(t | 1);
        t ^= t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 61));
        t ^ (t >> 14)
    }

    /// 80 % to 120 % of a wait, in whole milliseconds.
    pub(super) fn jitter(&mut self, wait: Duration) -> Duration {
        let permille = 800 + u64::from(self.next() % 401);
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(millis.saturating_mul(permille) / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_javascript_original() {
        let mut random = Random::new(1);
        assert_eq!([random.next(), random.next(), random.next()], [2_693_262_067, 11_749_833, 2_265_367_787]);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        let mut random = Random::new(7);
        let waits: Vec<_> = (0..1000).map(|_| random.jitter(Duration::from_secs(30)).as_millis()).collect();
        assert!(waits.iter().all(|wait| (24_000..=36_000).contains(wait)), "{waits:?}");
        assert!(waits.iter().any(|wait| *wait < 25_000) && waits.iter().any(|wait| *wait > 35_000));
        assert_eq!(random.jitter(Duration::ZERO), Duration::ZERO);
    }
}
