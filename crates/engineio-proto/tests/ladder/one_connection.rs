//! A proxy that refuses WebSockets and allows one connection: a long-poll works there until the client has something to
//! send, because a request with packets needs a second one.

use engineio_proto::session::adaptive::ladder::{LadderConfig, Tier};

use crate::{
    network::{
        Way::{Open, Refused},
        World,
    },
    trace::Trace,
};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Lets a client send something every `period` ms.
///
/// Where `rejects`, the connection of the long-poll that failed of it is not gone when the next carrier begins.
fn live(world: &mut World, period: u64, rejects: bool, time: u64) {
    let end = world.now + time;
    while world.now < end {
        world.run(period);
        if world.fail(Tier::LongPoll) && rejects {
            world.fail(Tier::Periodic);
        }
        assert!(world.carried.len() < 1000, "it does not settle: {:?}", &world.carried[980..]);
    }
}

fn world(seed: u32) -> World {
    let mut config = LadderConfig::default();
    config.seed = seed;
    let mut world = World::new("a proxy that allows one connection", config, [Refused, Open, Open], 40);
    world.run(SECOND);
    assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::LongPoll));
    world
}

/// When long-polling has begun to carry the session.
fn polled(world: &World) -> Vec<u64> {
    world.carried.iter().filter(|(_, tier, _)| *tier == Tier::LongPoll).map(|(at, ..)| *at).collect()
}

#[test]
fn the_session_settles_on_periodic_requests_and_long_polling_is_tried_rarer_and_rarer() {
    for rejects in [false, true] {
        for period in [200, SECOND, 5 * SECOND, 25 * SECOND, 45 * SECOND, 5 * MINUTE] {
            for seed in 0..5 {
                let mut world = world(seed);
                live(&mut world, period, rejects, 3 * HOUR);
                let begun = polled(&world);
                let case = format!("every {period} ms, rejects {rejects}, seed {seed}: {begun:?}");
                assert!(begun.iter().filter(|at| **at < HOUR).count() <= 11, "{case}");
                let later: Vec<_> = begun.iter().filter(|at| **at > HOUR).collect();
                assert!(later.windows(2).all(|pair| *pair[1] - *pair[0] >= 8 * MINUTE), "{case}");
            }
        }
    }
}

#[test]
fn a_second_connection_that_is_allowed_later_is_found() {
    let mut world = world(1);
    live(&mut world, 5 * SECOND, true, 2 * HOUR);
    world.run(13 * MINUTE);
    assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::LongPoll));
    let switches = world.carried.len();
    world.run(HOUR);
    assert_eq!(world.carried.len(), switches, "{:?}", world.carried);
}

#[test]
fn where_only_long_polling_works_it_is_used_although_it_has_failed() {
    let mut world = world(1);
    live(&mut world, 5 * SECOND, true, 10 * MINUTE);
    assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::Periodic));
    world.set([Refused, Open, Refused]);
    world.run(2 * SECOND);
    assert_eq!(world.carrying.map(|(_, tier)| tier), Some(Tier::LongPoll), "{:?}", world.carried);
}

/// Ten minutes, for other languages.
pub(crate) fn trace() -> Trace {
    let mut world = world(1);
    live(&mut world, 5 * SECOND, true, 10 * MINUTE);
    world.trace
}
