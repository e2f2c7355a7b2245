use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use socketio_client::{Hint, SwitchCause, Tier};
use testkit::proxy::{Faults, Flow, Kind, Requests, Upgrade, Way};

use super::{RACE_DELAY, World, numbers::Numbers};

/// Numbered messages in each direction.
const MESSAGES: u64 = 10_000;

/// Changes of the carrier that must have happened by the end.
const SWITCHES: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_messages_each_way_survive_fifty_switches() {
    let seed = seed();
    println!("repeat it with PROOF_SEED={seed}");
    let world = World::racing(Faults::default(), RACE_DELAY).await;
    let started = Instant::now();
    let (messages, mut blind) =
        Numbers::travel(&world, async |numbers| disturb(&world, seed, numbers).await).await;
    let took = started.elapsed();
    blind.sort_unstable();
    let status = world.client.adaptive().borrow().clone();
    assert!(messages >= MESSAGES && status.switches >= SWITCHES, "{messages} messages, {status:?}");
    let (median, longest) = (blind[blind.len() / 2], blind[blind.len() - 1]);
    println!(
        "{messages} messages each way, {} switches, {took:?}; blind after a failure: median {median:?}, at most {longest:?}",
        status.switches
    );
}

/// Another one each time, or that of `PROOF_SEED`: it decides what is done to the network, and the machine when.
fn seed() -> u64 {
    let given = std::env::var("PROOF_SEED").ok();
    given.map_or_else(rand::random, |seed| seed.parse().expect("PROOF_SEED is a number"))
}

/// Breaks the network again and again, and mends it; gives the times for which nothing carried the connection.
async fn disturb(world: &World, seed: u64, numbers: &Numbers) -> Vec<Duration> {
    let mut blind = Vec::new();
    let mut random = StdRng::seed_from_u64(seed);
    let refused = Faults { upgrade: Upgrade::Refuse(403), ..Faults::default() };
    loop {
        let before = world.client.adaptive().borrow().switches;
        if before >= SWITCHES && numbers.count() >= MESSAGES {
            return blind;
        }
        let chance = |share| Requests { page: share, lose: share, truncate: share, ..Requests::default() };
        match random.random_range(0..8) {
            // The WebSocket is cut, and comes back at once.
            0..4 => world.proxy.cut(Kind::WebSocket),
            4 => {
                world.proxy.set(refused.clone());
                world.proxy.cut(Kind::WebSocket);
            }
            5 => {
                let requests = Requests { duplicate: 0.3, reorder: 20, ..chance(0.02) };
                world.proxy.set(Faults { requests, ..refused.clone() });
                world.proxy.cut(Kind::WebSocket);
            }
            6 => {
                let requests = Requests { only: Some("long-poll".to_owned()), ..chance(1.0) };
                world.proxy.set(Faults { requests, ..refused.clone() });
                world.proxy.cut(Kind::WebSocket);
            }
            _ => {
                let after = random.random_range(100..100_000);
                let websocket = Flow { cut_after: Some(after), ..Flow::default() };
                world.proxy.set(Faults { websocket, ..Faults::default() });
            }
        }
        let switch = world.switched(before).await.last_switch.unwrap();
        blind.extend(matches!(switch.cause, SwitchCause::Failed(_)).then_some(switch.blind));
        numbers.by(random.random_range(0..50)).await;
        if random.random_range(0..20) == 0 {
            world.proxy.change(|faults| faults.websocket.down = Way::Discard);
            numbers.by(10).await;
        }
        world.proxy.set(Faults::default());
        world.client.hint(Hint::Changed);
        world.carried_by(Tier::WebSocket).await;
    }
}
