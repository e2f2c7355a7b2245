use super::fifo::Fifo;
use crate::{Prepared, payload};

/// What may happen to a packet that cannot leave at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits.
    Reliable,
    /// It is dropped.
    Volatile,
}

/// What became of packets given to [`Session::send`](super::Session::send).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Sent {
    /// They will be transmitted in order, unless the session ends before.
    Queued,
    /// They will not be transmitted: the session is over, or they were volatile and the carrier busy.
    Dropped,
}

/// Packets that no carrier has taken yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: Fifo<Prepared>,
    bytes: usize,
}

impl Outbox {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What the packets take of the limit.
    pub(super) fn cost(&self) -> usize {
        self.bytes + self.queue.len() * Prepared::OVERHEAD
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The packet that would leave last.
    pub(super) fn back(&self) -> Option<&Prepared> {
        self.queue.back()
    }

    pub(super) fn contains(&self, packet: &Prepared) -> bool {
        self.queue.contains(packet)
    }

    #[inline]
    pub(super) fn push(&mut self, packet: Prepared) {
        self.bytes += packet.len();
        self.queue.push_back(packet);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Prepared> {
        let packet = self.queue.pop_front()?;
        self.bytes -= packet.len();
        Some(packet)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes as many packets as fit into one payload of `max_bytes`, at least one.
    pub(super) fn pop_payload(&mut self, max_bytes: usize) -> Vec<Prepared> {
        let mut packets = Vec::new();
        let mut len = 0;
        while let Some(packet) = self.queue.front() {
            len += packet.chunk_len() + usize::from(!packets.is_empty());
            if !packets.is_empty() && (len > max_bytes || packets.len() == payload::MAX_PACKETS) {
                break;
            }
            packets.extend(self.pop());
        }
        packets
    }

    /// Puts packets back that were taken and did not arrive.
    pub(super) fn restore(&mut self, packets: Vec<Prepared>) {
        for packet in packets.into_iter().rev() {
            self.bytes += packet.len();
            self.queue.push_front(packet);
        }
    }
}
