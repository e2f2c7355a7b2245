use std::time::Instant;

/// Every reason for which a session can wake up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Server: the next PING is due.
    PingDue,
    /// Server: the client must have been heard.
    PongDeadline,
    /// Client: the server's next PING must have come.
    PingDeadline,
    /// The WebSocket on trial must have proved itself.
    UpgradeDeadline,
    /// Server: a poll that waits during an upgrade is released.
    UpgradeNoop,
    /// Server: a poll has been held long enough.
    PollHold,
    /// Client: the server must have opened the session.
    OpenDeadline,
    /// The last packets of a closing session must have been fetched.
    CloseDeadline,
}

/// The armed timers.
#[derive(Debug, Default)]
pub(super) struct TimerTable {
    deadlines: [Option<Instant>; Timer::ALL.len()],
}

impl TimerTable {
    pub(super) fn set(&mut self, timer: Timer, deadline: Instant) {
        *self.slot(timer) = Some(deadline);
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        *self.slot(timer) = None;
    }

    pub(super) fn stop_all(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        Timer::ALL.iter().zip(&self.deadlines).any(|(each, deadline)| *each == timer && deadline.is_some())
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Instant> {
        self.deadlines.iter().flatten().min().copied()
    }

    /// Stops and returns the earliest timer whose deadline has come, and that deadline.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Timer, Instant)> {
        let due = Timer::ALL.iter().zip(&mut self.deadlines);
        let (timer, deadline) =
            due.filter(|(_, at)| at.is_some_and(|at| at <= now)).min_by_key(|(_, at)| **at)?;
        deadline.take().map(|at| (*timer, at))
    }

    fn slot(&mut self, timer: Timer) -> &mut Option<Instant> {
        let [ping_due, pong, ping, upgrade, noop, hold, open, close] = &mut self.deadlines;
        match timer {
            Timer::PingDue => ping_due,
            Timer::PongDeadline => pong,
            Timer::PingDeadline => ping,
            Timer::UpgradeDeadline => upgrade,
            Timer::UpgradeNoop => noop,
            Timer::PollHold => hold,
            Timer::OpenDeadline => open,
            Timer::CloseDeadline => close,
        }
    }
}

impl Timer {
    /// In the order of the table's slots.
    const ALL: [Self; 8] = [
        Self::PingDue,
        Self::PongDeadline,
        Self::PingDeadline,
        Self::UpgradeDeadline,
        Self::UpgradeNoop,
        Self::PollHold,
        Self::OpenDeadline,
        Self::CloseDeadline,
    ];
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timers_fire_in_order_and_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut timers = TimerTable::default();
        for (timer, ms) in Timer::ALL.iter().zip([5, 4, 3, 2, 1, 8, 7, 6]) {
            timers.set(*timer, at(ms));
            assert!(timers.is_set(*timer));
        }
        assert_eq!(timers.next(), Some(at(1)));
        assert_eq!(timers.pop(at(0)), None);
        let fired: Vec<_> = std::iter::from_fn(|| timers.pop(at(7))).map(|(timer, _)| timer).collect();
        assert_eq!(fired[..3], [Timer::UpgradeNoop, Timer::UpgradeDeadline, Timer::PingDeadline]);
        assert_eq!(fired.len(), 7);
        assert_eq!(timers.next(), Some(at(8)));
        timers.stop(Timer::PollHold);
        assert_eq!(timers.next(), None);
    }
}
