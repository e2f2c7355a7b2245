use std::{collections::VecDeque, time::Instant};

use super::{Record, body::BodyBuilder, body::chunk_len};
use crate::Prepared;

/// The numbered packets of one direction, from the first that the other side has not acknowledged.
///
/// Invariant: `index <= unacked <= packets.len()`.
#[derive(Debug)]
pub(super) struct Outgoing {
    packets: VecDeque<Prepared>,
    /// The number of the last packet that is acknowledged.
    acked: u64,
    /// How many of the packets a carrier was given.
    unacked: usize,
    /// Which of the packets the carrier gets next.
    index: usize,
    unacked_bytes: usize,
    waiting_bytes: usize,
    window: usize,
    /// Whether what the carrier would have got next was acknowledged meanwhile.
    jumped: bool,
    /// Since when nothing new was acknowledged, though something might have been; set by [`note`](Self::note).
    since: Option<Instant>,
}

/// An acknowledgement of what was never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BeyondSent;

impl Outgoing {
    pub(super) fn new(window: usize) -> Self {
        Self {
            packets: VecDeque::new(),
            acked: 0,
            unacked: 0,
            index: 0,
            unacked_bytes: 0,
            waiting_bytes: 0,
            window,
            jumped: false,
            since: None,
        }
    }

    pub(super) fn acked(&self) -> u64 {
        self.acked
    }

    /// Bytes that were sent and not acknowledged.
    pub(super) fn unacked_bytes(&self) -> usize {
        self.unacked_bytes
    }

    /// Bytes that no carrier was given.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// What those packets take of the limit.
    #[inline]
    pub(super) fn waiting_cost(&self) -> usize {
        self.waiting_bytes + (self.packets.len() - self.unacked) * Prepared::OVERHEAD
    }

    /// Whether each packet that was sent and not acknowledged may be compressed.
    pub(super) fn may_compress(&self) -> bool {
        self.packets.iter().take(self.unacked).all(Prepared::may_compress)
    }

    /// Whether everything is acknowledged.
    pub(super) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    pub(super) fn set_window(&mut self, window: usize) {
        self.window = window;
    }

    #[inline]
    pub(super) fn push(&mut self, packet: Prepared) {
        self.waiting_bytes += packet.len();
        self.packets.push_back(packet);
    }

    /// Notes the time for [`since`](Self::since), because sending knows none.
    pub(super) fn note(&mut self, now: Instant) {
        if self.unacked == 0 {
            self.since = None;
        } else {
            self.since.get_or_insert(now);
        }
    }

    /// The other side has said that it hears what is sent, though nothing of it is whole.
    pub(super) fn heard(&mut self, now: Instant) {
        if let Some(since) = &mut self.since {
            *since = now;
        }
    }

    /// Since when the other side owes an acknowledgement.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// The other side has received this many; whether that is news.
    ///
    /// # Errors
    /// It cannot have.
    pub(super) fn acknowledge(&mut self, now: Instant, count: u64) -> Result<bool, BeyondSent> {
        let Some(news) = count.checked_sub(self.acked).filter(|news| *news > 0) else { return Ok(false) };
        let news = usize::try_from(news).ok().filter(|news| *news <= self.unacked).ok_or(BeyondSent)?;
        self.unacked_bytes -= self.packets.drain(..news).map(|packet| packet.len()).sum::<usize>();
        self.acked = count;
        self.unacked -= news;
        self.jumped |= self.index < news;
        self.index = self.index.saturating_sub(news);
        self.since = None;
        self.note(now);
        if self.packets.is_empty() && self.packets.capacity() > KEPT_PACKETS {
            self.packets = VecDeque::new();
        }
        Ok(true)
    }

    /// Another carrier: it begins with the first packet that is not acknowledged, whose number this is.
    pub(super) fn rewind(&mut self) -> u64 {
        self.index = 0;
        self.jumped = false;
        self.acked + 1
    }

    /// Where the numbers of a WebSocket have to jump to, since what it would carry next was acknowledged meanwhile.
    #[inline]
    pub(super) fn skip(&mut self) -> Option<u64> {
        self.jumped.then(|| self.rewind())
    }

    /// Whether a carrier gets something.
    pub(super) fn has_next(&self) -> bool {
        self.peek().is_some()
    }

    /// The number of the packet that [`pop`](Self::pop) would give.
    pub(super) fn next_number(&mut self) -> Option<u64> {
        self.jumped = false;
        self.peek().map(|_| self.number())
    }

    /// The next packet for the carrier, as far as the window is open.
    pub(super) fn pop(&mut self) -> Option<Prepared> {
        self.pop_if(|_, _| true)?.ok()
    }

    /// The same if its number and its length pass; otherwise its length, and it stays the next.
    #[inline]
    pub(super) fn pop_if(
        &mut self,
        passes: impl FnOnce(u64, usize) -> bool,
    ) -> Option<Result<Prepared, usize>> {
        debug_assert!(!self.jumped, "the carrier is told of the jump first");
        let packet = self.peek()?;
        let len = packet.len();
        if !passes(self.number(), len) {
            return Some(Err(len));
        }
        let packet = packet.clone();
        if self.index == self.unacked {
            self.unacked += 1;
            self.unacked_bytes += len;
            self.waiting_bytes -= len;
        }
        self.index += 1;
        Some(Ok(packet))
    }

    /// Appends what is not acknowledged and fits into `max_bytes`, at least one packet; gives the number of packets.
    pub(super) fn write(&mut self, body: &mut BodyBuilder, max_bytes: usize) -> usize {
        let first = self.rewind();
        let (mut count, mut len) = (0, 0);
        while let Some(packet) = self.peek() {
            len += chunk_len(packet);
            if count > 0 && len > max_bytes {
                break;
            }
            if count == 0 {
                body.push_record(Record::First(first));
            }
            let Some(packet) = self.pop() else { break };
            body.push_packet(&packet);
            count += 1;
        }
        count
    }

