use std::time::Instant;

use super::Tier;
use crate::session::CarrierId;

/// What the ladder knows about a carrier that exists.
#[derive(Clone, Debug)]
pub(super) struct Carrier {
    pub(super) id: CarrierId,
    pub(super) tier: Tier,
    pub(super) phase: Phase,
    /// Whether it is tried in the background.
    pub(super) trial: bool,
    /// Whether it was started in a race; if it comes in second, it is on trial for the rest.
    pub(super) raced: bool,
    pub(super) started: Instant,
    /// When it must have proved itself.
    pub(super) deadline: Option<Instant>,
    /// When it left the background, if it was started there, or began to carry the session after all had failed.
    pub(super) promoted: Option<Instant>,
    /// That of its last attach, or 0.
    pub(super) epoch: u32,
    /// When that was.
    pub(super) attached: Option<Instant>,
    /// Whether the server has a higher epoch.
    pub(super) stale: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The WebSocket is being opened.
    Connecting,
    /// The WebSocket has been asked.
    Probing,
    /// It has an epoch and has not carried data both ways since.
    Attached,
    /// It has.
    Proved,
}

/// When a tier is tried in the background.
#[derive(Clone, Debug, Default)]
pub(super) struct Trials {
    /// The wait before the last trial, without jitter.
    pub(super) wait: std::time::Duration,
    pub(super) due: Option<Instant>,
    /// Whether it failed soon after its promotion.
    pub(super) on_probation: bool,
}
