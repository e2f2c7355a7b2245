use std::time::{Duration, Instant};

use super::throttling::{Demand, Throttling};
use super::window::{Counts, Window};

/// Finds the rate and the concurrency that PingOne bears: additive increase, multiplicative decrease.
///
/// 429 answers steer the rate. When many come, the rate is cut, and for some seconds it is counted how much is let
/// through: that is the limit. When few come, it is tried whether fewer come at a lower rate; if not, they have
/// another cause and are put up with.
/// From then on the rate stays a little below the limit and creeps up, ever faster the longer nothing happens,
/// because the limit is shared with others and may rise.
/// Failures that are more than accidents steer the concurrency.
///
/// It has no clock of its own: time comes in as a parameter.
#[derive(Debug)]
pub(crate) struct Controller {
    ceiling: f64,
    max_concurrency: f64,
    /// Requests per second; infinite as long as nothing is known.
    rate: f64,
    /// When the rate was last raised because time passed.
    raised: Instant,
    /// When a 429 last came that the rate may be the cause of.
    throttled_at: Option<Instant>,
    /// When the next request may go.
    next_send: Instant,
    /// Nothing is sent before this.
    paused_until: Instant,
    phase: Phase,
    /// What PingOne let through per second when it last throttled us, noise not counted.
    let_through: Option<f64>,
    throttling: Throttling,
    concurrency: f64,
    slow_start: bool,
    /// When the concurrency was last cut.
    relieved: Instant,
    window: Window,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Nothing throttles us since the given time; answers to earlier requests say nothing new.
    Free { since: Instant },
    /// We were throttled at the given time. What is let through counts from the first answer on that was let
    /// through since then: a refusal may come sooner than that, and says nothing of how long the work takes.
    Measuring { since: Instant, first: Option<Instant>, accepted: u32, throttled: u32 },
}

/// What came of a request, as far as the rate is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// PingOne did its work, whatever the result.
    Accepted,
    /// 429, with the wait it asks for.
    Throttled { retry_after: Option<Duration> },
    /// 5xx, no answer in time, or a broken connection.
    Failed,
}

impl Controller {
    pub(crate) fn new(ceiling: f64, max_concurrency: usize, now: Instant) -> Self {
        let max_concurrency = max_concurrency as f64;
        Self {
            ceiling,
            max_concurrency,
            rate: ceiling,
            raised: now,
            throttled_at: None,
            next_send: now,
            paused_until: now,
            phase: Phase::Free { since: now },
            let_through: None,
            throttling: Throttling::default(),
            concurrency: INITIAL_CONCURRENCY.min(max_concurrency),
            slow_start: true,
            relieved: now,
            window: Window::new(now),
        }
    }

    /// Takes a place in the schedule, or says when to ask again.
    pub(crate) fn poll_send(&mut self, now: Instant) -> Result<(), Instant> {
        self.step(now);
        if now < self.paused_until {
            return Err(self.paused_until);
        }
        if self.rate.is_infinite() {
            self.window.count(now, |counts| counts.sent += 1);
            return Ok(());
        }
        if now < self.next_send {
            return Err(self.next_send);
        }
        self.window.count(now, |counts| counts.sent += 1);
        // A place that nobody took is lost, except for the little that a late timer explains.
        let earliest = now.checked_sub(TOLERANCE).unwrap_or(now);
        self.next_send = self.next_send.max(earliest) + Duration::from_secs_f64(1.0 / self.rate);
        Ok(())
    }

    /// Takes note of an answer to the request that was sent at `sent`. `is_busy` tells whether every place that the
    /// concurrency allows was taken.
    pub(crate) fn record(&mut self, outcome: Outcome, sent: Instant, now: Instant, is_busy: bool) {
        self.step(now);
        match outcome {
            Outcome::Accepted => {
                self.note(sent, now, |counts| counts.accepted += 1);
                self.count(false, sent, now);
                self.on_accepted(sent, now);
                self.grow_concurrency(is_busy);
            }
            Outcome::Throttled { retry_after } => {
                self.note(sent, now, |counts| counts.throttled += 1);
                self.count(true, sent, now);
                self.on_throttled(sent, now, retry_after);
            }
            Outcome::Failed => {
                self.note(sent, now, |counts| counts.failed += 1);
                self.on_failed(sent, now);
            }
        }
    }

    /// Counts an answer in the window, unless its request belongs to an earlier phase.
    fn note(&mut self, sent: Instant, now: Instant, update: impl FnOnce(&mut Counts)) {
        if !matches!(self.phase, Phase::Free { since } if sent < since) {
            self.window.count(now, update);
        }
    }

