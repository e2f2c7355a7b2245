//! What a client does about carriers: which to start, which to stop, which carries the session.

mod action;
mod carrier;
mod config;
mod random;
mod schedule;
mod tier;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

pub use action::{Action, Cause, Failure, Hint};
pub use config::LadderConfig;
pub use tier::{Tier, Tiers};

use super::super::CarrierId;
use carrier::{Carrier, Phase, Trials};
use random::Random;

/// The state machine of the section *The ladder* in `docs/adaptive-transport.md`, for one session.
///
/// It knows no packets and no connections, only carriers by name, and has the shape of
/// [`Session`](crate::Session):
///
/// - **Getters**: [`carrying`](Self::carrying), [`attached`](Self::attached), [`tier`](Self::tier).
/// - **Inputs**, `handle_*`: what happened to carriers, what the network says, and time.
///   What is said about a carrier that was stopped is ignored.
/// - **Outputs**: after each input, and after [`new`](Self::new), take [`poll_action`](Self::poll_action) until
///   `None`, then wait until [`poll_timeout`](Self::poll_timeout).
///
/// The clock and the seed of the random numbers are parameters: the same inputs give the same outputs, in this
/// implementation and in the one in TypeScript.
///
/// | a carrier | its life |
/// | --- | --- |
/// | WebSocket in an opening | `Start`, [`handle_opened`](Self::handle_opened), `Attach`, [`handle_proved`](Self::handle_proved), `Carry` |
/// | WebSocket in the background | `Start`, `handle_opened`, `Probe`, `handle_proved`, `Attach`, `handle_proved`, `Carry` |
/// | HTTP | `Start`, `Attach`, `handle_proved`, `Carry` |
/// | any | [`handle_failed`](Self::handle_failed), `Stop` |
#[derive(Clone, Debug)]
pub struct Ladder {
    config: LadderConfig,
    tiers: Tiers,
    random: Random,
    /// Those that exist, in the order of their start.
    carriers: Vec<Carrier>,
    ids: u32,
    /// The highest epoch given.
    epoch: u32,
    /// The one that has the highest epoch, if it exists.
    attached: Option<CarrierId>,
    carrying: Option<CarrierId>,
    opening: bool,
    race: Option<Race>,
    /// What the carrier before failed of.
    failure: Option<Failure>,
    trials: [Trials; Tier::ALL.len()],
    /// Trials wait until then.
    quiet_until: Option<Instant>,
    restart_at: Option<Instant>,
    /// The wait before the next restart, without jitter.
    restart_wait: Duration,
    remember_at: Option<Instant>,
    rto: Duration,
    actions: VecDeque<Action>,
    over: bool,
}

/// Tiers that are started one beside the other until one has proved itself.
#[derive(Clone, Debug)]
struct Race {
    /// Those that had their turn.
    tried: Tiers,
    /// Where it began.
    first: Tier,
    /// When the next has its turn; `None` if there is no other.
    at: Option<Instant>,
}

impl Ladder {
    /// A ladder that begins with the opening of a session.
    pub fn new(now: Instant, config: LadderConfig) -> Self {
        let tiers = if config.tiers.is_empty() { Tiers::ALL } else { config.tiers };
        let first = config.first(tiers);
        let mut ladder = Self {
            random: Random::new(config.seed),
            tiers,
            config,
            carriers: Vec::new(),
            ids: 0,
            epoch: config::RACE_EPOCHS,
            attached: None,
            carrying: None,
            opening: true,
            race: None,
            failure: None,
            trials: Default::default(),
            quiet_until: None,
            restart_at: None,
            restart_wait: config::RESTART,
            remember_at: None,
            rto: config::MIN_RTO,
            actions: VecDeque::new(),
            over: false,
        };
        ladder.begin_race(now, first, Tiers::NONE.with(first));
        ladder.start(now, first, false);
        ladder
    }

    // === Getters ===

    /// The carrier that carries the session; `None` while none is known to work.
    pub fn carrying(&self) -> Option<CarrierId> {
        self.carrying
    }

    /// The carrier that has the newest epoch and has not been stopped.
    pub fn attached(&self) -> Option<CarrierId> {
        self.attached
    }

    /// The tier that carries the session.
    pub fn tier(&self) -> Option<Tier> {
        self.carrying.and_then(|id| self.carrier(id)).map(|carrier| carrier.tier)
    }

    // === Inputs ===

    /// The handshake of a WebSocket is done.
    pub fn handle_opened(&mut self, now: Instant, carrier: CarrierId) {
        let others_work = self.carrying.is_some();
        let Some(opened) = self.carrier_mut(carrier).filter(|it| it.phase == Phase::Connecting) else {
            return;
        };
        opened.trial |= others_work;
        if opened.trial {
            opened.phase = Phase::Probing;
            self.actions.push_back(Action::Probe { carrier });
        } else {
            self.attach(now, carrier);
        }
    }

