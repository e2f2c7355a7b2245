use std::time::{Duration, Instant};

use super::outgoing::max_packets;

/// How many packets of the other side have come, and how many it knows of.
#[derive(Debug)]
pub(super) struct Incoming {
    received: u64,
    /// Packets that have come since it was told, repeats too, and their length.
    untold: u64,
    untold_bytes: usize,
    untold_since: Option<Instant>,
    /// How long the other side may wait to be told.
    delay: Duration,
    /// Packets after which it is told at once, and their length.
    max_untold: u64,
    max_untold_bytes: usize,
    /// Whether the next packet that leaves shall take the count along.
    rides: bool,
    /// When it may do so again, though not many packets have come.
    rides_from: Option<Instant>,
}

/// When parts of a message came whose end is missing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Partial {
    /// When the first of them came, or when the other side was last told of one.
    since: Option<Instant>,
}

impl Partial {
    /// A part came; whether the other side shall be told, although there is no news, that it is heard.
    pub(super) fn came(&mut self, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        let is_due = now >= since + PARTIAL_DELAY;
        if is_due {
            self.since = Some(now);
        }
        is_due
    }
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
    pub(super) fn new(delay: Duration, window: usize) -> Self {
        let (received, untold, untold_bytes, untold_since) = (0, 0, 0, None);
        let (max_untold, max_untold_bytes) = max_untold(window);
        Self {
            received,
            untold,
            untold_bytes,
            untold_since,
            delay,
            max_untold,
            max_untold_bytes,
            rides: false,
            rides_from: None,
        }
    }

    /// The other side may have so many bytes under way.
    pub(super) fn set_window(&mut self, window: usize) {
        (self.max_untold, self.max_untold_bytes) = max_untold(window);
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
        if self.leaves_gap(number) {
            return Arrival::Gap;
        }
        // Who repeats one has not been told of it: a request that said so was stale, or never arrived.
        self.untold += 1;
        self.untold_bytes += bytes;
        self.untold_since.get_or_insert(now);
        if number <= self.received {
            return Arrival::Repeat;
        }
        self.received = number;
        let many = self.untold >= self.max_untold / 8 || self.untold_bytes >= self.max_untold_bytes / 2;
        if many || self.rides_from.is_none_or(|from| now >= from) {
            self.rides = true;
            self.rides_from = Some(now + self.delay);
        }
        Arrival::New
    }

    /// Whether the other side shall be told at once.
    pub(super) fn is_due(&self) -> bool {
        self.untold >= self.max_untold || self.untold_bytes >= self.max_untold_bytes
    }

    /// Whether the count goes with a packet that leaves now.
    #[inline]
    pub(super) fn rides(&self) -> bool {
        self.rides
    }

    /// When it shall be told at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.untold_since.map(|since| since + self.delay)
    }

    /// The count that is told now.
    pub(super) fn tell(&mut self) -> u64 {
        self.untold = 0;
        self.untold_bytes = 0;
        self.untold_since = None;
        self.rides = false;
        self.received
    }
}

/// How often the other side is told that parts of a message keep coming.
const PARTIAL_DELAY: Duration = Duration::from_secs(1);

/// After so many packets, or so many bytes of them, the other side is told: each time costs it a read, and a system call
/// with it. In a small window it must not have to wait for that.
fn max_untold(window: usize) -> (u64, usize) {
    (MAX_UNTOLD.min(max_packets(window) as u64 / 2), MAX_UNTOLD_BYTES.min(window / 2).max(1))
}

const MAX_UNTOLD: u64 = 128;
const MAX_UNTOLD_BYTES: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_number_is_new() {
        let now = Instant::now();
        let mut incoming = Incoming::new(Duration::from_millis(200), WINDOW);
        assert_eq!(incoming.accept(now, 2, 1), Arrival::Gap);
        assert_eq!(incoming.accept(now, 1, 1), Arrival::New);
        assert_eq!(incoming.accept(now, 1, 1), Arrival::Repeat);
        assert_eq!(incoming.accept(now, u64::MAX, 1), Arrival::Gap);
        assert_eq!(incoming.received(), 1);
        assert_eq!(incoming.deadline(), Some(now + Duration::from_millis(200)));
        assert_eq!((incoming.tell(), incoming.deadline()), (1, None));
    }

    #[test]
    fn the_count_is_told_again_to_who_repeats() {
        let now = Instant::now();
        let mut incoming = Incoming::new(Duration::from_millis(200), WINDOW);
        incoming.accept(now, 1, 1);
        incoming.tell();
        let later = now + Duration::from_secs(1);
        assert_eq!(incoming.accept(later, 1, 1), Arrival::Repeat);
        assert_eq!(incoming.deadline(), Some(later + Duration::from_millis(200)));
        assert_eq!((incoming.tell(), incoming.deadline()), (1, None));
    }

    #[test]
    fn the_count_is_due_after_128_packets_or_32_kib_and_sooner_in_a_small_window() {
        let now = Instant::now();
        let mut incoming = Incoming::new(Duration::ZERO, WINDOW);
        for number in 1..128 {
            incoming.accept(now, number, 1);
            assert!(!incoming.is_due());
        }
        incoming.accept(now, 128, 1);
        assert!(incoming.is_due());
        incoming.tell();
        incoming.accept(now, 129, 32 * 1024);
        assert!(incoming.is_due());
        incoming.tell();
        incoming.set_window(1000);
        for number in 130..161 {
            incoming.accept(now, number, 1);
            assert!(!incoming.is_due());
        }
        incoming.accept(now, 161, 1);
        assert!(incoming.is_due());
        incoming.tell();
        incoming.accept(now, 162, 499);
        assert!(!incoming.is_due());
        incoming.accept(now, 163, 1);
        assert!(incoming.is_due());
        incoming.tell();
        incoming.set_window(0);
        assert!(!incoming.is_due(), "there is nothing to tell");
    }

    #[test]
    fn the_count_goes_with_a_packet_when_it_was_not_told_for_long_or_many_have_come() {
        let (start, delay) = (Instant::now(), Duration::from_millis(200));
        let mut incoming = Incoming::new(delay, WINDOW);
        assert!(!incoming.rides());
        incoming.accept(start, 1, 1);
        assert!(incoming.rides());
        incoming.tell();
        for number in 2..17 {
            incoming.accept(start + delay / 2, number, 1);
            assert!(!incoming.rides());
        }
        incoming.accept(start + delay / 2, 17, 1);
        assert!(incoming.rides(), "an eighth of the packets after which it goes by itself");
        incoming.tell();
        incoming.accept(start + delay / 2, 18, 16 * 1024 - 1);
        assert!(!incoming.rides());
        incoming.accept(start + delay / 2, 19, 1);
        assert!(incoming.rides() && !incoming.is_due(), "half of the bytes");
        incoming.tell();
        incoming.accept(start + delay, 20, 1);
        assert!(!incoming.rides());
        incoming.accept(start + delay / 2 * 3, 21, 1);
        assert!(incoming.rides());
        incoming.tell();
        incoming.accept(start + delay * 3, 21, 1);
        assert!(!incoming.rides(), "a repeat brings nothing that would be answered");
    }

    const WINDOW: usize = 256 * 1024;
}
