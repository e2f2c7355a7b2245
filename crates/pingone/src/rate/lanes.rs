use std::collections::{HashMap, VecDeque};

/// Names a queue of requests that wait for their turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Lane(u64);

impl Lane {
    /// Takes no turns: whoever waits in it is next.
    pub(crate) const URGENT: Self = Self(0);
}

/// Queues that take turns: as long as several have somebody waiting, each gives one in each round.
#[derive(Debug)]
pub(super) struct Lanes<T> {
    waiting: HashMap<Lane, VecDeque<T>>,
    /// The lanes in which somebody waits; the first one is next.
    turns: VecDeque<Lane>,
    made: u64,
}

impl<T> Lanes<T> {
    pub(super) fn new() -> Self {
        Self { waiting: HashMap::new(), turns: VecDeque::new(), made: 0 }
    }

    pub(super) fn make(&mut self) -> Lane {
        self.made += 1;
        Lane(self.made)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    pub(super) fn push(&mut self, lane: Lane, waiter: T) {
        let queue = self.waiting.entry(lane).or_default();
        let was_empty = queue.is_empty();
        queue.push_back(waiter);
        if was_empty {
            self.take_turn(lane);
        }
    }

    /// Takes the next one out for whom `is_there` holds; the others are gone and lose their place.
    pub(super) fn pop(&mut self, is_there: impl Fn(&T) -> bool) -> Option<T> {
        while let Some(lane) = self.turns.pop_front() {
            let Some(queue) = self.waiting.get_mut(&lane) else { continue };
            let mut next = queue.pop_front();
            while next.as_ref().is_some_and(|waiter| !is_there(waiter)) {
                next = queue.pop_front();
            }
            // A lane is kept in memory only while somebody waits in it, since jobs come and go.
            if queue.is_empty() {
                self.waiting.remove(&lane);
            } else {
                self.take_turn(lane);
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }

    fn take_turn(&mut self, lane: Lane) {
        match lane {
            Lane::URGENT => self.turns.push_front(lane),
            lane => self.turns.push_back(lane),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_take_turns_and_none_is_kept_empty() {
        let mut lanes = Lanes::new();
        let (a, b, c) = (lanes.make(), lanes.make(), lanes.make());
        for (lane, waiter) in [(a, "a1"), (a, "a2"), (a, "a3"), (a, "a4"), (b, "b1"), (c, "gone"), (b, "b2")]
        {
            lanes.push(lane, waiter);
        }
        let order: Vec<_> = std::iter::from_fn(|| lanes.pop(|waiter| *waiter != "gone")).collect();
        assert_eq!(order, ["a1", "b1", "a2", "b2", "a3", "a4"]);
        assert!(lanes.is_empty() && lanes.waiting.is_empty());
    }

    #[test]
    fn who_is_urgent_is_next() {
        let mut lanes = Lanes::new();
        let (a, b) = (lanes.make(), lanes.make());
        for (lane, waiter) in [(a, "a1"), (b, "b1"), (a, "a2"), (Lane::URGENT, "u1"), (Lane::URGENT, "u2")] {
            lanes.push(lane, waiter);
        }
        let order: Vec<_> = std::iter::from_fn(|| lanes.pop(|_| true)).collect();
        assert_eq!(order, ["u1", "u2", "a1", "b1", "a2"]);
    }
}