    /// A carrier has carried data both ways since it was probed or attached: an `o` record answered the probe, the
    /// server's attach record with the carrier's epoch came, or a whole response of the server to a request with the
    /// carrier's epoch did. To say it again does no harm.
    pub fn handle_proved(&mut self, now: Instant, carrier: CarrierId) {
        match self.carrier(carrier).map(|it| it.phase) {
            Some(Phase::Probing) => self.attach(now, carrier),
            Some(Phase::Attached) => self.carry(now, carrier),
            Some(Phase::Connecting | Phase::Proved) | None => {}
        }
    }

    /// The server said `xstale` on this carrier: one with a higher epoch has the session.
    ///
    /// Not to be called if no carrier of this client was given a higher one: then somebody else has the session.
    pub fn handle_stale(&mut self, now: Instant, carrier: CarrierId) {
        let Some(waiting) = self.carrier_mut(carrier).filter(|it| it.phase == Phase::Attached) else {
            return;
        };
        waiting.stale = true;
        let (tier, since) = (waiting.tier, waiting.attached);
        let newer = self.attached.filter(|id| *id != carrier).and_then(|id| self.carrier(id));
        let is_mute = |it: &Carrier| it.phase == Phase::Attached && it.tier < tier && it.attached <= since;
        match newer.map(|it| (it.id, is_mute(it))) {
            // One that has failed since had reached the server.
            None => self.attach(now, carrier),
            // The better one in a race has reached it, and the answer, which was sent before, did not get through.
            Some((mute, true)) => {
                self.stop(mute);
                self.attach(now, carrier);
            }
            Some((_, false)) => {}
        }
    }

    /// A carrier is of no use any more.
    pub fn handle_failed(&mut self, now: Instant, carrier: CarrierId, failure: Failure) {
        if let Some(lost) = self.stop(carrier) {
            self.lost(now, &lost, failure);
        }
    }

    /// The network may have changed.
    pub fn handle_hint(&mut self, now: Instant, hint: Hint) {
        match hint {
            Hint::Offline => self.quiet_until = Some(now + config::OFFLINE),
            Hint::Changed => self.network_changed(now),
        }
    }

    /// The server has said which carriers it offers, on the carrier that carries the session.
    ///
    /// To be called behind the [`handle_proved`](Self::handle_proved) of that carrier; before, it changes nothing.
    pub fn handle_offered(&mut self, now: Instant, offered: Tiers) {
        let Some(tier) = self.tier() else { return };
        self.tiers = self.tiers.and(offered.with(tier));
        let tiers = self.tiers;
        self.stop_all(|it| !tiers.contains(it.tier));
        self.attach_again(now);
        self.start_trials(now);
    }

    /// The round-trip time-out is now this; below 1 s counts as 1 s, which it is before the first call.
    pub fn handle_rto(&mut self, rto: Duration) {
        self.rto = rto.max(config::MIN_RTO);
    }

    /// Time passed; to be called when [`poll_timeout`](Self::poll_timeout) has come.
    ///
    /// What is due is done in this order, however late: carriers that had to prove themselves, the restart, the race,
    /// trials, the memory.
    pub fn handle_timeout(&mut self, now: Instant) {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        while let Some(id) = self.carriers.iter().find(|it| is_due(it.deadline)).map(|it| it.id) {
            self.handle_failed(now, id, Failure::Silent);
        }
        if is_due(self.restart_at) {
            self.restart(now);
        }
        if self.race.as_ref().is_some_and(|race| is_due(race.at)) {
            self.race_on(now);
        }
        self.start_trials(now);
        if let Some(tier) = self.tier().filter(|_| is_due(self.remember_at)) {
            self.remember_at = Some(now + config::REFRESH);
            self.actions.push_back(Action::Remember { tier });
        }
    }

    // === Outputs ===

