use std::sync::atomic::{AtomicU64, Ordering};

use engineio_proto::Tier;

/// Why an adaptive session went on with another carrier, as a server sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SwitchCause {
    /// The carrier was gone before the next one came.
    Lost,
    /// The client found that a better one works.
    Promoted,
    /// The client gave up one that the server had no reason to doubt: it was silent or did not acknowledge.
    Demoted,
}

/// A change of what carries an adaptive session. After a loss it may be to the same tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Switch {
    /// What carried the session before.
    pub from: Tier,
    /// What carries it now.
    pub to: Tier,
    /// Why.
    pub cause: SwitchCause,
}

/// How often adaptive sessions went on with another carrier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches([[[u64; 3]; 3]; 3]);

impl Switches {
    /// Every change that there can be, with how often it happened.
    pub fn iter(&self) -> impl Iterator<Item = (Switch, u64)> {
        let ways = TIERS.into_iter().flat_map(|from| TIERS.into_iter().map(move |to| (from, to)));
        let switches =
            ways.flat_map(|(from, to)| CAUSES.into_iter().map(move |cause| Switch { from, to, cause }));
        switches
            .filter(Switch::is_possible)
            .map(|it| (it, self.0[it.from as usize][it.to as usize][it.cause as usize]))
    }
}

impl Switch {
    fn is_possible(&self) -> bool {
        match self.cause {
            SwitchCause::Lost => true,
            SwitchCause::Promoted => self.to < self.from,
            SwitchCause::Demoted => self.to > self.from,
        }
    }
}

/// Counts that only grow.
#[derive(Debug, Default)]
pub(crate) struct SwitchMeter([[[AtomicU64; 3]; 3]; 3]);

impl SwitchMeter {
    pub(crate) fn add(&self, Switch { from, to, cause }: Switch) {
        self.0[from as usize][to as usize][cause as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Switches {
        Switches(
            self.0.each_ref().map(|from| {
                from.each_ref().map(|to| to.each_ref().map(|count| count.load(Ordering::Relaxed)))
            }),
        )
    }
}

/// What has carried a session so far.
#[derive(Debug, Default)]
pub(crate) struct Course {
    last: Option<Tier>,
    is_lost: bool,
}

impl Course {
    /// Takes note of what carries the session now, and tells of a change.
    pub(crate) fn note(&mut self, tier: Option<Tier>) -> Option<Switch> {
        let Some(to) = tier else {
            self.is_lost = true;
            return None;
        };
        let was_lost = std::mem::take(&mut self.is_lost);
        let from = self.last.replace(to)?;
        let cause = match to.cmp(&from) {
            _ if was_lost => SwitchCause::Lost,
            std::cmp::Ordering::Less => SwitchCause::Promoted,
            std::cmp::Ordering::Greater => SwitchCause::Demoted,
            std::cmp::Ordering::Equal => return None,
        };
        Some(Switch { from, to, cause })
    }
}

/// Best first, which is also their order.
const TIERS: [Tier; 3] = Tier::ALL;

const CAUSES: [SwitchCause; 3] = [SwitchCause::Lost, SwitchCause::Promoted, SwitchCause::Demoted];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_its_cause() {
        use Tier::{LongPoll, Periodic, WebSocket};
        let mut course = Course::default();
        let mut note = |tier| course.note(tier).map(|switch| (switch.from, switch.to, switch.cause));
        assert_eq!(note(Some(LongPoll)), None, "the first is no change");
        assert_eq!(note(Some(LongPoll)), None);
        assert_eq!(note(Some(WebSocket)), Some((LongPoll, WebSocket, SwitchCause::Promoted)));
        assert_eq!(note(None), None);
        assert_eq!(note(Some(WebSocket)), Some((WebSocket, WebSocket, SwitchCause::Lost)));
        assert_eq!(note(Some(Periodic)), Some((WebSocket, Periodic, SwitchCause::Demoted)));
        assert_eq!(note(None), None);
        assert_eq!(note(Some(LongPoll)), Some((Periodic, LongPoll, SwitchCause::Lost)));
    }

    #[test]
    fn what_was_counted_is_found_again() {
        let meter = SwitchMeter::default();
        let switch = Switch { from: Tier::WebSocket, to: Tier::Periodic, cause: SwitchCause::Demoted };
        meter.add(switch);
        let counted: Vec<_> = meter.read().iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [(switch, 1)]);
        assert_eq!(meter.read().iter().count(), 15, "nine after a loss, three up and three down");
    }
}
