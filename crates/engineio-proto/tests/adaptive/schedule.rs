//! What was done to the network, to tell whether it explains the end of a session.

use std::time::Duration;

use testkit::adaptive::Weather;

/// When packets could get through.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// Whether the opening had to succeed, as it has a second before the network changes.
    pub(crate) must_open: bool,
    expiry: Duration,
    /// The times in which a session must find a carrier and be heard on it; the last may go on.
    calms: Vec<(Duration, Option<Duration>)>,
    carries: bool,
    blocked: bool,
    asleep_until: Duration,
}

impl Schedule {
    pub(crate) fn new(first: &Weather, expiry: Duration) -> Self {
        let carries = first.carries();
        let mut schedule = Self {
            must_open: carries && first.longest_way() <= Duration::from_millis(50),
            expiry,
            calms: Vec::new(),
            carries,
            blocked: false,
            asleep_until: Duration::ZERO,
        };
        schedule.note(Duration::ZERO);
        schedule
    }

    pub(crate) fn change_weather(&mut self, now: Duration, weather: &Weather) {
        self.carries = weather.carries();
        self.note(now);
    }

    pub(crate) fn block(&mut self, now: Duration, blocked: bool) {
        self.blocked = blocked;
        self.note(now);
    }

    pub(crate) fn sleep(&mut self, now: Duration, time: Duration) {
        self.asleep_until = self.asleep_until.max(now + time);
        self.note(now);
    }

    /// Whether the client sees and does nothing.
    pub(crate) fn is_asleep(&self, now: Duration) -> bool {
        now < self.asleep_until
    }

    /// Whether a session that ended then had no time to be heard since it may have been heard last.
    pub(crate) fn starves(&self, at: Duration) -> bool {
        self.longest_calm(at) < ENOUGH
    }

    /// The longest calm in the time after which a session ends without being heard.
    pub(crate) fn longest_calm(&self, at: Duration) -> Duration {
        let from = at.saturating_sub(self.expiry);
        let within = |(begin, end): &(Duration, Option<Duration>)| {
            end.unwrap_or(at).min(at).saturating_sub(from.max(*begin))
        };
        self.calms.iter().map(within).max().unwrap_or_default()
    }

    /// Begins or ends a calm.
    fn note(&mut self, now: Duration) {
        let is_calm = self.carries && !self.blocked && self.asleep_until <= now;
        if let Some((begin, end)) = self.calms.last_mut().filter(|(_, end)| end.is_none()) {
            if !is_calm {
                *end = Some(now.max(*begin));
            }
        } else if self.carries && !self.blocked {
            self.calms.push((now.max(self.asleep_until), None));
        }
    }
}

/// A calm that is long enough for every session.
const ENOUGH: Duration = Duration::from_secs(10);
