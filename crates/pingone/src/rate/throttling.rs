use std::time::{Duration, Instant};

/// How often 429 comes, and how much of that has nothing to do with the rate.
#[derive(Debug, Default)]
pub(super) struct Throttling {
    /// Share of 429 among the last few hundred answers.
    share: f64,
    /// The share that a lower rate did not diminish.
    noise: f64,
    experiment: Option<Experiment>,
    /// Answers to requests below the limit that is believed in.
    below: Sample,
}

/// Whether a lower rate helps is tried: a limit would show itself by fewer 429s.
#[derive(Debug)]
struct Experiment {
    /// The present sample is of requests sent since then.
    since: Instant,
    sample: Sample,
    /// The rate and the share of 429 before it was lowered, once that is done.
    before: Option<(f64, f64)>,
}

#[derive(Debug, Default)]
struct Sample {
    answers: f64,
    throttled: f64,
}

/// What an experiment demands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Demand {
    /// Try this rate.
    Try(f64),
    /// The lower rate is right: there are fewer 429s.
    Stay,
    /// There are as many 429s, so this rate, the one before, is as good.
    GoBack(f64),
}

impl Throttling {
    /// Counts an answer to a request that was sent then, under a limit of `rate` on requests.
    pub(super) fn count(
        &mut self,
        is_throttled: bool,
        sent: Instant,
        now: Instant,
        rate: f64,
    ) -> Option<Demand> {
        let value = f64::from(u8::from(is_throttled));
        self.share += (value - self.share) / MEMORY;
        let experiment = self.experiment.as_mut().filter(|experiment| sent >= experiment.since)?;
        experiment.sample.answers += 1.0;
        experiment.sample.throttled += value;
        experiment.is_enough(self.noise, now).then(|| self.proceed(now, rate)).flatten()
    }

    /// The share that has nothing to do with the rate.
    pub(super) fn noise(&self) -> f64 {
        self.noise
    }

    /// What is added to a limit on the share because of the noise; the noise itself goes up and down.
    pub(super) fn noise_allowance(&self) -> f64 {
        self.noise * 1.5
    }

    /// Whether so few requests are throttled that nothing needs to change.
    pub(super) fn is_tolerable(&self) -> bool {
        self.share <= TOLERABLE + self.noise_allowance()
    }

    pub(super) fn is_experimenting(&self) -> bool {
        self.experiment.is_some()
    }

    /// Begins to find out whether a lower rate would help.
    pub(super) fn begin_experiment(&mut self, now: Instant) {
        self.below = Sample::default();
        self.experiment = Some(Experiment { since: now, sample: Sample::default(), before: None });
    }

    /// Counts an answer to a request below the limit that is believed in.
    pub(super) fn count_below(&mut self, is_throttled: bool) {
        self.below.answers += 1.0;
        self.below.throttled += f64::from(u8::from(is_throttled));
    }

    /// Whether so many requests below the limit are throttled that it does not explain them.
    pub(super) fn refutes_limit(&self) -> bool {
        let excess = self.below.throttled - self.noise * self.below.answers;
        self.below.answers >= MEMORY && excess >= EXPECTED && excess >= UNEXPLAINED * self.below.answers
    }

    /// Takes the 429s so far for explained.
    pub(super) fn start_over(&mut self) {
        self.share = self.noise;
    }

    /// Gives an experiment up that was overtaken by events.
    pub(super) fn give_up(&mut self) {
        self.below = Sample::default();
        self.experiment = None;
    }

    /// Forgets the noise bit by bit, since its cause may be gone.
    pub(super) fn fade(&mut self, seconds: f64) {
        self.noise *= (-seconds / NOISE_SECONDS).exp();
    }

    /// Draws the conclusion from a sample.
    fn proceed(&mut self, now: Instant, rate: f64) -> Option<Demand> {
        let Experiment { sample, before, .. } = self.experiment.take()?;
        // The average forgets slowly; the sample is what counts from here on.
        self.share = sample.throttled / sample.answers;
        let excess = self.share - self.noise;
        let Some((rate, share)) = before else {
            if self.is_tolerable() {
                return None;
            }
            self.experiment =
                Some(Experiment { since: now, sample: Sample::default(), before: Some((rate, self.share)) });
            return Some(Demand::Try(rate * (1.0 - excess).max(LOWEST) * BELOW));
        };
        if share > MOST_NOISE || excess <= (share - self.noise) * HELPED {
            return Some(Demand::Stay);
        }
        self.noise = self.share.min(MOST_NOISE);
        Some(Demand::GoBack(rate))
    }
}

impl Experiment {
    fn is_enough(&self, noise: f64, now: Instant) -> bool {
        let Sample { answers, throttled } = self.sample;
        if now < self.since + SHORTEST {
            return false;
        }
        match self.before {
            None if throttled - noise * answers >= EXPECTED => return true,
            Some((_, share)) if answers * (share - noise) >= EXPECTED && answers >= FEWEST => return true,
            _ => {}
        }
        answers >= MOST || now >= self.since + LONGEST && answers >= FEWEST / 2.0
    }
}

/// Number of answers over which the share is formed.
const MEMORY: f64 = 200.0;
const TOLERABLE: f64 = 0.01;
/// A limit explains no such share of 429s, beyond the noise, among requests that stay below it.
const UNEXPLAINED: f64 = 0.02;
/// A higher share of 429s has to do with the rate.
const MOST_NOISE: f64 = 0.3;
/// How far below the rate that seems right an experiment goes.
const BELOW: f64 = 0.98;
/// A larger step down is left to what follows.
const LOWEST: f64 = 0.6;
/// A sample is large enough when it holds this many 429s beyond the noise, or would, were the rate not their cause.
const EXPECTED: f64 = 8.0;
/// A lower rate helped if no more than this part of the 429s beyond the noise is left. So few of eight are seldom
/// left by chance, and a rate that was lowered by mistake is lost for long.
const HELPED: f64 = 0.35;
const FEWEST: f64 = 40.0;
const MOST: f64 = 600.0;
/// A quota by the clock shows itself over whole seconds only.
const SHORTEST: Duration = Duration::from_secs(2);
/// What takes longer is decided by what is there.
const LONGEST: Duration = Duration::from_secs(15);
const NOISE_SECONDS: f64 = 600.0;
