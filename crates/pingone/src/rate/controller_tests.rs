use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

/// What limits a server, and how it says so.
enum Limit {
    /// `rate` per second, with `burst` at once.
    Bucket { rate: f64, burst: f64, tokens: f64, filled: u64 },
    /// Throttles this share whatever the rate.
    Noise { share: f64, random: u64 },
    /// Both must let a request through.
    Both(Box<Self>, Box<Self>),
    /// The first one until then, and the second one from then on.
    Until(u64, Box<Self>, Box<Self>),
    /// `quota` in every second by the clock.
    Second { quota: u32, second: u64, used: u32 },
}

impl Limit {
    fn bucket(rate: f64, burst: f64) -> Self {
        Self::Bucket { rate, burst, tokens: burst, filled: 0 }
    }

    fn admits(&mut self, at: u64) -> bool {
        match self {
            Self::Bucket { rate, burst, tokens, filled } => {
                *tokens = (*tokens + (at - *filled) as f64 / 1e6 * *rate).min(*burst);
                *filled = at;
                let admitted = *tokens >= 1.0;
                *tokens -= if admitted { 1.0 } else { 0.0 };
                admitted
            }
            Self::Noise { share, random } => {
                *random = next_random(*random);
                (*random >> 11) as f64 / (1_u64 << 53) as f64 >= *share
            }
            Self::Until(until, first, _) if at < *until => first.admits(at),
            Self::Until(_, _, second) => second.admits(at),
            Self::Both(first, second) => first.admits(at) && second.admits(at),
            Self::Second { quota, second, used } => {
                if *second != at / 1_000_000 {
                    (*second, *used) = (at / 1_000_000, 0);
                }
                *used += 1;
                *used <= *quota
            }
        }
    }
}

fn next_random(random: u64) -> u64 {
    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
}

/// A run against a server in virtual time; times are microseconds.
struct Run {
    limit: Limit,
    latency: (u64, u64),
    /// A share of requests that is refused at once, without the latency of work, and whatever the limit.
    noise: Option<Limit>,
    /// What is known of the environment before the first row is asked for one after the other.
    questions: u32,
    /// How many rows are under way at most, those included that wait after a refusal.
    rows: usize,
    retry_after: Duration,
    ceiling: f64,
    concurrency: usize,
    seconds: u64,
    /// How many rows there are.
    total: usize,
    seed: u64,
}

#[derive(Debug, PartialEq)]
struct Report {
    accepted: u32,
    throttled: u32,
    /// Accepted and throttled in the second half of the run.
    later: (u32, u32),
    /// When the last row was accepted, in seconds, or the run ended.
    ended: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Wake,
    Arrive { sent: u64, back: u64 },
    Answer { sent: u64, accepted: bool },
    Again,
}

