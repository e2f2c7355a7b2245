//! Times that follow from round trips, written down for the other implementations.

use std::time::Duration;

use serde_json::{Value, json};

#[path = "../../../../tests/support/vectors.rs"]
mod files;

use super::{answer_time, is_full};
use crate::session::adaptive::{MIN_LIVENESS, ladder::Tier, rtt::Rtt};

#[test]
fn the_vectors_are_up_to_date() {
    let lines = |cases: Vec<Value>| cases.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n");
    let sections = [("answers", answers()), ("silences", silences()), ("full", full())];
    let sections = sections.map(|(name, cases)| format!("\"{name}\": [\n{}\n]", lines(cases)));
    let text = format!("{{{}}}\n", sections.join(", "));
    files::compare("timing", &text);
}

/// Measurements in milliseconds, and deadlines that passed after them.
const NETWORKS: &[(&[u64], u32)] = &[
    (&[], 0),
    (&[], 1),
    (&[], 7),
    (&[20; 12], 0),
    (&[20; 12], 2),
    (&[400], 0),
    (&[700; 12], 0),
    (&[1500; 12], 0),
    (&[300, 1500, 200, 2500, 400, 1800], 0),
    (&[300, 1500, 200, 2500, 400, 1800], 1),
];

fn networks() -> impl Iterator<Item = (Value, Rtt)> {
    NETWORKS.iter().map(|(samples, passed)| {
        let mut rtt = Rtt::new();
        samples.iter().for_each(|sample| rtt.measured(ms(*sample)));
        (0..*passed).for_each(|_| rtt.back_off());
        (json!({ "samples": samples, "passed": passed }), rtt)
    })
}

fn answers() -> Vec<Value> {
    let kinds = [
        (Tier::LongPoll, 25_000, false, false),
        (Tier::LongPoll, 1_000, false, false),
        (Tier::LongPoll, 0, false, false),
        (Tier::LongPoll, 0, true, false),
        (Tier::LongPoll, 1_000, false, true),
        (Tier::LongPoll, 0, false, true),
        (Tier::LongPoll, 0, true, true),
        (Tier::Periodic, 0, false, false),
        (Tier::Periodic, 0, false, true),
        (Tier::Periodic, 0, true, true),
    ];
    let cases = kinds.into_iter().flat_map(|(tier, hold, attaches, expecting)| {
        networks().map(move |(network, rtt)| {
            let time = answer_time(&rtt, tier, ms(hold), attaches, expecting);
            let request =
                json!({ "carrier": tier.name(), "hold": hold, "attaches": attaches, "expecting": expecting });
            json!({ "network": network, "request": request, "ms": millis(time) })
        })
    });
    cases.collect()
}

fn silences() -> Vec<Value> {
    let cases = networks().flat_map(|(network, rtt)| {
        [MIN_LIVENESS, ms(45_000)].map(|liveness| {
            let dead = rtt.patience(liveness / 2, liveness);
            json!({ "network": network, "liveness": millis(liveness), "ms": millis(dead) })
        })
    });
    cases.collect()
}

fn full() -> Vec<Value> {
    let cases = [
        (131_071, 1, 262_144, 1_000_000),
        (131_072, 1, 262_144, 1_000_000),
        (50_000, 1, 262_144, 100_000),
        (49_999, 1, 262_144, 100_000),
        (20_000, 1_023, 262_144, 1_000_000),
        (20_000, 1_024, 262_144, 1_000_000),
        (200, 31, 500, 1_000_000),
        (200, 32, 500, 1_000_000),
        (250, 1, 500, 1_000_000),
        (2, 0, 262_144, 1_000_000),
    ];
    let cases = cases.map(|(bytes, packets, window, max_payload)| {
        let full = is_full(bytes, packets, window, max_payload);
        json!({ "bytes": bytes, "packets": packets, "window": window, "maxPayload": max_payload, "full": full })
    });
    cases.to_vec()
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Rounded, because others count in fractions of other sizes.
fn millis(time: Duration) -> u64 {
    u64::try_from((time + Duration::from_micros(500)).as_millis()).unwrap()
}
