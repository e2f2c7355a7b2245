//! Networks for a ladder, in virtual time.

use std::collections::{BTreeMap, BTreeSet};

use engineio_proto::session::{
    CarrierId,
    adaptive::ladder::{Action, Cause, Failure, LadderConfig, Tier},
};

use crate::trace::{Input, Trace};

/// What a network does to carriers of a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// They work.
    Open,
    /// They are refused at once, those that exist are cut.
    Refused,
    /// Nothing ever comes back.
    Silent,
    /// The server hears the client, and the client hears nothing but that a WebSocket is open.
    Mute,
    /// The server hears the client, and its answers are spoiled on their way.
    Spoiled,
}

/// A ladder, a network and a server that knows the newest epoch.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) trace: Trace,
    pub(crate) now: u64,
    pub(crate) ways: [Way; 3],
    /// Milliseconds for a round trip.
    pub(crate) round_trip: u64,
    /// What will happen, and when.
    agenda: BTreeMap<(u64, u32), Event>,
    events: u32,
    alive: BTreeMap<u32, Tier>,
    epochs: BTreeMap<u32, u32>,
    /// The newest epoch that has reached the server.
    newest: u32,
    given: BTreeSet<u32>,
    pub(crate) carrying: Option<(u32, Tier)>,
    pub(crate) carried: Vec<(u64, Tier, Cause)>,
    pub(crate) given_up: bool,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    /// The input reaches the ladder, if the carrier still exists and its way is open.
    Input(u32, Input),
    /// An attach reaches the server.
    Attached { carrier: u32, epoch: u32, answer_after: u64 },
}

impl World {
    pub(crate) fn new(name: &str, config: LadderConfig, ways: [Way; 3], round_trip: u64) -> Self {
        let (trace, actions) = Trace::new(name, config);
        let mut world = Self {
            trace,
            now: 0,
            ways,
            round_trip,
            agenda: BTreeMap::new(),
            events: 0,
            alive: BTreeMap::new(),
            epochs: BTreeMap::new(),
            newest: 0,
            given: BTreeSet::new(),
            carrying: None,
            carried: Vec::new(),
            given_up: false,
        };
        world.act(&actions);
        world
    }

    /// Changes the network; what it cuts is gone at once.
    pub(crate) fn set(&mut self, ways: [Way; 3]) {
        self.ways = ways;
        let cut: Vec<_> =
            self.alive.iter().filter(|(_, tier)| self.way(**tier) != Way::Open).map(|(id, _)| *id).collect();
        for id in cut {
            let failure =
                if self.way_of(id) == Some(Way::Refused) { Failure::Closed } else { Failure::Silent };
            // Silence is noticed by the liveness interval.
            let after = if failure == Failure::Closed { 0 } else { 3000 };
            self.later(after, Event::Input(id, Input::Failed(id, failure)));
        }
    }

    pub(crate) fn hint(&mut self, hint: engineio_proto::session::adaptive::ladder::Hint) {
        self.tell(Input::Hint(hint));
    }

