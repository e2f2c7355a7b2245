use super::Tier;
use crate::session::CarrierId;

/// What shall be done about carriers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Give this carrier this epoch: a WebSocket sends its attach record, an HTTP carrier makes requests with it.
    ///
    /// The carrier with the highest epoch is the newest, and packets go there.
    /// The same carrier can be attached again.
    Attach {
        /// The carrier.
        carrier: CarrierId,
        /// Its epoch: in the race of an opening by tier, then higher than any before.
        epoch: u32,
        /// A long-poll on trial: it has proved itself only when a request took at least 750 ms or was answered with a
        /// packet. Let its requests be held for 1 s.
        trial: bool,
    },
    /// This carrier works both ways and is the one that carries the session; packets go there.
    ///
    /// This is what the application is told.
    Carry {
        /// The carrier.
        carrier: CarrierId,
        /// Its tier.
        tier: Tier,
        /// Why it is another one than before.
        cause: Cause,
    },
    /// The opening has failed on every tier; the ladder does nothing more.
    GiveUp,
    /// Ask this WebSocket with a `p` record whether data passes; it has not attached.
    Probe {
        /// The carrier.
        carrier: CarrierId,
    },
    /// Note for the next opening that this tier works here, with the time.
    Remember {
        /// The tier.
        tier: Tier,
    },
    /// Make a carrier. A WebSocket is opened; an HTTP carrier waits for the [`Action::Attach`] that follows.
    Start {
        /// Its name from now on.
        carrier: CarrierId,
        /// Its tier.
        tier: Tier,
    },
    /// Close this carrier or abort its requests, if it is not gone already, and report nothing about it any more.
    Stop {
        /// The carrier.
        carrier: CarrierId,
    },
}

/// Why another carrier carries the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A better tier has proved itself.
    Better,
    /// The one before has failed.
    Failed(Failure),
    /// The session was opened.
    Opened,
}

/// Why a carrier is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The connection was closed.
    Closed,
    /// The connection broke.
    Error,
    /// Something else than the server answered: a proxy with its own page.
    Foreign,
    /// The connection or the upgrade was refused.
    Refused,
    /// Nothing came in time: no answer to the attempt, or nothing for the liveness interval.
    Silent,
    /// Packets were not acknowledged in time.
    Unacknowledged,
}

impl Failure {
    /// All failures.
    pub const ALL: [Self; 6] =
        [Self::Closed, Self::Error, Self::Foreign, Self::Refused, Self::Silent, Self::Unacknowledged];

    /// A word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Error => "error",
            Self::Foreign => "foreign",
            Self::Refused => "refused",
            Self::Silent => "silent",
            Self::Unacknowledged => "unacknowledged",
        }
    }
}

impl Cause {
    /// A word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Failed(failure) => failure.name(),
            Self::Opened => "opened",
        }
    }
}

/// What the operating system or the browser says about the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// It is another network, or it has come back.
    Changed,
    /// It may be gone.
    Offline,
}