    fn count(&mut self, is_throttled: bool, sent: Instant, now: Instant) {
        let is_below = self.limit().is_some_and(|limit| self.rate <= limit);
        if is_below && matches!(self.phase, Phase::Free { since } if sent >= since) {
            self.throttling.count_below(is_throttled);
        }
        match self.throttling.count(is_throttled, sent, now, self.rate) {
            Some(Demand::Try(rate)) => self.set_rate(rate, now),
            Some(Demand::GoBack(rate)) => {
                // A limit that was taken for lower because of the noise is known better now.
                let known = self.limit().map_or(rate, |limit| rate.max(limit * BELOW_LIMIT));
                self.set_rate(known, now);
                if self.let_through.is_none() {
                    // None of the 429s so far was the rate's fault, and how high it may be is not known.
                    self.throttled_at = None;
                }
            }
            Some(Demand::Stay) => self.let_through = Some(self.rate * (1.0 - self.throttling.noise())),
            None => {}
        }
    }

    /// Requests per second that are allowed now.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// Requests in flight that are allowed now.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency.floor().max(1.0) as usize
    }

    /// Requests per second of which as many are let through as were when PingOne last throttled us.
    fn limit(&self) -> Option<f64> {
        self.let_through.map(|let_through| let_through / (1.0 - self.throttling.noise()))
    }

    fn on_accepted(&mut self, sent: Instant, now: Instant) {
        if let Phase::Measuring { since, first, accepted, .. } = &mut self.phase {
            match first {
                Some(_) => *accepted += 1,
                None if sent >= *since => *first = Some(now),
                None => {}
            }
        }
    }

    fn on_throttled(&mut self, sent: Instant, now: Instant, retry_after: Option<Duration>) {
        if let Some(wait) = retry_after.filter(|wait| *wait > SHORT_WAIT) {
            // One second is the least that the header can say, two where it is a date; more concerns everybody.
            self.paused_until = self.paused_until.max(now + wait.min(LONGEST_PAUSE));
        }
        if !self.throttling.is_tolerable() {
            self.throttled_at = Some(now);
        }
        let sum = self.window.sum(now);
        match &mut self.phase {
            Phase::Measuring { since, throttled, .. } if sent >= *since => *throttled += 1,
            Phase::Free { since } if sent >= *since => {
                let few = f64::from(sum.requests()) * (MANY + self.throttling.noise_allowance());
                if sum.throttled < LEAST_MANY || f64::from(sum.throttled) < few {
                    self.yield_or_ask(now);
                } else {
                    self.throttling.give_up();
                    self.cut(sum.throttled_share(), now);
                    self.phase = Phase::Measuring { since: now, first: None, accepted: 0, throttled: 0 };
                }
            }
            Phase::Free { .. } | Phase::Measuring { .. } => {}
        }
    }

    /// Answers a few 429s: goes back below the limit if it is known, else finds out whether a lower rate helps.
    fn yield_or_ask(&mut self, now: Instant) {
        let is_open = self.rate.is_finite() && !self.throttling.is_experimenting();
        if !is_open || self.throttling.is_tolerable() {
            return;
        }
        match self.limit().filter(|limit| (0.995..1.06).contains(&(self.rate / limit))) {
            Some(limit) if !self.throttling.refutes_limit() => {
                self.throttling.start_over();
                self.set_rate(limit * BELOW_LIMIT, now);
                self.phase = Phase::Free { since: now };
            }
            _ => self.throttling.begin_experiment(now),
        }
    }

    fn grow_concurrency(&mut self, is_busy: bool) {
        if is_busy {
            let step = if self.slow_start { 1.0 } else { 1.0 / self.concurrency };
            self.concurrency = (self.concurrency + step).min(self.max_concurrency);
        }
    }

    /// Whether requests come about as fast as they may.
    fn is_used(&mut self, now: Instant) -> bool {
        let seconds = self.window.seconds(now);
        f64::from(self.window.sum(now).total()) >= self.rate * seconds * 0.8
    }

    fn cut(&mut self, share: f64, now: Instant) {
        let seconds = self.window.seconds(now);
        let mean = f64::from(self.window.sum(now).requests()) / seconds;
        // Requests may have become many only lately: an import begins with a few questions.
        let observed = mean.max(self.window.pace(now)).max(1.0);
        self.set_rate(self.rate.min(observed * 1.1) * (0.95 - share).max(0.7), now);
    }

    fn on_failed(&mut self, sent: Instant, now: Instant) {
        let sum = self.window.sum(now);
        let is_overload = sum.failed >= 3 && sum.failed * 4 > sum.total();
        if is_overload && sent > self.relieved {
            self.concurrency = (self.concurrency * 0.7).max(1.0);
            self.slow_start = false;
            self.relieved = now;
        }
    }

    /// Lets time pass: ends a measurement, raises the rate.
    fn step(&mut self, now: Instant) {
        match self.phase {
            Phase::Measuring { since, first, accepted, throttled } => {
                let seconds = now.saturating_duration_since(first.unwrap_or(since)).as_secs_f64();
                // A limit by the second of the clock shows itself over some of them.
                let least = if self.let_through.is_none() || first.is_none() { 3.0 } else { 1.0 };
                let is_enough = seconds >= least && accepted + throttled >= ENOUGH_ANSWERS;
                if is_enough || now >= since + LONGEST_MEASUREMENT {
                    let (accepted, throttled) = (f64::from(accepted), f64::from(throttled));
                    self.settle(
                        accepted / seconds.max(1.0),
                        throttled / (accepted + throttled).max(1.0),
                        now,
                    );
                    // A quota by the clock stays used up until its second is over, and that says nothing new.
                    self.phase = Phase::Free { since: now + GRACE };
                    self.window = Window::new(now);
                }
            }
            Phase::Free { since } => self.raise(since, now),
        }
    }

    /// Draws the conclusion from a measurement.
    fn settle(&mut self, accepted_per_second: f64, share: f64, now: Instant) {
        if share > MANY / 2.0 + self.throttling.noise_allowance() {
            let before = self.rate;
            self.let_through = Some(accepted_per_second.max(LEAST_RATE));
            self.set_rate(self.limit().map_or(before, |limit| before.min(limit * BELOW_LIMIT)), now);
        } else if let Some(limit) = self.limit() {
            self.set_rate(self.rate.max(limit * BELOW_LIMIT), now);
        }
    }

    fn raise(&mut self, measured: Instant, now: Instant) {
        let throttled = self.throttled_at.filter(|at| *at >= measured);
        let since = throttled.unwrap_or(measured);
        let quiet = now.saturating_duration_since(since).as_secs_f64();
        let elapsed = now.saturating_duration_since(self.raised.max(since));
        if elapsed < RAISE_INTERVAL || quiet < 1.0 {
            return;
        }
        self.raised = now;
        // An idle client learns nothing, so a long gap counts as one second.
        let seconds = elapsed.as_secs_f64().min(1.0);
        self.throttling.fade(seconds);
        if self.rate >= self.ceiling || self.throttling.is_experimenting() || !self.is_used(now) {
            return;
        }
        let base = if throttled.is_none() { RAISE_AFTER_MEASUREMENT } else { RAISE_PER_SECOND };
        // Around the limit that was measured haste would only overshoot.
        let beyond = self.limit().map_or(f64::INFINITY, |limit| (self.rate / limit - 1.0).max(0.0));
        let doublings = ((quiet - 1.0) / 3.0).min(beyond / DOUBLE_EVERY);
        let growth = (base * doublings.exp2()).min(0.25);
        self.set_rate(self.rate * (1.0 + growth * seconds), now);
    }

    fn set_rate(&mut self, rate: f64, now: Instant) {
        self.rate = rate.clamp(LEAST_RATE, self.ceiling);
        if self.rate.is_finite() {
            let most = now + Duration::from_secs_f64(1.0 / self.rate);
            self.next_send = self.next_send.min(most);
        }
    }
}

