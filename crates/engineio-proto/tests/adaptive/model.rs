//! Random schedules of faults: whatever they are, what arrives is what was sent, once and in order.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Message, Sent, SessionConfig, Tier, session::adaptive::ladder::LadderConfig,
};
use testkit::{AdaptivePair, Rng, Side, adaptive::Weather};

use crate::schedule::Schedule;

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
    schedule: Schedule,
    /// Which side the application has closed.
    closed_by: Option<Side>,
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
    let schedule = Schedule::new(&first, config.adaptive.expiry);
    let pair = AdaptivePair::new(seed, config, ladder, first);
    let (sent, checked) = Default::default();
    let mut world = World { pair, rng, sent, checked, window, schedule, closed_by: None };
    world.storm();
    let (weather, best) = world.rng.pick(&[
        (Weather::fair(), Tier::WebSocket),
        (Weather::without_websockets(), Tier::LongPoll),
        (Weather::only_periodic(), Tier::Periodic),
    ]);
    world.change_weather(weather);
    if best != Tier::WebSocket {
        world.pair.cut_websockets();
    }
    world.calm(best);
    let survived = world.is_alive();
    if survived {
        world.close();
    }
    Outcome {
        survived,
        messages: world.checked.iter().map(|count| *count as u64).sum(),
        switches: world.pair.switches().len() as u64,
        requests: world.pair.requests(),
        end: (!survived).then(|| format!("{:?}", BOTH.map(|side| world.pair.closed(side)))),
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
            self.change_weather(weather);
            match self.rng.within(0..20) {
                0..4 => self.pair.cut_websockets(),
                4 => {
                    let time = self.rng.millis(0..40_000);
                    self.pair.sleep(time);
                    self.schedule.sleep(self.pair.elapsed(), time);
                }
                8 => self.block_websockets(true),
                9..11 => self.block_websockets(false),
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
        self.block_websockets(false);
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

    /// One side closes, and the other is told behind everything that was sent.
    fn close(&mut self) {
        let side = self.rng.pick(&BOTH);
        self.talk();
        self.closed_by = Some(side);
        self.pair.close(side);
        self.pair.run(60 * SECOND);
        self.check();
        assert!(BOTH.iter().all(|side| self.pair.closed(*side).is_some()), "closed by the {side:?}");
        assert_eq!(self.pair.sessions(), 0, "the server has forgotten it, closed by the {side:?}");
        let index = BOTH.iter().position(|it| *it == side).expect("one of both");
        assert_eq!(self.checked[index], self.sent[index].len(), "what the {side:?} sent before it closed");
    }

    fn change_weather(&mut self, weather: Weather) {
        self.pair.change_weather(weather);
        self.schedule.change_weather(self.pair.elapsed(), &weather);
    }

    fn block_websockets(&mut self, blocked: bool) {
        self.pair.block_websockets(blocked);
        self.schedule.block(self.pair.elapsed(), blocked);
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
            let received = &self.pair.messages(other(side))[self.checked[index]..];
            for message in received {
                let number = self.checked[index];
                assert_eq!(Some(message), self.sent[index].get(number), "number {number} of the {side:?}");
                self.checked[index] += 1;
            }
            let status = self.pair.status(side);
            let unacknowledged = status.map_or(0, |status| status.unacknowledged_bytes);
            assert!(unacknowledged <= self.window.max(60_000), "{unacknowledged} bytes at the {side:?}");
            if let Some(reason) = self.pair.closed(side) {
                let explained = self.explains(side, reason);
                assert!(
                    explained,
                    "{side:?}: {reason:?} at {:?}, {:?}",
                    self.pair.closed_at(side),
                    self.schedule
                );
            }
        }
        if self.is_alive() {
            assert_eq!(self.pair.opened_sessions(), 1, "one key, one session");
        }
    }

    /// Whether the schedule had to end a side's session, and for this reason.
    fn explains(&self, side: Side, reason: CloseReason) -> bool {
        use CloseReason as Is;
        let [at, other_at] = [side, other(side)].map(|side| self.pair.closed_at(side));
        let other_is_over = other_at.is_some_and(|it| Some(it) <= at);
        let is_starved = at.is_some_and(|at| self.schedule.starves(at));
        match (side, reason) {
            _ if self.closed_by == Some(side) => reason == Is::ForcedClose,
            _ if self.closed_by.is_some() => reason == Is::TransportClose,
            // It was never open, and the network was not fit for an opening.
            (Side::Client, Is::TransportError) => self.pair.switches().is_empty() && !self.schedule.must_open,
            // The server had given up before, and told it so.
            (Side::Client, Is::TransportClose) => other_is_over,
            (Side::Client, Is::SlowConsumer) => {
                other_is_over && self.pair.closed(Side::Server) == Some(Is::SlowConsumer)
            }
            (Side::Client, Is::PingTimeout) => is_starved,
            // The client had given up before, when it could not tell, or nothing came through.
            (Side::Server, Is::PingTimeout | Is::SlowConsumer) => is_starved || other_is_over,
            _ => false,
        }
    }
}

fn other(side: Side) -> Side {
    if side == Side::Client { Side::Server } else { Side::Client }
}