impl Run {
    /// There is another request to send until all rows are; a throttled one comes again after the wait that it was
    /// told.
    fn go(mut self) -> Report {
        let start = Instant::now();
        let instant = |us: u64| start + Duration::from_micros(us);
        let mut controller = Controller::new(self.ceiling, self.concurrency, start);
        let mut report = Report { accepted: 0, throttled: 0, later: (0, 0), ended: self.seconds as f64 };
        let (mut in_flight, mut random) = (0, self.seed);
        let mut wake_at = u64::MAX;
        // The rows come when all questions are answered.
        let mut questions = self.questions;
        let mut waiting = if questions > 0 { 1 } else { self.rows };
        let (mut unread, mut undone) = (self.total.saturating_sub(self.rows), self.total);
        let mut events = BinaryHeap::from([Reverse((0, Event::Wake))]);
        while let Some(Reverse((now, event))) = events.pop() {
            if now > self.seconds * 1_000_000 {
                break;
            }
            match event {
                Event::Wake => wake_at = u64::MAX,
                Event::Again => waiting += 1,
                Event::Arrive { sent, back } => {
                    let accepted = questions > 0 || self.limit.admits(now);
                    events.push(Reverse((now + back, Event::Answer { sent, accepted })));
                }
                Event::Answer { sent, accepted } => {
                    let outcome = match accepted {
                        true => Outcome::Accepted,
                        false => Outcome::Throttled { retry_after: Some(self.retry_after) },
                    };
                    let is_busy = in_flight >= controller.concurrency();
                    controller.record(outcome, instant(sent), instant(now), is_busy);
                    in_flight -= 1;
                    if questions > 0 {
                        questions -= u32::from(accepted);
                        waiting += if questions > 0 { usize::from(accepted) } else { self.rows };
                    } else if accepted {
                        undone -= 1;
                        if undone == 0 {
                            report.ended = now as f64 / 1e6;
                            break;
                        }
                        // The next row comes in its place.
                        waiting += usize::from(unread > 0);
                        unread = unread.saturating_sub(1);
                    }
                    let is_late = now > self.seconds * 500_000;
                    report.accepted += u32::from(accepted);
                    report.later.0 += u32::from(accepted && is_late);
                    if !accepted {
                        report.throttled += 1;
                        report.later.1 += u32::from(is_late);
                        let mut wait = self.retry_after.as_micros() as u64;
                        if self.noise.is_some() {
                            random = next_random(random);
                            wait += (random >> 33) % (wait / 4);
                        }
                        events.push(Reverse((now + wait, Event::Again)));
                    }
                }
            }
            while in_flight < controller.concurrency() && waiting > 0 {
                match controller.poll_send(instant(now)) {
                    Ok(()) => {
                        random = next_random(random);
                        let latency = self.latency.0 + (random >> 33) % (self.latency.1 - self.latency.0 + 1);
                        waiting -= 1;
                        in_flight += 1;
                        if self.noise.as_mut().is_some_and(|noise| !noise.admits(now)) {
                            events.push(Reverse((now + 1000, Event::Answer { sent: now, accepted: false })));
                        } else {
                            let back = if self.noise.is_some() { 0 } else { latency / 2 };
                            let arrive = Event::Arrive { sent: now, back };
                            events.push(Reverse((now + latency - back, arrive)));
                        }
                    }
                    Err(when) => {
                        // A timer fires up to a millisecond late.
                        let wake = when.duration_since(start).as_micros() as u64 + 1000;
                        if wake < wake_at {
                            wake_at = wake;
                            events.push(Reverse((wake, Event::Wake)));
                        }
                        break;
                    }
                }
            }
        }
        report
    }
}

fn run(limit: Limit, ceiling: f64, seconds: u64) -> Report {
    run_seeded(limit, ceiling, seconds, 1)
}

fn run_seeded(limit: Limit, ceiling: f64, seconds: u64, seed: u64) -> Report {
    run_of(limit, ceiling, seconds, seed).go()
}

fn run_of(limit: Limit, ceiling: f64, seconds: u64, seed: u64) -> Run {
    Run {
        limit,
        latency: (100_000, 300_000),
        noise: None,
        questions: 0,
        rows: 1_000_000,
        retry_after: Duration::from_secs(1),
        ceiling,
        concurrency: 256,
        seconds,
        total: usize::MAX,
        seed,
    }
}

#[test]
fn at_least_95_percent_of_the_allowed_rate_is_used() {
    for rate in [5.0, 20.0, 50.0, 100.0, 300.0] {
        for ceiling in [rate * 1.05, rate * 2.0, 1000.0, f64::INFINITY] {
            for burst in [(rate / 4.0).max(2.0), rate, rate * 2.0] {
                let report = run(Limit::bucket(rate, burst), ceiling, 60);
                let share = f64::from(report.accepted) / (rate * 60.0);
                assert!(share >= 0.95, "rate {rate} ceiling {ceiling} burst {burst}: {share:.3} {report:?}");
            }
        }
    }
}

#[test]
fn a_quota_per_second_is_used_as_well() {
    for quota in [20, 50, 100, 300] {
        for ceiling in [f64::from(quota) * 1.05, f64::from(quota) * 2.0, 1000.0, f64::INFINITY] {
            for seed in 1..=3 {
                let limit = Limit::Second { quota, second: 0, used: 0 };
                let report = run_seeded(limit, ceiling, 60, seed);
                let share = f64::from(report.accepted) / f64::from(quota * 60);
                assert!(share >= 0.95, "quota {quota} ceiling {ceiling} seed {seed}: {share:.3} {report:?}");
            }
        }
    }
}

#[test]
fn few_requests_are_wasted_once_the_limit_is_known() {
    for rate in [20.0, 50.0, 100.0, 300.0] {
        let Report { later: (accepted, throttled), .. } = run(Limit::bucket(rate, rate), rate * 2.0, 120);
        assert!(throttled * 25 < accepted, "rate {rate}: {throttled} of {accepted}");
    }
}

#[test]
fn without_a_limit_the_ceiling_is_the_rate() {
    let report = run(Limit::bucket(1e9, 1e9), 200.0, 30);
    assert!((5900..=6020).contains(&report.accepted), "{report:?}");
    assert_eq!(report.throttled, 0);
}

