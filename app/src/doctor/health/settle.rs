//! Hysteresis: one odd run of the probes does not change the state that people and orchestrators see.

use super::super::report::Status;

/// A run that disagrees with the state must be confirmed by this many in a row, itself included.
const AGREEING: u32 = 2;

/// The state that holds, and the doubt about it. The first run settles it at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settled {
    state: Option<Status>,
    doubt: u32,
}

impl Settled {
    /// Takes in what a run found and gives the state that holds now.
    pub(super) fn observe(&mut self, found: Status) -> Status {
        let before = *self.state.get_or_insert(found);
        self.doubt = if found == before { 0 } else { self.doubt + 1 };
        if self.doubt >= AGREEING {
            self.state = Some(found);
            self.doubt = 0;
        }
        self.state.unwrap_or(found)
    }

    /// Whether the last run disagreed, so that another should follow soon.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubt > 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::report::Status::{self, Critical, Degraded, Healthy};
    use super::Settled;

    #[test]
    fn two_runs_that_agree_change_the_state_and_one_does_not() {
        let runs: [(&[Status], Status); 6] = [
            (&[Degraded], Degraded),
            (&[Healthy, Degraded], Healthy),
            (&[Healthy, Degraded, Degraded], Degraded),
            (&[Healthy, Degraded, Healthy, Degraded, Healthy], Healthy),
            // It is certainly not healthy any more, and the newest run says how bad it is.
            (&[Healthy, Degraded, Critical], Critical),
            (&[Critical, Healthy, Healthy], Healthy),
        ];
        for (found, expected) in runs {
            let mut settled = Settled::default();
            let last = found.iter().map(|found| settled.observe(*found)).last();
            assert_eq!(last, Some(expected), "{found:?}");
        }
    }

    #[test]
    fn doubt_lasts_until_a_run_agrees() {
        let mut settled = Settled::default();
        settled.observe(Healthy);
        assert!(!settled.is_in_doubt());
        settled.observe(Critical);
        assert!(settled.is_in_doubt());
        settled.observe(Healthy);
        assert!(!settled.is_in_doubt());
    }
}
