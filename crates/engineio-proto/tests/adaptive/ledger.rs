//! What each side has sent, against what the other has received, and when.

use std::time::Duration;

use engineio_proto::{Message, Prepared, SessionConfig, session::adaptive::Status};
use testkit::{AdaptivePair, Side};

pub(crate) const BOTH: [Side; 2] = [Side::Client, Side::Server];

/// The messages of both sides.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Each with the time, unless the side was asleep, and then did nothing else of what it has to.
    sent: [Vec<(Message, Option<Duration>)>; 2],
    /// How many of what a side has sent the other has received.
    received: [usize; 2],
}

impl Ledger {
    pub(crate) fn push(&mut self, side: Side, message: Message, at: Option<Duration>) {
        self.sent[index(side)].push((message, at));
    }

    /// How many messages a side has sent.
    pub(crate) fn sent(&self, side: Side) -> usize {
        self.sent[index(side)].len()
    }

    /// How many messages a side has sent that the other has not received.
    pub(crate) fn missing(&self, side: Side) -> usize {
        self.sent(side) - self.received[index(side)]
    }

    /// How many messages arrived.
    pub(crate) fn delivered(&self) -> u64 {
        self.received.iter().map(|count| *count as u64).sum()
    }

    /// What has come is what was sent, once and in order.
    pub(crate) fn compare(&mut self, pair: &AdaptivePair) {
        for side in BOTH {
            let (sent, count) = (&self.sent[index(side)], &mut self.received[index(side)]);
            for message in &pair.messages(other(side))[*count..] {
                let expected = sent.get(*count).map(|(message, _)| message);
                assert_eq!(Some(message), expected, "number {count} of the {side:?}");
                *count += 1;
            }
        }
    }

    /// What was sent and is not acknowledged has room in the window, and what waits has room in the limit; a single
    /// packet always has.
    pub(crate) fn check_memory(&self, side: Side, status: &Status, config: &SessionConfig) {
        let Status { unacknowledged_bytes, waiting_bytes, .. } = *status;
        let (window, limit) = (config.adaptive.window, config.max_queued_bytes);
        for (bytes, most) in [(unacknowledged_bytes, window), (waiting_bytes, limit)] {
            assert!(bytes <= most || self.is_packet(side, bytes), "{status:?} at the {side:?}, {config:?}");
        }
    }

    /// Whether a packet of a side has this length.
    fn is_packet(&self, side: Side, len: usize) -> bool {
        self.sent[index(side)].iter().any(|(message, _)| Prepared::new(message).len() == len)
    }

    /// Whether a side was heard in this time before `at`, and heard that: the other received something of it, and what
    /// the other sent arrived after it had to tell how much it has.
    pub(crate) fn had_both_ways(
        &self,
        pair: &AdaptivePair,
        side: Side,
        at: Duration,
        time: Duration,
    ) -> bool {
        let from = at.saturating_sub(time);
        let Some(there) = pair.received_at(other(side)).find(|there| *there > from) else { return false };
        let sent = self.sent[index(other(side))].iter().map(|(_, sent)| *sent);
        sent.zip(pair.received_at(side))
            .any(|(sent, back)| sent.is_some_and(|sent| sent >= there + COUNT_DELAY) && back <= at)
    }
}

/// After this time a client tells its count, and a server sooner.
const COUNT_DELAY: Duration = Duration::from_secs(2);

pub(crate) fn other(side: Side) -> Side {
    if side == Side::Client { Side::Server } else { Side::Client }
}

fn index(side: Side) -> usize {
    usize::from(side == Side::Server)
}
