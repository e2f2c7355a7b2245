//! Random schedules of faults: whatever they are, what arrives is what was sent, once and in order.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Message, Sent, SessionConfig, Tier, session::adaptive::ladder::LadderConfig,
};
use testkit::{AdaptivePair, Rng, Side, adaptive::Weather};

const SECOND: Duration = Duration::from_secs(1);
const BOTH: [Side; 2] = [Side::Client, Side::Server];

/// Four tests, so that they run beside each other. Together they run `ADAPTIVE_SEEDS` schedules, 400 by default,
/// or each the one of `ADAPTIVE_SEED` alone.
#[test]
fn every_schedule_of_faults_delivers_everything_once_and_in_order_1() {
    schedules(0);
}

#[test]
fn every_schedule_of_faults_delivers_everything_once_and_in_order_2() {
    schedules(1);
}

#[test]
fn every_schedule_of_faults_delivers_everything_once_and_in_order_3() {
    schedules(2);
}

#[test]
fn every_schedule_of_faults_delivers_everything_once_and_in_order_4() {
    schedules(3);
}

#[expect(clippy::print_stdout, reason = "a test that fails says how to repeat it")]
fn schedules(remainder: u64) {
    let number = |name| std::env::var(name).ok().map(|value: String| value.parse().expect("a number"));
    let seeds: Vec<u64> = match number("ADAPTIVE_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("ADAPTIVE_SEEDS").unwrap_or(400)).filter(|seed| seed % 4 == remainder).collect(),
    };
    let mut summary = Summary::default();
    for seed in seeds {
        let result = std::panic::catch_unwind(|| run(seed));
        match result {
            Ok(outcome) => summary.add(&outcome),
            Err(panic) => {
                println!("the schedule fails; replay it with ADAPTIVE_SEED={seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{summary:?}");
    if summary.runs > 100 {
        assert!(summary.survived * 10 >= summary.runs * 8, "most sessions live through it: {summary:?}");
        assert!(summary.switches > 5 * summary.runs, "the faults do something: {summary:?}");
    }
}

#[derive(Debug, Default)]
struct Summary {
    runs: u64,
    survived: u64,
    messages: u64,
    switches: u64,
    requests: u64,
    /// How the client's session ended, if it did, and how often.
    ends: BTreeMap<String, u64>,
}

impl Summary {
    fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.survived += u64::from(outcome.survived);
        self.messages += outcome.messages;
        self.switches += outcome.switches;
        self.requests += outcome.requests;
        if let Some(end) = &outcome.end {
            *self.ends.entry(end.clone()).or_default() += 1;
        }
    }
}

struct Outcome {
    survived: bool,
    messages: u64,
    switches: u64,
    requests: u64,
    end: Option<String>,
}

/// A pair, and what each side has sent.
struct World {
    pair: AdaptivePair,
    rng: Rng,
    sent: [Vec<Message>; 2],
    /// How many of what a side has sent the other has received.
    checked: [usize; 2],
    window: usize,
}

fn run(seed: u64) -> Outcome {
    let mut rng = Rng::new(seed ^ 0x5EED);
    let mut config = SessionConfig::default();
    config.adaptive.window = rng.pick(&[256 * 1024, 256 * 1024, 8 * 1024, 500]);
    config.max_payload = rng.pick(&[1_000_000, 30_000]);
    let mut ladder = LadderConfig::default();
    ladder.seed = u32::try_from(rng.within(0..1 << 32)).unwrap();
    if rng.percent(30) {
        ladder.remembered = Some((rng.pick(&Tier::ALL), SECOND));
    }
    let window = config.adaptive.window;
    // An opening in a storm may fail, and then there is nothing to see.
    let first = match rng.within(0..10) {
        0..3 => Weather::random(&mut rng),
        3..5 => Weather::without_websockets(),
        5 => Weather::only_periodic(),
        _ => Weather::fair(),
    };
    let pair = AdaptivePair::new(seed, config, ladder, first);
    let mut world = World { pair, rng, sent: [Vec::new(), Vec::new()], checked: [0, 0], window };
    world.storm();
    let (weather, best) = world.rng.pick(&[
        (Weather::fair(), Tier::WebSocket),
        (Weather::without_websockets(), Tier::LongPoll),
        (Weather::only_periodic(), Tier::Periodic),
    ]);
    world.pair.change_weather(weather);
    if best != Tier::WebSocket {
        world.pair.cut_websockets();
    }
    world.calm(best);
    Outcome {
        survived: world.is_alive(),
        messages: world.checked.iter().map(|count| *count as u64).sum(),
        switches: world.pair.switches().len() as u64,
        requests: world.pair.requests(),
        end: (!world.is_alive()).then(|| format!("{:?}", BOTH.map(|side| world.pair.closed(side)))),
    }
}

impl World {
    /// Everything that can happen, for some minutes.
    fn storm(&mut self) {
        self.pair.run(SECOND);
        let mut was_dead = false;
        for _ in 0..self.rng.within(3..30) {
            let mut weather = Weather::random(&mut self.rng);
            if was_dead && weather == Weather::dead() {
                weather = Weather::only_periodic();
            }
            was_dead = weather == Weather::dead();
            self.pair.change_weather(weather);
            match self.rng.within(0..20) {
                0..4 => self.pair.cut_websockets(),
                4 => {
                    let time = self.rng.millis(0..40_000);
                    self.pair.sleep(time);
                }
                8 => self.pair.block_websockets(true),
                9..11 => self.pair.block_websockets(false),
                5..8 => {
                    let expecting = self.rng.percent(70);
                    self.pair.expect_events(expecting);
                }
                _ => {}
            }
            for _ in 0..self.rng.within(1..12) {
                self.talk();
                let time = self.rng.millis(0..1500);
                self.pair.run(time);
                self.check();
            }
        }
    }

    /// From now on the weather stays as it is; everything arrives, and the best tier that works is found.
    fn calm(&mut self, best: Tier) {
        self.pair.block_websockets(false);
        let before = self.pair.requests();
        for minute in 0..30 {
            self.talk();
            self.pair.run(60 * SECOND);
            self.check();
            if self.is_alive() && minute > 0 {
                self.is_complete(minute);
            }
        }
        // The opening may have been in vain, or the session too long without a carrier.
        if self.is_alive() {
            assert_eq!(self.pair.tier(), Some(best), "after {:?}", self.pair.switches());
            assert_eq!(self.pair.sessions(), 1);
        }
        let requests = self.pair.requests() - before;
        assert!(requests < 30 * 60 * 2, "{requests} requests in half an hour");
    }

    /// Everything that was sent a minute ago has arrived, since the weather has been the same for that time.
    fn is_complete(&self, minute: u64) {
        for (side, (sent, checked)) in BOTH.iter().zip(self.sent.iter().zip(self.checked)) {
            assert_eq!(checked, sent.len(), "what the {side:?} sent, in minute {minute}");
        }
    }

    fn is_alive(&self) -> bool {
        BOTH.iter().all(|side| self.pair.is_open(*side))
    }

    fn talk(&mut self) {
        for (index, side) in BOTH.into_iter().enumerate() {
            for _ in 0..self.rng.within(0..6) {
                let waiting = self.pair.status(side).map_or(0, |status| status.waiting_bytes);
                if !self.pair.is_open(side) || waiting > 200_000 {
                    continue;
                }
                let number = self.sent[index].len();
                let message = self.message(number);
                if self.pair.send(side, &message) == Sent::Queued {
                    self.sent[index].push(message);
                }
            }
        }
    }

    fn message(&mut self, number: usize) -> Message {
        let len = if self.rng.percent(2) { 20_000 } else { self.rng.pick(&[0, 0, 10, 300]) };
        match self.rng.within(0..4) {
            0 => Message::Binary(Bytes::from(format!("{number}|").into_bytes().repeat(1 + len / 8))),
            1 => Message::from(format!("{number}\x1e{}", "\x1e".repeat(len)).as_str()),
            _ => Message::from(format!("{number} {}", "x".repeat(len)).as_str()),
        }
    }

    fn check(&mut self) {
        for (index, side) in BOTH.into_iter().enumerate() {
            let other = if side == Side::Client { Side::Server } else { Side::Client };
            let received = &self.pair.messages(other)[self.checked[index]..];
            for message in received {
                let number = self.checked[index];
                assert_eq!(Some(message), self.sent[index].get(number), "number {number} of the {side:?}");
                self.checked[index] += 1;
            }
            let status = self.pair.status(side);
            let unacknowledged = status.map_or(0, |status| status.unacknowledged_bytes);
            assert!(unacknowledged <= self.window.max(60_000), "{unacknowledged} bytes at the {side:?}");
            // Nobody has broken the protocol, however the network behaved.
            let reason = self.pair.closed(side);
            let allowed = [CloseReason::PingTimeout, CloseReason::TransportClose, CloseReason::SlowConsumer];
            let opening = reason == Some(CloseReason::TransportError) && self.checked == [0, 0];
            assert!(reason.is_none_or(|it| allowed.contains(&it)) || opening, "{side:?}: {reason:?}");
            if reason == Some(CloseReason::TransportClose) {
                let first = self.pair.closed(other).is_some();
                assert!(side == Side::Client && first, "only what the server has given up is gone: {side:?}");
            }
        }
        if self.is_alive() {
            assert_eq!(self.pair.opened_sessions(), 1, "one key, one session");
        }
    }
}
