use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// A network in virtual time: what is sent arrives after the latency, in order.
#[derive(Debug)]
pub struct Network<T> {
    /// Time from one side to the other. Default 10 ms.
    pub latency: Duration,
    /// What happens to WebSockets.
    pub websockets: WebSockets,
    /// How many of the next replies to polls are lost on their way.
    pub lose_replies: u32,
    in_flight: BTreeMap<(Instant, u64), T>,
    sent: u64,
}

/// What a network does to WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebSockets {
    /// They work.
    Allowed,
    /// They are opened, and then nothing comes through.
    Mute,
    /// The request for one is refused.
    Refused,
}

impl<T> Network<T> {
    pub(crate) fn new() -> Self {
        Self {
            latency: Duration::from_millis(10),
            websockets: WebSockets::Allowed,
            lose_replies: 0,
            in_flight: BTreeMap::new(),
            sent: 0,
        }
    }

    pub(crate) fn send(&mut self, now: Instant, parcel: T) {
        self.sent += 1;
        self.in_flight.insert((now + self.latency, self.sent), parcel);
    }

    /// When the next parcel arrives.
    pub(crate) fn next_arrival(&self) -> Option<Instant> {
        self.in_flight.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn arrive(&mut self, now: Instant) -> Option<T> {
        let entry = self.in_flight.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }
}