#[test]
fn without_a_limit_and_a_ceiling_nothing_waits() {
    let start = Instant::now();
    let mut controller = Controller::new(f64::INFINITY, 64, start);
    for _ in 0..100_000 {
        assert_eq!(controller.poll_send(start), Ok(()));
    }
}

#[test]
fn a_limit_that_rises_is_found() {
    let start = Instant::now();
    let at = |ms: u64| start + Duration::from_millis(ms);
    let mut controller = Controller::new(100.0, 64, start);
    let throttled = Outcome::Throttled { retry_after: None };
    let mut outcomes = [throttled, Outcome::Accepted].into_iter().cycle();
    for ms in 0..2000 {
        if controller.poll_send(at(ms)).is_ok()
            && let Some(outcome) = outcomes.next()
        {
            controller.record(outcome, at(ms), at(ms), false);
        }
    }
    assert!(controller.rate() < 80.0, "{}", controller.rate());
    for ms in 2000..30_000 {
        if controller.poll_send(at(ms)).is_ok() {
            controller.record(Outcome::Accepted, at(ms), at(ms), false);
        }
    }
    assert!(controller.rate() > 99.0, "{}", controller.rate());
}

#[test]
fn a_long_retry_after_stops_everybody() {
    let start = Instant::now();
    let mut controller = Controller::new(100.0, 64, start);
    let retry_after = Some(Duration::from_secs(30));
    controller.record(Outcome::Throttled { retry_after }, start, start, false);
    assert_eq!(controller.poll_send(start + Duration::from_secs(29)), Err(start + Duration::from_secs(30)));
    assert_eq!(controller.poll_send(start + Duration::from_secs(30)), Ok(()));
}

#[test]
fn concurrency_grows_while_it_binds_and_shrinks_under_failures() {
    let start = Instant::now();
    let mut controller = Controller::new(f64::INFINITY, 64, start);
    for _ in 0..100 {
        controller.record(Outcome::Accepted, start, start, true);
    }
    assert_eq!(controller.concurrency(), 64);
    let later = start + Duration::from_secs(5);
    for _ in 0..100 {
        controller.record(Outcome::Accepted, later, later, false);
    }
    for _ in 0..10 {
        controller.record(Outcome::Failed, later, later, false);
    }
    assert_eq!(controller.concurrency(), 64, "one failure in eleven is an accident");
    for _ in 0..90 {
        controller.record(Outcome::Failed, later, later, false);
    }
    assert_eq!(controller.concurrency(), 44, "one cut for what was sent before it");
}

#[test]
fn throttling_that_has_nothing_to_do_with_the_rate_does_not_slow_down() {
    for share in [0.01, 0.02, 0.04, 0.06, 0.1] {
        for (ceiling, seed) in [(100.0, 1), (100.0, 2), (100.0, 3), (1000.0, 3)] {
            let limit = Limit::Noise { share, random: 7 * seed };
            let report = run_seeded(limit, ceiling, 120, seed);
            let used = f64::from(report.accepted) / (ceiling * 120.0 * (1.0 - share));
            let least = if share > 0.06 { 0.9 } else { 0.95 };
            assert!(used >= least, "share {share} ceiling {ceiling} seed {seed}: {used:.3}");
        }
    }
}

#[test]
fn a_limit_is_used_although_some_requests_are_throttled_for_no_reason() {
    for (rate, share, wanted) in [
        (50.0, 0.02, 0.95),
        (100.0, 0.02, 0.95),
        (100.0, 0.05, 0.95),
        (300.0, 0.05, 0.95),
        (50.0, 0.1, 0.94),
        (100.0, 0.1, 0.95),
    ] {
        for ceiling in [rate * 1.5, 1000.0, f64::INFINITY] {
            for refuses_at_once in [false, true] {
                let used = |seed| {
                    let random = 11 * seed;
                    let noise = |random| Limit::Noise { share, random };
                    let limit = Limit::bucket(rate, rate);
                    let run = match refuses_at_once {
                        true => Run {
                            noise: Some(noise(next_random(next_random(random)))),
                            questions: 4,
                            rows: 128,
                            concurrency: 128,
                            ..run_of(limit, ceiling, 120, seed)
                        },
                        false => {
                            let both = Limit::Both(Box::new(noise(random)), Box::new(limit));
                            run_of(both, ceiling, 120, seed)
                        }
                    };
                    f64::from(run.go().accepted) / (rate * 120.0)
                };
                let used: Vec<f64> = (1..=SEEDS).map(used).collect();
                let mean = used.iter().sum::<f64>() / used.len() as f64;
                let least = used.iter().copied().fold(f64::INFINITY, f64::min);
                let what = format!("rate {rate} share {share} ceiling {ceiling} at once {refuses_at_once}");
                assert!(mean >= wanted && least >= 0.8, "{what}: {mean:.3} of {used:.3?}");
            }
        }
    }
}

