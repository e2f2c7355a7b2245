use std::collections::VecDeque;

/// Which events of the log were addressed to a session, whether or not they arrived.
///
/// Events that follow each other in the log share a run, so that sockets that get the same broadcasts need little.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addressed {
    /// Invariant: in order, without overlap.
    runs: VecDeque<Run>,
    /// Up to here runs were forgotten, and nothing tells what was addressed to the session.
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

    /// Whether it is known of all events after a position if they were addressed to the session.
    pub(crate) fn is_known_after(&self, position: u64) -> bool {
        position >= self.forgotten
    }

    /// Whether the event at this position, of which that is known, was addressed to the session.
    pub(crate) fn contains(&self, position: u64) -> bool {
        let index = self.runs.partition_point(|run| run.last < position);
        self.runs.get(index).is_some_and(|run| run.first <= position)
    }

    /// Whether events after `after` and up to `through` may have been addressed to the session.
    pub(crate) fn may_intersect(&self, after: u64, through: u64) -> bool {
        if after >= through {
            return false;
        }
        let index = self.runs.partition_point(|run| run.last <= after);
        !self.is_known_after(after) || self.runs.get(index).is_some_and(|run| run.first <= through)
    }
}

/// At most two kilobytes for each session. Who missed more events than that, each of them apart, starts anew.
const MAX_RUNS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_tell_what_was_addressed() {
        let mut addressed = Addressed::default();
        [3, 4, 5, 9, 11, 12].into_iter().for_each(|position| addressed.push(position));
        let found: Vec<_> = (0..15).filter(|&position| addressed.contains(position)).collect();
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
        (1..=136).for_each(|index| addressed.push(index * 10));
        assert_eq!(addressed.runs.len(), MAX_RUNS);
        assert!(!addressed.is_known_after(79));
        assert!(addressed.is_known_after(80));
        assert!(addressed.contains(90));
        assert!(addressed.may_intersect(79, 80));
        assert!(!addressed.may_intersect(80, 89));
    }
}