    /// Whether a packet that is pushed now could leave at once.
    pub(super) fn is_clear(&self) -> bool {
        self.packets.len() == self.unacked
            && self.unacked_bytes < self.window
            && self.unacked < max_packets(self.window)
    }

    /// Forgets everything; nothing is sent any more.
    pub(super) fn clear(&mut self) {
        *self = Self { acked: self.acked + self.unacked as u64, ..Self::new(self.window) };
    }

    fn number(&self) -> u64 {
        self.acked + 1 + self.index as u64
    }

    #[inline]
    fn peek(&self) -> Option<&Prepared> {
        let packet = self.packets.get(self.index)?;
        // What is before a packet that was not sent yet is what was sent and is not acknowledged.
        let fits = self.index < self.unacked
            || self.unacked == 0
            || (self.unacked < max_packets(self.window)
                && self.unacked_bytes.saturating_add(packet.len()) <= self.window);
        fits.then_some(packet)
    }
}

/// How many packets may be sent and not acknowledged, so that small ones do not take a multiple of the window.
pub(super) fn max_packets(window: usize) -> usize {
    (window / Prepared::OVERHEAD).max(MIN_PACKETS)
}

/// Packets that a small window has room for, if they have.
const MIN_PACKETS: usize = 64;

/// A queue that has grown beyond this is given back when it is empty.
///
/// As many as the peer lets wait before it tells its count, and as many again that are sent until that has come, so
/// that a busy session does not grow it anew each time.
const KEPT_PACKETS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(outgoing: &mut Outgoing) -> Vec<String> {
        let packets = std::iter::from_fn(|| outgoing.pop());
        packets.map(|packet| String::from_utf8_lossy(packet.payload()).into_owned()).collect()
    }

    #[test]
    fn a_window_is_sent_and_what_is_not_acknowledged_is_sent_again() {
        let now = Instant::now();
        let mut outgoing = Outgoing::new(4);
        for text in ["1", "2", "3", "4"] {
            outgoing.push(Prepared::text(text));
        }
        assert_eq!(texts(&mut outgoing), ["41", "42"]);
        assert_eq!((outgoing.unacked_bytes(), outgoing.waiting_bytes()), (4, 4));
        assert_eq!(outgoing.acknowledge(now, 3), Err(BeyondSent));
        assert_eq!(outgoing.acknowledge(now, 1), Ok(true));
        assert_eq!(outgoing.acknowledge(now, 0), Ok(false), "an old one is only old");
        assert_eq!(texts(&mut outgoing), ["43"]);
        assert_eq!(outgoing.rewind(), 2);
        assert_eq!(texts(&mut outgoing), ["42", "43"]);
        outgoing.rewind();
        assert_eq!(outgoing.acknowledge(now, 3), Ok(true));
        assert_eq!(outgoing.skip(), Some(4));
        assert_eq!(outgoing.skip(), None);
        assert_eq!(texts(&mut outgoing), ["44"]);
        assert_eq!(outgoing.acknowledge(now, 4), Ok(true));
        assert!(outgoing.is_empty() && outgoing.is_clear() && outgoing.since().is_none());
    }

    #[test]
    fn the_window_has_room_for_so_many_packets_only() {
        let mut outgoing = Outgoing::new(256 * 1024);
        (0..10_000).for_each(|_| outgoing.push(Prepared::text("")));
        assert_eq!(texts(&mut outgoing).len(), 2048);
        assert_eq!((outgoing.waiting_cost(), outgoing.is_clear()), (7952 * (1 + Prepared::OVERHEAD), false));
        assert_eq!(outgoing.acknowledge(Instant::now(), 48), Ok(true));
        assert_eq!(texts(&mut outgoing).len(), 48);
    }

    #[test]
    fn what_must_not_be_compressed_counts_from_sent_to_acknowledged() {
        let mut outgoing = Outgoing::new(1000);
        outgoing.push(Prepared::text("a"));
        outgoing.push(Prepared::text("b").uncompressed());
        assert!(outgoing.pop().is_some() && outgoing.may_compress());
        assert!(outgoing.pop().is_some() && !outgoing.may_compress());
        assert_eq!(outgoing.acknowledge(Instant::now(), 2), Ok(true));
        assert!(outgoing.may_compress());
    }

    #[test]
    fn a_single_packet_may_exceed_the_window() {
        let mut outgoing = Outgoing::new(3);
        outgoing.push(Prepared::text("longer than the window"));
        outgoing.push(Prepared::text("x"));
        assert_eq!(texts(&mut outgoing), ["4longer than the window"]);
        assert_eq!(outgoing.waiting_bytes(), 2);
    }

    #[test]
    fn a_body_holds_at_least_one_packet_and_no_more_than_fit() {
        let mut outgoing = Outgoing::new(1000);
        for text in ["aaaa", "bbbb", "cccc"] {
            outgoing.push(Prepared::text(text));
        }
        let mut write = |max| {
            let mut body = BodyBuilder::default();
            let count = outgoing.write(&mut body, max);
            (count, body.finish())
        };
        assert_eq!(write(0), (1, "s1\x1e4aaaa\x1e".into()));
        assert_eq!(write(12), (2, "s1\x1e4aaaa\x1e4bbbb\x1e".into()));
        assert_eq!(write(100), (3, "s1\x1e4aaaa\x1e4bbbb\x1e4cccc\x1e".into()));
        assert_eq!(outgoing.acknowledge(Instant::now(), 3), Ok(true));
        assert_eq!(outgoing.write(&mut BodyBuilder::default(), 100), 0);
    }
}
