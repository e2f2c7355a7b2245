use std::time::{Duration, Instant};

use super::{
    super::super::CarrierId,
    Action, Carrier, Ladder, Phase, Race, Tier, Tiers, Trials,
    config::{HTTP_PROBATION, MAX_RESTART, MIN_RACE_DELAY, PROBATION, RESTART, WAITS},
};

/// When which tier is tried.
impl Ladder {
    // === Races ===

    pub(super) fn race_delay(&self) -> Duration {
        let shortest = if self.opening { Duration::ZERO } else { MIN_RACE_DELAY };
        self.config.race_delay.max(shortest)
    }

    pub(super) fn begin_race(&mut self, now: Instant, first: Tier, tried: Tiers) {
        let is_over = self.tiers.without(tried).is_empty();
        let at = (!is_over).then(|| now + self.race_delay());
        self.race = Some(Race { tried, first, at });
    }

    /// The next tiers have their turn: better ones than the first, or the best of those that are left.
    pub(super) fn race_on(&mut self, now: Instant) {
        let Some(Race { tried, first, .. }) = self.race else { return };
        let untried = self.tiers.without(tried);
        let better = untried.better_than(first);
        let next = if better.is_empty() { untried.best().into_iter().collect() } else { better };
        self.begin_race(now, first, next.iter().fold(tried, Tiers::with));
        for tier in next.iter() {
            self.start(now, tier, false);
        }
    }

    pub(super) fn lost_in_opening(&mut self, now: Instant) {
        let stale = self.carriers.iter().find(|it| it.stale).map(|it| it.id);
        if let (None, Some(stale)) = (self.attached, stale) {
            self.attach(now, stale);
        }
        if self.race.as_ref().is_some_and(|race| race.at.is_some()) {
            self.race_on(now);
        } else if self.carriers.is_empty() && !self.over {
            self.over = true;
            self.actions.push_back(Action::GiveUp);
        }
    }

    /// Nothing carries the session since a carrier of this tier has failed.
    pub(super) fn demote(&mut self, now: Instant, failed: Tier) {
        self.begin_race(now, Tier::WebSocket, Tiers::up_to(failed));
        // One that is attached already is waited for.
        let waiting = self.carriers.iter().filter(|it| it.phase == Phase::Attached).max_by_key(|it| it.epoch);
        match waiting.map(|it| (it.id, it.tier)) {
            None => self.race_on(now),
            Some((id, tier)) if self.attached.is_none() && tier != Tier::WebSocket => self.attach(now, id),
            Some(_) => {}
        }
        if self.tiers.worst().is_none_or(|worst| failed >= worst) && self.restart_at.is_none() {
            self.restart_at = Some(now + self.random.jitter(self.restart_wait));
            self.restart_wait = (2 * self.restart_wait).min(MAX_RESTART);
        }
    }

    /// Everything is tried again: the HTTP tiers race, and a WebSocket is on trial beside them, but later, so that it does
    /// not take the only connection that a proxy may allow.
    pub(super) fn restart(&mut self, now: Instant) {
        self.restart_at = None;
        let Some(first) = self.first_of_restart() else { return };
        self.begin_race(now, first, Tiers::NONE.with(Tier::WebSocket).with(first));
        self.start(now, first, false);
        let later = now + self.race_delay();
        let websocket = self.trials_mut(Tier::WebSocket);
        if !websocket.on_probation {
            websocket.due = Some(later);
        }
    }

    /// The best HTTP tier, but for the first time none that is on probation: what carried the session before may have
    /// failed only because the connection of such a one was not gone yet.
    fn first_of_restart(&self) -> Option<Tier> {
        let http = self.tiers.without(Tiers::NONE.with(Tier::WebSocket));
        let is_first = self.restart_wait <= 2 * RESTART;
        let first = http.iter().find(|tier| !(is_first && self.trials(*tier).on_probation));
        first.or_else(|| http.best()).or_else(|| self.tiers.best())
    }

    // === Trials in the background ===

    /// This carrier, which is of this tier, has begun to carry the session.
    pub(super) fn carried(&mut self, now: Instant, id: CarrierId, tier: Tier) {
        self.restart_at = None;
        let was_down = std::mem::replace(&mut self.restart_wait, RESTART) > RESTART;
        if was_down {
            // What was begun while nothing worked may hang for longer than a new attempt takes.
            self.stop_all(|it| it.phase == Phase::Connecting);
            let has_worse = tier != Tier::WebSocket && self.tiers.worst().is_some_and(|worst| tier < worst);
            if let Some(carrier) = self.carrier_mut(id).filter(|_| has_worse) {
                carrier.promoted = Some(now);
            }
        }
        let race = self.race.take();
        for other in Tier::ALL {
            let exists = self.exists(other);
            let untried = race.as_ref().filter(|race| !race.tried.contains(other));
            let at = untried.and_then(|race| race.at).unwrap_or(now);
            let trials = self.trials_mut(other);
            if other >= tier {
                trials.due = None;
            } else if !exists && (trials.due.is_none() || (was_down && !trials.on_probation)) {
                trials.due = Some(at);
            }
        }
        self.start_trials(now);
    }