    /// The next thing to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = self.carriers.iter().filter_map(|carrier| carrier.deadline);
        let race = self.race.as_ref().and_then(|race| race.at);
        deadlines
            .chain([race, self.restart_at, self.next_trial(), self.remember_at].into_iter().flatten())
            .min()
    }

    // === Carriers ===

    fn start(&mut self, now: Instant, tier: Tier, trial: bool) {
        if self.exists(tier) {
            return;
        }
        self.ids += 1;
        let id = CarrierId(self.ids);
        self.carriers.push(Carrier {
            id,
            tier,
            phase: Phase::Connecting,
            trial,
            raced: !trial,
            started: now,
            deadline: Some(now + self.config.trial_deadline),
            promoted: None,
            epoch: 0,
            attached: None,
            stale: false,
        });
        self.actions.push_back(Action::Start { carrier: id, tier });
        if tier != Tier::WebSocket {
            self.attach(now, id);
        }
    }

    fn attach(&mut self, now: Instant, id: CarrierId) {
        let (opening, next, patience) = (self.opening, self.epoch + 1, now + 2 * self.rto);
        let Some(carrier) = self.carrier_mut(id) else { return };
        let races = opening && carrier.epoch == 0;
        let epoch = if races { config::RACE_EPOCHS - carrier.tier as u32 } else { next };
        carrier.epoch = epoch;
        carrier.attached = Some(now);
        carrier.stale = false;
        let is_websocket = carrier.tier == Tier::WebSocket;
        if carrier.phase != Phase::Proved {
            carrier.phase = Phase::Attached;
        }
        let trial = carrier.trial && !is_websocket;
        if carrier.trial && is_websocket {
            carrier.promoted = (!carrier.raced).then_some(now);
            carrier.deadline = Some(patience);
        }
        self.epoch = self.epoch.max(epoch);
        if self.carriers.iter().all(|it| it.epoch <= epoch) {
            self.attached = Some(id);
        }
        self.actions.push_back(Action::Attach { carrier: id, epoch, trial });
        if is_websocket && !self.opening {
            // The epoch of a long-poll on trial is not the newest any more.
            self.put_off_trial(now);
        }
    }

    /// Nothing newer is left: what carries the session takes it back.
    fn attach_again(&mut self, now: Instant) {
        if let (None, Some(carrying)) = (self.attached, self.carrying) {
            self.attach(now, carrying);
        }
    }

    fn carry(&mut self, now: Instant, id: CarrierId) {
        let Some(carrier) = self.carrier_mut(id) else { return };
        carrier.phase = Phase::Proved;
        carrier.deadline = None;
        if std::mem::take(&mut carrier.trial) && carrier.tier != Tier::WebSocket {
            carrier.promoted = Some(now);
        }
        let (tier, epoch, took) = (carrier.tier, carrier.epoch, carrier.attached.map(|at| now - at));
        if self.carrying != Some(id) {
            let cause = match self.failure.take() {
                _ if self.opening => Cause::Opened,
                Some(failure) => Cause::Failed(failure),
                None => Cause::Better,
            };
            self.actions.push_back(Action::Carry { carrier: id, tier, cause });
            self.carrying = Some(id);
            self.remember_at = Some(now + config::PROOF);
        }
        self.opening = false;
        self.stop_all(|it| it.id != id && it.tier >= tier);
        // An attach that the server has seen before this one is answered by nothing any more.
        self.stop_all(|it| it.phase == Phase::Attached && it.epoch < epoch);
        self.hurry(now, id, took.unwrap_or_default());
        match self.attached {
            Some(_) => {}
            // A WebSocket cannot take another epoch: the server may have closed it. If it has, that will be seen.
            None if tier == Tier::WebSocket => self.attached = Some(id),
            None => self.attach(now, id),
        }
        self.carried(now, id, tier);
    }

    /// A better carrier that is attached takes the packets, so it may only take as long as this one took.
    fn hurry(&mut self, now: Instant, id: CarrierId, took: Duration) {
        let patience = took.max(self.race_delay());
        let Some(better) = self.attached.filter(|attached| *attached != id) else { return };
        let Some(carrier) = self.carrier_mut(better) else { return };
        let deadline = carrier.attached.map_or(now, |at| at + patience);
        carrier.deadline = carrier.deadline.map(|it| it.min(deadline));
        if deadline <= now {
            self.stop(better);
        }
    }

    /// Ends a carrier; it counts neither as failed nor as tried.
    fn stop(&mut self, id: CarrierId) -> Option<Carrier> {
        let index = self.carriers.iter().position(|carrier| carrier.id == id)?;
        self.attached.take_if(|attached| *attached == id);
        self.actions.push_back(Action::Stop { carrier: id });
        Some(self.carriers.remove(index))
    }

    fn stop_all(&mut self, which: impl Fn(&Carrier) -> bool) {
        let stopped: Vec<_> = self.carriers.iter().filter(|it| which(it)).map(|it| it.id).collect();
        for id in stopped {
            self.stop(id);
        }
    }

    fn lost(&mut self, now: Instant, lost: &Carrier, failure: Failure) {
        self.reschedule(now, lost);
        if self.opening {
            self.lost_in_opening(now);
        } else if self.carrying == Some(lost.id) {
            self.carrying = None;
            self.remember_at = None;
            self.failure = Some(failure);
            self.demote(now, lost.tier);
        } else if self.carrying.is_some() {
            self.attach_again(now);
        } else if lost.phase == Phase::Attached {
            self.demote(now, lost.tier);
        }
        self.start_trials(now);
    }

    fn carrier(&self, id: CarrierId) -> Option<&Carrier> {
        self.carriers.iter().find(|carrier| carrier.id == id)
    }

    fn carrier_mut(&mut self, id: CarrierId) -> Option<&mut Carrier> {
        self.carriers.iter_mut().find(|carrier| carrier.id == id)
    }

    fn exists(&self, tier: Tier) -> bool {
        self.carriers.iter().any(|carrier| carrier.tier == tier)
    }
}
