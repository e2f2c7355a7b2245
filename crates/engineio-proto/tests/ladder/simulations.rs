//! Ladders that live with a network.

use engineio_proto::session::adaptive::ladder::{Hint, LadderConfig, Tier};
use proptest::prelude::*;

use crate::network::{
    Way::{self, Mute, Open, Refused, Silent, Spoiled},
    World,
};

const MINUTE: u64 = 60_000;

fn world(ways: [Way; 3], round_trip: u64, seed: u32) -> World {
    let mut config = LadderConfig::default();
    config.seed = seed;
    World::new(&format!("network {ways:?}, seed {seed}"), config, ways, round_trip)
}

/// The best tier that a network lets through.
fn best(ways: [Way; 3]) -> Option<Tier> {
    Tier::ALL.into_iter().zip(ways).find(|(_, way)| *way == Open).map(|(tier, _)| tier)
}

#[test]
fn an_opening_behind_a_bad_websocket_takes_the_race_delay_and_two_round_trips() {
    for websocket in [Refused, Silent, Mute, Spoiled] {
        for round_trip in [1, 20, 100] {
            let mut world = world([websocket, Open, Open], round_trip, 1);
            world.run(150 + 2 * round_trip);
            let carried: Vec<_> = world.carried.iter().map(|(_, tier, _)| *tier).collect();
            assert_eq!(carried, [Tier::LongPoll], "{websocket:?} {round_trip}");
        }
    }
}

#[test]
fn a_websocket_that_works_but_slowly_has_the_session_in_the_end() {
    for round_trip in [1, 50, 60, 75, 100, 140, 160, 200, 300, 500, 900] {
        for seed in 0..5 {
            let mut world = world([Open; 3], round_trip, seed);
            world.run(500 + 6 * round_trip);
            assert_eq!(
                world.carrying.map(|(_, tier)| tier),
                Some(Tier::WebSocket),
                "{round_trip}: {:?}",
                world.carried
            );
        }
    }
}

#[test]
fn a_cut_websocket_is_replaced_within_a_round_trip() {
    for round_trip in [1, 20, 100] {
        let mut world = world([Open; 3], round_trip, 1);
        world.run(MINUTE);
        assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::WebSocket));
        world.set([Refused, Open, Open]);
        world.run(round_trip);
        assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::LongPoll), "{round_trip}");
    }
}

#[test]
fn the_best_tier_that_works_is_reached_from_every_other() {
    let all = [Open, Refused, Silent, Mute];
    let networks: Vec<[Way; 3]> = all
        .into_iter()
        .flat_map(|a| all.into_iter().flat_map(move |b| all.map(move |c| [a, b, c])))
        .collect();
    for (seed, before) in (0..).zip(&networks) {
        for after in networks.iter().filter(|ways| best(**ways).is_some()) {
            let mut world = world([Open; 3], 50, seed);
            world.run(MINUTE);
            world.set(*before);
            world.run(3 * MINUTE);
            world.set(*after);
            // Three waits of ten minutes with their jitter: a trial of long-polling comes only after all of one.
            world.run(40 * MINUTE);
            let reached = world.carrying.map(|(_, tier)| tier);
            assert_eq!(reached, best(*after), "{before:?} to {after:?}: {:?}", world.carried);
        }
    }
}

#[test]
fn a_change_of_network_brings_the_best_tier_at_once() {
    for before in [[Refused; 3], [Silent; 3], [Refused, Open, Open], [Silent, Silent, Open]] {
        let mut world = world([Open; 3], 50, 3);
        world.run(MINUTE);
        world.set(before);
        world.run(7 * MINUTE + 777);
        world.set([Open; 3]);
        world.hint(Hint::Changed);
        world.run(1000);
        assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::WebSocket), "{before:?}");
    }
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![3 => Just(Open), 1 => Just(Refused), 1 => Just(Silent), 1 => Just(Mute), 1 => Just(Spoiled)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// After any history, a network on which periodic requests work carries the session within 20 s, and one that is
    /// wholly open brings the WebSocket back. The world checks every action on the way.
    #[test]
    fn any_history_ends_well(
        seed: u32,
        round_trip in 1_u64..800,
        history in prop::collection::vec((prop::array::uniform3(way()), 0_u64..100_000, 0_u8..4), 0..20),
    ) {
        let mut world = world([Open; 3], round_trip, seed);
        world.run(5000);
        prop_assert!(!world.given_up);
        for (ways, time, hint) in history {
            world.set(ways);
            match hint {
                0 => world.hint(Hint::Changed),
                1 => world.hint(Hint::Offline),
                _ => {}
            }
            world.run(time);
        }
        world.set([Refused, Refused, Open]);
        world.run(20_000 + 4 * round_trip);
        prop_assert!(world.carrying.is_some(), "{:?}", world.carried);
        world.set([Open; 3]);
        world.run(15 * MINUTE);
        prop_assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::WebSocket), "{:?}", world.carried);
    }
}

/// Long traces for other languages.
pub(crate) fn traces() -> Vec<crate::trace::Trace> {
    let mut random = 1_u32;
    let mut next = move |below: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) % below
    };
    let mut traces = Vec::new();
    for seed in 0..12 {
        let mut world = world([Open; 3], u64::from(20 + next(300)), seed);
        world.run(u64::from(next(20_000)));
        for _ in 0..6 {
            let ways = [0; 3].map(|_| [Open, Open, Refused, Silent, Mute, Spoiled][next(6) as usize]);
            world.set(ways);
            match next(4) {
                0 => world.hint(Hint::Changed),
                1 => world.hint(Hint::Offline),
                _ => {}
            }
            world.run(u64::from(next(60_000)));
        }
        traces.push(world.trace);
    }
    traces
}
