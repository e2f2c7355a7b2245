use std::collections::VecDeque;

/// Which events of the log were addressed to a session, whether or not they arrived.
///
/// Events that follow each other in the log share a run, so that sockets that get the same broadcasts need little.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addressed {
    /// Invariant: in order, without overlap.
    runs: VecDeque<Run>,
    /// Up to here runs were forgotten, and only the rooms of the session tell.
    forgotten: u64,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    first: u64,
    last: u64,
}

impl Addressed {
    /// Adds a position that is greater than all before.
    pub(crate) fn push(&mut self, position: u64) {
        match self.runs.back_mut() {
            Some(run) if run.last >= position => {}
            Some(run) if run.last + 1 == position => run.last = position,
            _ => self.runs.push_back(Run { first: position, last: position }),
        }
        if self.runs.len() > MAX_RUNS
            && let Some(run) = self.runs.pop_front()
        {
            self.forgotten = run.last;
        }
    }

    /// Whether the event at this position was addressed to the session; `None` if that was forgotten.
    pub(crate) fn contains(&self, position: u64) -> Option<bool> {
        if position <= self.forgotten {
            return None;
        }
        let index = self.runs.partition_point(|run| run.last < position);
        Some(self.runs.get(index).is_some_and(|run| run.first <= position))
    }

    /// Whether events after `after` and up to `through` may have been addressed to the session.
    pub(crate) fn may_intersect(&self, after: u64, through: u64) -> bool {
        if after >= through {
            return false;
        }
        let index = self.runs.partition_point(|run| run.last <= after);
        after < self.forgotten || self.runs.get(index).is_some_and(|run| run.first <= through)
    }
}

/// Half a kilobyte for each session, and for the last 32 events in the worst case.
const MAX_RUNS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_tell_what_was_addressed() {
        let mut addressed = Addressed::default();
        [3, 4, 5, 9, 11, 12].into_iter().for_each(|position| addressed.push(position));
        let found: Vec<_> = (0..15).filter(|&position| addressed.contains(position) == Some(true)).collect();
        assert_eq!(found, [3, 4, 5, 9, 11, 12]);
        assert_eq!(addressed.runs.len(), 3);
        for (after, through, expected) in [
            (0, 2, false),
            (0, 3, true),
            (4, 5, true),
            (5, 8, false),
            (5, 9, true),
            (9, 10, false),
            (12, 99, false),
            (9, 3, false),
        ] {
            assert_eq!(addressed.may_intersect(after, through), expected, "{after} {through}");
        }
    }

    #[test]
    fn what_is_scattered_is_forgotten_oldest_first() {
        let mut addressed = Addressed::default();
        (1..=40).for_each(|index| addressed.push(index * 10));
        assert_eq!(addressed.runs.len(), MAX_RUNS);
        assert_eq!(addressed.contains(10), None);
        assert_eq!(addressed.contains(80), None);
        assert_eq!(addressed.contains(90), Some(true));
        assert!(addressed.may_intersect(79, 80));
        assert!(!addressed.may_intersect(80, 89));
    }
}
