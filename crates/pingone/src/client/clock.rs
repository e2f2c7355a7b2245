use std::collections::VecDeque;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// PingOne's clock, as far as the dates of its answers tell: they have whole seconds, and come some time after they
/// were written, so the clock is never behind what is known of it.
///
/// A date may also be wrong: a proxy writes it, or the clock is set. So nothing is believed for ever, and no date that
/// most of the latest ones contradict.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The dates that came last, in that order.
    latest: VecDeque<Reading>,
    /// The one that tells most, of all that are believed.
    best: Option<Reading>,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    shown: Timestamp,
    at: Instant,
}

impl Clock {
    /// Takes note of the date of an answer that came at `at`.
    pub(super) fn note(&self, date: Timestamp, at: Instant) {
        self.0.lock().note(Reading { shown: date, at });
    }

    /// What the clock shows at least at `at`.
    pub(super) fn at_least(&self, at: Instant) -> Option<Timestamp> {
        self.0.lock().best.map(|reading| reading.after(at))
    }
}

impl Known {
    fn note(&mut self, reading: Reading) {
        if self.latest.len() == LATEST {
            self.latest.pop_front();
        }
        self.latest.push_back(reading);
        let shows = |reading: &Reading| reading.after(self.latest.back().map_or(reading.at, |last| last.at));
        let mut all: Vec<_> = self.latest.iter().map(shows).collect();
        all.sort_unstable();
        let usual = all[(all.len() - 1) / 2];
        let ahead_of = |time: Timestamp| time.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
        // Where as many say one as say another, what was believed before stays.
        let are_most = 2 * all.iter().filter(|shown| **shown <= ahead_of(usual)).count() > all.len();
        let known = self.best.as_ref().map(shows).filter(|_| !are_most);
        let limit = ahead_of(known.map_or(usual, |known| known.max(usual)));
        let believed = self.latest.iter().chain(&self.best).filter(|reading| shows(reading) <= limit);
        self.best = believed.max_by_key(|reading| shows(reading)).copied();
    }
}

impl Reading {
    fn after(self, at: Instant) -> Timestamp {
        // Our own clock may be set at any time; this one only goes on.
        self.shown.checked_add(at.saturating_duration_since(self.at)).unwrap_or(self.shown)
    }
}

/// So many dates tell what is usual.
const LATEST: usize = 15;

/// How far one date may be ahead of what is usual: each is cut to its second, and takes its time.
const AHEAD: SignedDuration = SignedDuration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_date_that_tells_most_is_kept_and_goes_on() {
        let (clock, start) = (Clock::default(), Instant::now());
        let after = |ms| start + Duration::from_millis(ms);
        assert_eq!(clock.at_least(start), None);
        clock.note(second(100), start);
        // A date that is cut to its second, or was long on its way, tells less.
        clock.note(second(100), after(900));
        assert_eq!(clock.at_least(after(900)).unwrap().as_millisecond(), 100_900);
        clock.note(second(102), after(1500));
        assert_eq!(clock.at_least(after(2000)).unwrap().as_millisecond(), 102_500);
        for _ in 0..100 {
            clock.note(second(102), after(2400));
        }
        assert_eq!(clock.at_least(after(2400)).unwrap().as_millisecond(), 102_900, "kept beyond the latest");
    }

    #[test]
    fn a_wrong_date_is_believed_only_until_another_comes() {
        for wrong in [5_000_000, 0] {
            let (clock, start) = (Clock::default(), Instant::now());
            clock.note(second(wrong), start);
            clock.note(second(100), start);
            clock.note(second(100), start);
            assert_eq!(clock.at_least(start), Some(second(100)), "first {wrong}");
            clock.note(second(wrong), start);
            clock.note(second(101), start);
            assert_eq!(clock.at_least(start), Some(second(101)), "later {wrong}");
        }
    }

    #[test]
    fn one_date_against_another_changes_nothing() {
        for wrong in [5_000_000, 0] {
            let (clock, start) = (Clock::default(), Instant::now());
            for date in [100, wrong, 100, wrong] {
                clock.note(second(date), start);
                assert_eq!(clock.at_least(start), Some(second(100)), "{wrong}");
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_is_followed_either_way() {
        let (clock, start) = (Clock::default(), Instant::now());
        for now in [1000, 5000, 100] {
            for _ in 0..LATEST {
                clock.note(second(now), start);
            }
            assert_eq!(clock.at_least(start), Some(second(now)));
        }
    }
}