#[test]
fn an_import_of_two_minutes_makes_good_use_of_a_limit_beside_refusals_for_no_reason() {
    for (rate, share, wanted) in
        [(100.0, 0.0, 0.98), (100.0, 0.1, 0.965), (5.0, 0.0, 0.98), (50.0, 0.1, 0.96)]
    {
        let used = |seed| {
            let total = (rate * 120.0) as usize;
            let random = next_random(seed);
            let run = Run {
                noise: Some(Limit::Noise { share, random }),
                questions: 4,
                rows: 128,
                concurrency: 128,
                total,
                ..run_of(Limit::bucket(rate, rate), f64::INFINITY, 600, seed)
            };
            // What may come at once is no merit.
            (total as f64 - rate) / (rate * run.go().ended)
        };
        let used: Vec<f64> = (1..=2 * SEEDS).map(used).collect();
        let mean = used.iter().sum::<f64>() / used.len() as f64;
        let least = used.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(mean >= wanted && least >= 0.92, "rate {rate} share {share}: {mean:.3} of {used:.3?}");
    }
}

#[test]
fn a_limit_that_falls_is_kept_to() {
    for (share, most) in [(0.0, 0.08), (0.1, 0.4)] {
        for seed in 1..=SEEDS {
            let [first, second] = [100.0, 50.0].map(|rate| Box::new(Limit::bucket(rate, rate)));
            let run = Run {
                noise: Some(Limit::Noise { share, random: next_random(seed) }),
                rows: 128,
                ..run_of(Limit::Until(60_000_000, first, second), f64::INFINITY, 120, seed)
            };
            let (accepted, throttled) = run.go().later;
            let (used, wasted) = (f64::from(accepted) / 3000.0, f64::from(throttled) / f64::from(accepted));
            assert!(used >= 0.9 && wasted <= most, "share {share} seed {seed}: {used:.3} {wasted:.3}");
        }
    }
}

#[test]
fn refusals_that_come_before_the_first_answers_do_not_cut_the_rate() {
    let start = Instant::now();
    let at = |ms: u64| start + Duration::from_millis(ms);
    let mut controller = Controller::new(f64::INFINITY, 64, start);
    for request in 0..60 {
        assert_eq!(controller.poll_send(at(request)), Ok(()));
        if request % 8 == 0 {
            let refused = Outcome::Throttled { retry_after: None };
            controller.record(refused, at(request), at(request + 1), true);
        }
    }
    assert!(controller.rate().is_infinite(), "{}", controller.rate());
}

#[test]
fn a_measurement_does_not_count_the_time_before_the_first_answer() {
    let start = Instant::now();
    let at = |ms: u64| start + Duration::from_millis(ms);
    let mut controller = Controller::new(f64::INFINITY, 64, start);
    controller.let_through = Some(80.0);
    controller.set_rate(150.0, start);
    controller.phase = Phase::Measuring { since: start, first: None, accepted: 0, throttled: 0 };
    // Refusals come at once, answers after 300 ms, a hundred of them a second.
    for ms in (0..1310).step_by(10) {
        controller.record(Outcome::Throttled { retry_after: None }, at(ms), at(ms + 1), true);
        if ms >= 300 {
            controller.record(Outcome::Accepted, at(ms - 300), at(ms), true);
        }
    }
    let limit = controller.limit().unwrap();
    assert!((98.0..101.0).contains(&limit), "{limit}");
}

#[test]
fn a_little_noise_costs_nothing_in_any_run() {
    for (rate, share) in [(50.0, 0.02), (100.0, 0.02), (100.0, 0.05), (300.0, 0.05)] {
        for (ceiling, seed) in [(rate * 1.5, 1), (rate * 1.5, 2), (1000.0, 1), (1000.0, 2)] {
            let noise = Limit::Noise { share, random: 11 * seed };
            let limit = Limit::Both(Box::new(noise), Box::new(Limit::bucket(rate, rate)));
            let report = run_seeded(limit, ceiling, 120, seed);
            let used = f64::from(report.accepted) / (rate * 120.0);
            assert!(used >= 0.95, "rate {rate} share {share} ceiling {ceiling} seed {seed}: {used:.3}");
        }
    }
}

/// Chance decides much in a single run.
const SEEDS: u64 = 10;