    /// The carrier of this tier fails; whether there is one.
    pub(crate) fn fail(&mut self, tier: Tier) -> bool {
        let failing = self.alive.iter().find(|(_, other)| **other == tier).map(|(id, _)| *id);
        if let Some(id) = failing {
            self.tell(Input::Failed(id, Failure::Error));
        }
        failing.is_some()
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        loop {
            let timeout = self.trace.ladder.poll_timeout().map(|at| self.trace.ms(at));
            let event = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let Some(at) = [timeout, event].into_iter().flatten().min().filter(|at| *at <= end) else {
                break;
            };
            self.now = self.now.max(at);
            if event.is_some_and(|event| event <= at) {
                let (_, event) = self.agenda.pop_first().unwrap();
                self.happen(event);
            } else {
                self.tell(Input::Timeout);
            }
        }
        self.now = end;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Input(id, input) => {
                let fails = matches!(input, Input::Failed(..));
                if self.alive.contains_key(&id) && (fails || self.passes(id, input)) {
                    self.tell(input);
                }
            }
            Event::Attached { carrier, epoch, answer_after } => self.attached(carrier, epoch, answer_after),
        }
    }

    fn attached(&mut self, carrier: u32, epoch: u32, answer_after: u64) {
        let way = self.way_of(carrier);
        // A WebSocket that is mute delivers what the client sends.
        if !matches!(way, Some(Way::Open | Way::Mute | Way::Spoiled)) {
            return;
        }
        if epoch <= self.newest {
            return self.later(self.round_trip / 2, Event::Input(carrier, Input::Stale(carrier)));
        }
        self.newest = epoch;
        if way == Some(Way::Spoiled) {
            let spoiled = Input::Failed(carrier, Failure::Foreign);
            return self.later(self.round_trip / 2, Event::Input(carrier, spoiled));
        }
        // The server closes an older WebSocket.
        let is_older = |id: &u32| self.epochs.get(id).is_some_and(|other| *other < epoch);
        let older = self.alive.iter().find(|(id, tier)| **tier == Tier::WebSocket && is_older(id));
        if let Some(id) = older.map(|(id, _)| *id) {
            self.later(self.round_trip / 2, Event::Input(id, Input::Failed(id, Failure::Closed)));
        }
        self.later(answer_after, Event::Input(carrier, Input::Proved(carrier)));
    }

    fn passes(&self, id: u32, input: Input) -> bool {
        match self.way_of(id) {
            Some(Way::Open) => true,
            Some(Way::Mute | Way::Spoiled) => matches!(input, Input::Opened(_)),
            _ => false,
        }
    }

    fn tell(&mut self, input: Input) {
        let actions = self.trace.input(self.now, input);
        self.act(&actions);
    }

    fn act(&mut self, actions: &[Action]) {
        for action in actions {
            match *action {
                Action::Start { carrier: CarrierId(id), tier } => {
                    assert!(self.alive.values().all(|other| *other != tier), "two of a kind: {action:?}");
                    assert!(self.alive.insert(id, tier).is_none());
                    let refused = Event::Input(id, Input::Failed(id, Failure::Refused));
                    match self.way(tier) {
                        Way::Refused => self.later(self.round_trip, refused),
                        _ if tier == Tier::WebSocket => {
                            self.later(2 * self.round_trip, Event::Input(id, Input::Opened(id)));
                        }
                        _ => {}
                    }
                }
                Action::Probe { carrier: CarrierId(id) } => {
                    assert_eq!(self.alive.get(&id), Some(&Tier::WebSocket));
                    self.later(self.round_trip, Event::Input(id, Input::Proved(id)));
                }
                Action::Attach { carrier: CarrierId(id), epoch, trial } => {
                    assert!(self.alive.contains_key(&id), "{action:?} of a carrier that does not exist");
                    assert!(!self.given.contains(&epoch), "{action:?} has an old epoch");
                    assert!(epoch <= 3 || self.given.iter().all(|given| *given < epoch), "{action:?}");
                    self.given.insert(epoch);
                    self.epochs.insert(id, epoch);
                    let answer_after = self.round_trip / 2 + if trial { 2000 } else { 0 };
                    self.later(self.round_trip / 2, Event::Attached { carrier: id, epoch, answer_after });
                }
                Action::Carry { carrier: CarrierId(id), tier, cause } => {
                    assert_eq!(self.alive.get(&id), Some(&tier), "{action:?}");
                    self.carrying = Some((id, tier));
                    self.carried.push((self.now, tier, cause));
                }
                Action::Stop { carrier: CarrierId(id) } => {
                    assert!(self.alive.remove(&id).is_some(), "{action:?} of a carrier that does not exist");
                    self.carrying.take_if(|(carrying, _)| *carrying == id);
                }
                Action::GiveUp => self.given_up = true,
                Action::Remember { tier } => assert_eq!(self.carrying.map(|(_, tier)| tier), Some(tier)),
                _ => unreachable!("all actions are known"),
            }
        }
        assert_eq!(self.carrying.map(|(_, tier)| tier), self.trace.ladder.tier());
    }

    fn later(&mut self, ms: u64, event: Event) {
        self.events += 1;
        self.agenda.insert((self.now + ms, self.events), event);
    }

    fn way(&self, tier: Tier) -> Way {
        let [websocket, long_poll, periodic] = self.ways;
        match tier {
            Tier::WebSocket => websocket,
            Tier::LongPoll => long_poll,
            Tier::Periodic => periodic,
        }
    }

    fn way_of(&self, id: u32) -> Option<Way> {
        self.alive.get(&id).map(|tier| self.way(*tier))
    }
}