    /// Ends the trial that has taken the session; it is due when it can be made again.
    pub(super) fn put_off_trial(&mut self, now: Instant) {
        let on_trial = self.carriers.iter().find(|it| it.trial && it.tier != Tier::WebSocket);
        if let Some((id, tier)) = on_trial.map(|it| (it.id, it.tier)) {
            self.stop(id);
            self.trials_mut(tier).due = Some(now);
        }
    }

    pub(super) fn start_trials(&mut self, now: Instant) {
        for tier in Tier::ALL {
            if self.trial_at(tier).is_some_and(|at| at <= now) {
                self.trials_mut(tier).due = None;
                self.start(now, tier, true);
            }
        }
    }

    pub(super) fn next_trial(&self) -> Option<Instant> {
        Tier::ALL.into_iter().filter_map(|tier| self.trial_at(tier)).min()
    }

    /// When this tier is tried in the background, as things are.
    fn trial_at(&self, tier: Tier) -> Option<Instant> {
        let newest = self.carrying.or(self.attached).and_then(|id| self.carrier(id)).map(|it| it.tier);
        let is_better = newest.or_else(|| self.tiers.worst()).is_some_and(|newest| tier < newest);
        // A long-poll has to take the session to be tried, so what it is taken from must work.
        let may_attach = self.carrying.is_some() && self.carrying == self.attached;
        let is_possible = tier == Tier::WebSocket || may_attach;
        let can_start = !self.opening && self.tiers.contains(tier) && !self.exists(tier);
        let due = self.trials(tier).due.filter(|_| is_better && is_possible && can_start)?;
        Some(self.quiet_until.map_or(due, |quiet| due.max(quiet)))
    }

    /// Decides when a tier that has just failed is tried again.
    pub(super) fn reschedule(&mut self, now: Instant, lost: &Carrier) {
        let probation = if lost.tier == Tier::WebSocket { PROBATION } else { HTTP_PROBATION };
        let on_probation = lost.promoted.is_some_and(|at| now < at + probation);
        // One that took the place of another has not been tried in the background yet.
        let replaced = lost.phase == Phase::Attached && !lost.trial && !self.opening;
        let carried = lost.phase == Phase::Proved || replaced;
        let trials = self.trials_mut(lost.tier);
        let wait = if on_probation {
            (2 * trials.wait).clamp(WAITS[0], WAITS[2])
        } else if carried {
            Duration::ZERO
        } else {
            WAITS.into_iter().find(|wait| *wait > trials.wait).unwrap_or(WAITS[2])
        };
        trials.on_probation = on_probation || (trials.on_probation && !carried);
        trials.wait = wait;
        let at = if wait.is_zero() { now } else { now + self.random.jitter(wait) };
        self.trials_mut(lost.tier).due = Some(at);
    }

    pub(super) fn network_changed(&mut self, now: Instant) {
        self.quiet_until = None;
        if self.opening {
            return;
        }
        // One that was started a moment ago is new enough.
        let fresh = self.race_delay();
        let nothing_works = self.carrying.is_none();
        self.stop_all(|it| {
            let on_trial = matches!(it.phase, Phase::Connecting | Phase::Probing);
            (on_trial || nothing_works) && now >= it.started + fresh
        });
        for trials in &mut self.trials {
            *trials = Trials { due: Some(now), ..Trials::default() };
        }
        if nothing_works {
            self.race = None;
            self.restart_wait = RESTART;
            self.restart(now);
        }
        self.start_trials(now);
    }

    fn trials(&self, tier: Tier) -> &Trials {
        let [websocket, long_poll, periodic] = &self.trials;
        match tier {
            Tier::WebSocket => websocket,
            Tier::LongPoll => long_poll,
            Tier::Periodic => periodic,
        }
    }

    fn trials_mut(&mut self, tier: Tier) -> &mut Trials {
        let [websocket, long_poll, periodic] = &mut self.trials;
        match tier {
            Tier::WebSocket => websocket,
            Tier::LongPoll => long_poll,
            Tier::Periodic => periodic,
        }
    }
}
