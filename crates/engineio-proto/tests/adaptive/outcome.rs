//! What became of sessions that went through schedules of faults.

use std::{collections::BTreeMap, time::Duration};

/// What became of one session.
pub(crate) struct Outcome {
    pub(crate) survived: bool,
    pub(crate) messages: u64,
    pub(crate) switches: u64,
    pub(crate) requests: u64,
    /// How both sides ended, if one did before its time.
    pub(crate) end: Option<String>,
    /// The longest time in its last minute in which the network could have carried it, if it ended for want of that.
    pub(crate) calm: Option<Duration>,
}

/// What became of many.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    runs: u64,
    survived: u64,
    messages: u64,
    switches: u64,
    requests: u64,
    /// How sessions ended, if they did, and how often.
    ends: BTreeMap<String, u64>,
    longest_calm: Duration,
}

impl Summary {
    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.runs += 1;
        self.survived += u64::from(outcome.survived);
        self.messages += outcome.messages;
        self.switches += outcome.switches;
        self.requests += outcome.requests;
        self.longest_calm = self.longest_calm.max(outcome.calm.unwrap_or_default());
        if let Some(end) = outcome.end {
            *self.ends.entry(end).or_default() += 1;
        }
    }

    /// A single session may end, and may have had a quiet life; of many, most go on, and through many carriers.
    pub(crate) fn check(&self) {
        if self.runs > 1 {
            assert!(self.survived * 10 >= self.runs * 8, "most sessions live through it: {self:?}");
            assert!(self.switches > 5 * self.runs, "the faults do something: {self:?}");
            assert!(self.messages > 100 * self.runs, "there is something to lose: {self:?}");
        }
    }
}
