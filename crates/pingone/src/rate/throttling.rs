/// How often 429 comes, and how much of that has nothing to do with the rate.
#[derive(Debug, Default)]
pub(super) struct Throttling {
    /// Share of 429 among the last few hundred answers.
    share: f64,
    /// The share that a lower rate did not diminish.
    noise: f64,
    experiment: Option<Experiment>,
}

/// A lower rate is tried.
#[derive(Debug)]
struct Experiment {
    /// The rate before.
    rate: f64,
    /// The share of 429 before.
    before: f64,
    /// Answers and 429s since the rate is clearly lower.
    answers: f64,
    throttled: f64,
}

impl Throttling {
    /// Counts an answer that came while this rate was allowed.
    pub(super) fn count(&mut self, is_throttled: bool, rate: f64) {
        let value = f64::from(u8::from(is_throttled));
        self.share += (value - self.share) / MEMORY;
        if let Some(experiment) = self.experiment.as_mut().filter(|experiment| rate < experiment.rate * 0.95)
        {
            experiment.answers += 1.0;
            experiment.throttled += value;
        }
    }

    /// What is added to a limit on the share because of the noise; the noise itself goes up and down.
    pub(super) fn noise_allowance(&self) -> f64 {
        self.noise * 1.5
    }

    /// Whether so few requests are throttled that nothing needs to change.
    pub(super) fn is_tolerable(&self) -> bool {
        self.share <= TOLERABLE + self.noise_allowance()
    }

    /// Remembers how things are before the rate is lowered, unless that has begun already.
    pub(super) fn begin_experiment(&mut self, rate: f64) {
        let before = self.share;
        self.experiment.get_or_insert(Experiment { rate, before, answers: 0.0, throttled: 0.0 });
    }

    /// The rate to go back to, if the lower one did not help.
    pub(super) fn conclude(&mut self, rate: f64) -> Option<f64> {
        let experiment = self.experiment.as_ref()?;
        if rate > experiment.rate * 0.9 || experiment.answers < ENOUGH {
            return None;
        }
        let Experiment { rate, before, answers, throttled } = self.experiment.take()?;
        let after = throttled / answers;
        // The share is the same at a lower rate, so the rate is not its cause.
        let is_noise = before <= MOST_NOISE && after > before * 0.6 && after < before * 1.6;
        is_noise.then(|| {
            self.noise = after;
            rate
        })
    }

    /// Forgets the noise bit by bit, since its cause may be gone, and an experiment that is overtaken by events.
    pub(super) fn fade(&mut self, seconds: f64) {
        self.noise *= (-seconds / NOISE_SECONDS).exp();
        self.experiment = None;
    }
}

/// Number of answers over which the share is formed.
const MEMORY: f64 = 200.0;
const TOLERABLE: f64 = 0.01;
/// A higher share of 429s has to do with the rate.
const MOST_NOISE: f64 = 0.15;
/// Fewer answers than this would show little.
const ENOUGH: f64 = 60.0;
const NOISE_SECONDS: f64 = 60.0;