const INITIAL_CONCURRENCY: f64 = 16.0;
/// Lowest rate, in requests per second.
const LEAST_RATE: f64 = 0.2;
/// Where the rate settles, relative to the limit that was measured.
const BELOW_LIMIT: f64 = 0.99;
/// A higher share of 429s in a second calls for a measurement at once.
const MANY: f64 = 0.35;
/// Fewer than this may be chance.
const LEAST_MANY: u32 = 6;
/// Relative increase per second, one second after the last 429; it doubles every three seconds.
const RAISE_PER_SECOND: f64 = 0.005;
/// How far above a limit that was measured it doubles, at most.
const DOUBLE_EVERY: f64 = 0.04;
/// The same while no 429 came since a measurement, which may have been too low.
const RAISE_AFTER_MEASUREMENT: f64 = 0.015;
const RAISE_INTERVAL: Duration = Duration::from_millis(200);
/// Fewer answers than this would make a rough measurement.
const ENOUGH_ANSWERS: u32 = 20;
/// How long 429s are expected after a measurement.
const GRACE: Duration = Duration::from_secs(1);
const LONGEST_MEASUREMENT: Duration = Duration::from_secs(6);
/// How late a timer may be without loss of rate.
const TOLERANCE: Duration = Duration::from_millis(50);
const SHORT_WAIT: Duration = Duration::from_secs(2);
/// After this a request may ask how things are, however long a wait was ordered; the one that was told to wait still
/// waits.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "controller_tests.rs"]
mod tests;
