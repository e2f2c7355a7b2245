use std::fmt;

/// A kind of carrier; the better one is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// A WebSocket.
    WebSocket,
    /// Requests that the server holds until it has something to say.
    LongPoll,
    /// Requests that are answered at once, from time to time.
    Periodic,
}

impl Tier {
    /// All tiers, the best first.
    pub const ALL: [Self; 3] = [Self::WebSocket, Self::LongPoll, Self::Periodic];

    /// The word for it in queries and in the OPEN packet.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::LongPoll => "long-poll",
            Self::Periodic => "periodic",
        }
    }

    /// The tier of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of tiers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tiers(u8);

impl Tiers {
    /// No tier.
    pub const NONE: Self = Self(0);
    /// Every tier.
    pub const ALL: Self = Self(0b111);

    /// This tier and all better ones.
    pub fn up_to(tier: Tier) -> Self {
        Tier::ALL.into_iter().filter(|each| *each <= tier).collect()
    }

    /// Whether it is one of them.
    pub const fn contains(self, tier: Tier) -> bool {
        self.0 & tier.bit() != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The best of them.
    pub fn best(self) -> Option<Tier> {
        self.iter().next()
    }

    /// The worst of them.
    pub fn worst(self) -> Option<Tier> {
        self.iter().next_back()
    }

    /// All of them, the best first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Tier> {
        Tier::ALL.into_iter().filter(move |tier| self.contains(*tier))
    }

    /// Those that are better than this one.
    #[must_use]
    pub fn better_than(self, tier: Tier) -> Self {
        self.iter().filter(|each| *each < tier).collect()
    }

    /// Those that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// These without the others.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, tier: Tier) -> Self {
        Self(self.0 | tier.bit())
    }
}

impl FromIterator<Tier> for Tiers {
    fn from_iter<I: IntoIterator<Item = Tier>>(tiers: I) -> Self {
        tiers.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Tiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use Tier::{LongPoll, Periodic, WebSocket};

    use super::*;

    #[test]
    fn tiers_are_a_set_in_order_of_preference() {
        let http = Tiers::from_iter([Periodic, LongPoll]);
        assert_eq!(http.iter().collect::<Vec<_>>(), [LongPoll, Periodic]);
        assert_eq!((http.best(), http.worst()), (Some(LongPoll), Some(Periodic)));
        assert_eq!(Tiers::ALL.without(http), Tiers::NONE.with(WebSocket));
        assert_eq!(Tiers::ALL.better_than(Periodic).and(http), Tiers::NONE.with(LongPoll));
        assert!(Tiers::NONE.is_empty() && Tiers::NONE.best().is_none() && !http.contains(WebSocket));
        assert_eq!(format!("{http:?}"), "{LongPoll, Periodic}");
        for tier in Tier::ALL {
            assert_eq!(Tier::from_name(tier.name()), Some(tier));
        }
    }
}
