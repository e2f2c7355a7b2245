use std::time::{Duration, Instant};

/// How many packets of the other side have come, and how many it knows of.
#[derive(Debug)]
pub(super) struct Incoming {
    received: u64,
    told: u64,
    untold_bytes: usize,
    untold_since: Option<Instant>,
    /// How long the other side may wait to be told.
    delay: Duration,
}

/// What a packet with a number is to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Some before it are missing.
    Gap,
    /// The next one.
    New,
    /// It has come before.
    Repeat,
}

impl Incoming {
    pub(super) fn new(delay: Duration) -> Self {
        Self { received: 0, told: 0, untold_bytes: 0, untold_since: None, delay }
    }

    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Whether packets may follow that are numbered from this one.
    pub(super) fn leaves_gap(&self, first: u64) -> bool {
        first > self.received + 1
    }

    /// Counts a packet; `bytes` is its length.
    pub(super) fn accept(&mut self, now: Instant, number: u64, bytes: usize) -> Arrival {
        if number <= self.received {
            return Arrival::Repeat;
        }
        if self.leaves_gap(number) {
            return Arrival::Gap;
        }
        self.received = number;
        self.untold_bytes += bytes;
        self.untold_since.get_or_insert(now);
        Arrival::New
    }

    /// Whether the other side shall be told at once.
    pub(super) fn is_due(&self) -> bool {
        self.received - self.told >= MAX_UNTOLD || self.untold_bytes >= MAX_UNTOLD_BYTES
    }

    /// When it shall be told at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.untold_since.map(|since| since + self.delay)
    }

    /// The count that is told now.
    pub(super) fn tell(&mut self) -> u64 {
        self.told = self.received;
        self.untold_bytes = 0;
        self.untold_since = None;
        self.received
    }
}

const MAX_UNTOLD: u64 = 32;
const MAX_UNTOLD_BYTES: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_number_is_new() {
        let now = Instant::now();
        let mut incoming = Incoming::new(Duration::from_millis(200));
        assert_eq!(incoming.accept(now, 2, 1), Arrival::Gap);
        assert_eq!(incoming.accept(now, 1, 1), Arrival::New);
        assert_eq!(incoming.accept(now, 1, 1), Arrival::Repeat);
        assert_eq!(incoming.accept(now, u64::MAX, 1), Arrival::Gap);
        assert_eq!(incoming.received(), 1);
        assert_eq!(incoming.deadline(), Some(now + Duration::from_millis(200)));
        assert_eq!((incoming.tell(), incoming.deadline()), (1, None));
    }

    #[test]
    fn the_count_is_due_after_32_packets_or_32_kib() {
        let now = Instant::now();
        let mut incoming = Incoming::new(Duration::ZERO);
        for number in 1..32 {
            incoming.accept(now, number, 1);
            assert!(!incoming.is_due());
        }
        incoming.accept(now, 32, 1);
        assert!(incoming.is_due());
        incoming.tell();
        incoming.accept(now, 33, 32 * 1024);
        assert!(incoming.is_due());
    }
}
