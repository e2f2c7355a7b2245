use std::time::Instant;

use jiff::Timestamp;
use parking_lot::Mutex;

/// PingOne's clock, as far as the dates of its answers tell: they have whole seconds, and come some time after they
/// were written, so the clock is never behind what is known of it.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<Reading>>);

#[derive(Debug, Clone, Copy)]
struct Reading {
    shown: Timestamp,
    at: Instant,
}

impl Clock {
    /// Takes note of the date of an answer that came at `at`.
    pub(super) fn note(&self, date: Timestamp, at: Instant) {
        let mut reading = self.0.lock();
        if reading.is_none_or(|known| known.after(at) < date) {
            *reading = Some(Reading { shown: date, at });
        }
    }

    /// What the clock shows at least at `at`.
    pub(super) fn at_least(&self, at: Instant) -> Option<Timestamp> {
        self.0.lock().map(|reading| reading.after(at))
    }
}

impl Reading {
    fn after(self, at: Instant) -> Timestamp {
        // Our own clock may be set at any time; this one only goes on.
        self.shown.checked_add(at.saturating_duration_since(self.at)).unwrap_or(self.shown)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_date_that_tells_most_is_kept_and_goes_on() {
        let (clock, start) = (Clock::default(), Instant::now());
        let second = |second| Timestamp::from_second(second).unwrap();
        let after = |ms| start + Duration::from_millis(ms);
        assert_eq!(clock.at_least(start), None);
        clock.note(second(100), start);
        // A date that is cut to its second, or was long on its way, tells less.
        clock.note(second(100), after(900));
        assert_eq!(clock.at_least(after(900)).unwrap().as_millisecond(), 100_900);
        clock.note(second(102), after(1500));
        assert_eq!(clock.at_least(after(2000)).unwrap().as_millisecond(), 102_500);
    }
}
