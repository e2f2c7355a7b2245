//! Random schedules of faults: whatever they are, what arrives is what was sent, once and in order.

use std::time::Duration;

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Message, Prepared, Sent, SessionConfig, Tier, session::adaptive::ladder::LadderConfig,
};
use testkit::{AdaptivePair, Rng, Side, adaptive::Weather};

use crate::{
    ledger::{BOTH, Ledger, other},
    outcome::{Outcome, Summary},
    schedule::Schedule,
};

const SECOND: Duration = Duration::from_secs(1);

/// Schedules that are tried unless `ADAPTIVE_SEEDS` says how many: what takes about twenty seconds of two cores.
const SEEDS: u64 = if cfg!(debug_assertions) { 2000 } else { 4000 };

/// Four tests, so that they run beside each other. Together they run `ADAPTIVE_SEEDS` schedules, or each the one of
/// `ADAPTIVE_SEED` alone.
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
        None => (0..number("ADAPTIVE_SEEDS").unwrap_or(SEEDS)).filter(|seed| seed % 4 == remainder).collect(),
    };
    let mut summary = Summary::default();
    for seed in seeds {
        let result = std::panic::catch_unwind(|| run(seed));
        match result {
            Ok(outcome) => summary.add(outcome),
            Err(panic) => {
                println!("the schedule fails; replay it with ADAPTIVE_SEED={seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{summary:?}");
    summary.check();
}

/// A pair, and what each side has sent.
struct World {
    pair: AdaptivePair,
    rng: Rng,
    ledger: Ledger,
    config: SessionConfig,
    schedule: Schedule,
    /// Whether the applications send whether or not there is room.
    eager: bool,
    /// Whose queues were full when they sent.
    full: Vec<Side>,
    /// Which side the application has closed.
    closed_by: Option<Side>,
}

fn run(seed: u64) -> Outcome {
    let mut world = World::new(seed);
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
    world.outcome(survived)
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x5EED);
        let mut config = SessionConfig::default();
        config.adaptive.window = rng.pick(&[256 * 1024, 256 * 1024, 8 * 1024, 500]);
        config.max_payload = rng.pick(&[1_000_000, 30_000]);
        let eager = rng.percent(5);
        if eager {
            config.max_queued_bytes = 40_000;
        }
        let mut ladder = LadderConfig::default();
        ladder.seed = u32::try_from(rng.within(0..1 << 32)).unwrap();
        if rng.percent(30) {
            ladder.remembered = Some((rng.pick(&Tier::ALL), SECOND));
        }
        // An opening in a storm may fail, and then there is nothing to see.
        let first = match rng.within(0..10) {
            0..3 => Weather::random(&mut rng),
            3..5 => Weather::without_websockets(),
            5 => Weather::only_periodic(),
            _ => Weather::fair(),
        };
        let schedule = Schedule::new(&first, config.adaptive.expiry);
        let pair = AdaptivePair::new(seed, config.clone(), ladder, first);
        let (ledger, full, closed_by) = Default::default();
        Self { pair, rng, ledger, config, schedule, eager, full, closed_by }
    }

    fn outcome(&self, survived: bool) -> Outcome {
        // What the other side makes of the end comes later.
        let first = BOTH
            .into_iter()
            .filter_map(|side| Some((self.pair.closed_at(side)?, side)))
            .min_by_key(|(at, _)| *at);
        let starved = first.filter(|(_, side)| {
            let reason = self.pair.closed(*side);
            matches!(reason, Some(CloseReason::PingTimeout | CloseReason::SlowConsumer))
                && !self.full.contains(side)
        });
        Outcome {
            survived,
            messages: self.ledger.delivered(),
            switches: self.pair.switches().len() as u64,
            requests: self.pair.requests(),
            end: (!survived).then(|| format!("{:?}", BOTH.map(|side| self.pair.closed(side)))),
            calm: starved.map(|(at, _)| self.schedule.longest_calm(at)),
        }
    }

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
        for side in BOTH {
            assert_eq!(self.ledger.missing(side), 0, "what the {side:?} sent, in minute {minute}");
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
        assert_eq!(self.ledger.missing(side), 0, "what the {side:?} sent before it closed");
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
        for side in BOTH {
            for _ in 0..self.rng.within(0..6) {
                let waiting = self.pair.status(side).map_or(0, |status| status.waiting_bytes);
                if self.pair.is_open(side) && (self.eager || waiting < 200_000) {
                    self.send(side, waiting);
                }
            }
        }
    }

    fn send(&mut self, side: Side, waiting: usize) {
        let message = self.message(self.ledger.sent(side));
        let now = self.pair.elapsed();
        let at = (side == Side::Server || !self.schedule.is_asleep(now)).then_some(now);
        if self.pair.send(side, &message) == Sent::Queued {
            return self.ledger.push(side, message, at);
        }
        // Packets count more than their bytes; the one of which the other side knows nothing is OPEN.
        let most = waiting + (self.ledger.missing(side) + 1) * Prepared::OVERHEAD;
        let cost = Prepared::new(&message).cost();
        assert!(
            most + cost > self.config.max_queued_bytes,
            "{waiting} bytes wait, and {cost} more are refused"
        );
        self.full.push(side);
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
        self.ledger.compare(&self.pair);
        for side in BOTH {
            if let Some(status) = self.pair.status(side) {
                self.ledger.check_memory(side, &status, &self.config);
            }
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
        let is_starved = at.is_some_and(|at| {
            let expiry = self.config.adaptive.expiry;
            self.schedule.starves(at) && !self.ledger.had_both_ways(&self.pair, side, at, expiry)
        });
        match (side, reason) {
            _ if self.closed_by == Some(side) => reason == Is::ForcedClose,
            _ if self.closed_by.is_some() => reason == Is::TransportClose,
            // It was never open, and the network was not fit for an opening.
            (Side::Client, Is::TransportError) => self.pair.switches().is_empty() && !self.schedule.must_open,
            // The server had given up before, and told it so.
            (Side::Client, Is::TransportClose) => other_is_over,
            (_, Is::SlowConsumer) if self.full.contains(&side) => self.eager,
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
