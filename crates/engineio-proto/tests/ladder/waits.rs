//! How long the waits become.

use engineio_proto::session::adaptive::ladder::{
    Failure::{Closed, Refused},
    LadderConfig,
};

use crate::trace::{
    Input::{Failed, Opened, Proved, Timeout},
    Trace, describe,
};

#[test]
fn waits_between_trials_grow_and_stay_within_their_jitter() {
    let (mut trace, _) = Trace::new("", LadderConfig::default());
    trace.input(20, Failed(1, Refused));
    trace.input(60, Proved(2));
    let mut last = 20;
    for (carrier, expected) in (3..).zip([30_u64, 120, 600, 600, 600]) {
        let started = loop {
            let at = trace.ms(trace.ladder.poll_timeout().unwrap());
            if trace.input(at, Timeout).iter().any(|it| describe(it).starts_with("start")) {
                break at;
            }
        };
        let wait = started - last;
        assert!((expected * 800..=expected * 1200).contains(&wait), "{wait} is not about {expected} s");
        trace.input(started, Failed(carrier, Refused));
        last = started;
    }
}

#[test]
fn a_carrier_on_probation_waits_twice_as_long_each_time() {
    let (mut trace, _) = Trace::new("", LadderConfig::default());
    trace.input(20, Failed(1, Refused));
    trace.input(60, Proved(2));
    let mut failed = 20;
    for expected in [30_u64, 60, 120, 240, 480, 600, 600] {
        let (started, carrier) = loop {
            let at = trace.ms(trace.ladder.poll_timeout().unwrap());
            let started = trace.input(at, Timeout);
            if let Some(id) =
                started.iter().find_map(|it| describe(it).strip_prefix("start websocket ").map(str::to_owned))
            {
                break (at, id.parse().unwrap());
            }
        };
        let wait = started - failed;
        assert!((expected * 800..=expected * 1200).contains(&wait), "{wait} is not about {expected} s");
        trace.input(started, Opened(carrier));
        trace.input(started, Proved(carrier));
        trace.input(started, Proved(carrier));
        failed = started + 29_000;
        trace.input(started + 10_000, Timeout);
        trace.input(failed, Failed(carrier, Closed));
        trace.input(failed, Proved(carrier + 1));
    }
}

#[test]
fn what_came_in_second_in_the_opening_is_not_on_probation() {
    let (mut trace, _) = Trace::new("", LadderConfig::default());
    let at = trace.ms(trace.ladder.poll_timeout().unwrap());
    trace.input(at, Timeout);
    trace.input(at + 20, Proved(2));
    // The WebSocket answers when the long-poll carries already, and takes over.
    for input in [Opened(1), Proved(1), Proved(1)] {
        trace.input(at + 40, input);
    }
    let actions = trace.input(at + 5_000, Failed(1, Closed));
    let started: Vec<_> = actions.iter().map(describe).filter(|it| it.starts_with("start")).collect();
    assert_eq!(started, ["start long-poll 3", "start websocket 4"]);
}
