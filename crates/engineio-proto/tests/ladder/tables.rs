//! One decision after the other.

use std::time::Duration;

use engineio_proto::session::adaptive::ladder::{
    Failure::{Closed, Foreign, Refused, Silent, Unacknowledged},
    Hint, LadderConfig, Tier, Tiers,
};

use crate::outages;
use crate::trace::{
    Input::{self, Failed, Offered, Opened, Proved, Rto, Stale, Timeout},
    Trace, describe,
};

/// Runs a table: when, what happens, what the ladder does.
///
/// All time-outs that come due between two lines must do nothing; those that do something have their line.
pub(crate) fn check(name: &str, config: LadderConfig, first: &str, table: &[(u64, Input, &str)]) -> Trace {
    let (mut trace, actions) = Trace::new(name, config);
    let say = |actions: &[_]| actions.iter().map(describe).collect::<Vec<_>>().join("; ");
    assert_eq!(say(&actions), first, "{name}: the beginning");
    for (ms, input, expected) in table {
        let due = trace.ladder.poll_timeout().map(|at| trace.ms(at));
        match input {
            Timeout => assert_eq!(due, Some(*ms), "{name}: the time-out before {expected:?}"),
            _ => assert!(due.is_none_or(|due| due >= *ms), "{name}: {input:?} at {ms} comes after {due:?}"),
        }
        let actions = trace.input(*ms, *input);
        assert_eq!(say(&actions), *expected, "{name}: {input:?} at {ms}");
    }
    trace
}

pub(crate) fn config() -> LadderConfig {
    LadderConfig::default()
}

fn remembering(tier: Tier, minutes: u64) -> LadderConfig {
    let mut config = config();
    config.remembered = Some((tier, Duration::from_mins(minutes)));
    config
}

fn offering(tiers: &[Tier]) -> LadderConfig {
    let mut config = config();
    config.tiers = tiers.iter().copied().collect();
    config
}

/// All tables, which are vectors too.
pub(crate) fn all() -> Vec<Trace> {
    let mut traces = openings();
    traces.extend(memories());
    traces.extend(demotions());
    traces.extend(promotions());
    traces.extend(outages::outages());
    traces
}

/// An opening on a WebSocket.
pub(crate) const ON_WEBSOCKET: [(u64, Input, &str); 2] =
    [(40, Opened(1), "attach 1 as 3"), (60, Proved(1), "carry 1 (opened)")];

/// An opening on long-polling, as the WebSocket is refused; its next trial is far away.
const ON_LONG_POLL: [(u64, Input, &str); 2] = [
    (20, Failed(1, Refused), "stop 1; start long-poll 2; attach 2 as 2"),
    (60, Proved(2), "carry 2 (opened)"),
];

pub(crate) fn after(
    opening: &[(u64, Input, &'static str)],
    rest: &[(u64, Input, &'static str)],
) -> Vec<(u64, Input, &'static str)> {
    [opening, rest].concat()
}

fn openings() -> Vec<Trace> {
    let beginning = "start websocket 1";
    vec![
        check(
            "a WebSocket that works",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (60, Proved(1), ""),
                    (10_060, Timeout, "remember websocket"),
                    (310_060, Timeout, "remember websocket"),
                ],
            ),
        ),
        check(
            "a refused WebSocket",
            config(),
            beginning,
            &after(&ON_LONG_POLL, &[(10_060, Timeout, "remember long-poll")]),
        ),
        check(
            "a WebSocket that hangs",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (200, Proved(2), "carry 2 (opened)"),
                (10_000, Timeout, "stop 1"),
                (10_200, Timeout, "remember long-poll"),
            ],
        ),
        check(
            "a WebSocket that is mute behind its 101",
            config(),
            beginning,
            &[
                (40, Opened(1), "attach 1 as 3"),
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                // The server has heard the WebSocket.
                (170, Stale(2), "stop 1; attach 2 as 4"),
                (190, Proved(2), "carry 2 (opened); start websocket 3"),
                (190, Stale(2), ""),
                (230, Opened(3), "probe 3"),
                (10_190, Timeout, "stop 3; remember long-poll"),
            ],
        ),
        check(
            "a WebSocket that is mute in both directions",
            config(),
            beginning,
            &[
                (40, Opened(1), "attach 1 as 3"),
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (170, Proved(2), "carry 2 (opened)"),
                (290, Timeout, "stop 1; attach 2 as 4; start websocket 3"),
            ],
        ),
        check(
            "a slow WebSocket overtakes the long-poll",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (220, Opened(1), "attach 1 as 3"),
                (270, Proved(2), "carry 2 (opened)"),
                (420, Proved(1), "carry 1 (better); stop 2"),
            ],
        ),
        check(
            "a slow WebSocket that is mute gives the session back",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (220, Opened(1), "attach 1 as 3"),
                (270, Proved(2), "carry 2 (opened)"),
                (270, Stale(2), ""),
                (470, Timeout, "stop 1; attach 2 as 4; start websocket 3"),
            ],
        ),
        check(
            "the WebSocket wins while the long-poll is under way",
            config(),
            beginning,
            &[
                (100, Opened(1), "attach 1 as 3"),
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (160, Proved(1), "carry 1 (opened); stop 2"),
                (200, Stale(2), ""),
            ],
        ),
        check(
            "a WebSocket whose first frame is swallowed",
            config(),
            beginning,
            &[
                (40, Opened(1), "attach 1 as 3"),
                (60, Failed(1, Foreign), "stop 1; start long-poll 2; attach 2 as 2"),
                // The server had heard the WebSocket.
                (80, Stale(2), "attach 2 as 4"),
                (100, Proved(2), "carry 2 (opened)"),
            ],
        ),
        check(
            "only short requests pass",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (300, Timeout, "start periodic 3; attach 3 as 1"),
                (320, Proved(3), "carry 3 (opened)"),
                (400, Timeout, "stop 2; attach 3 as 4; start long-poll 4; attach 4 as 5 on trial"),
                (3400, Failed(4, Silent), "stop 4; attach 3 as 6"),
                (10_000, Timeout, "stop 1"),
                (10_320, Timeout, "remember periodic"),
            ],
        ),
        check(
            "the worse of two that are under way is stopped",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (300, Timeout, "start periodic 3; attach 3 as 1"),
                (320, Proved(2), "carry 2 (opened); stop 3"),
                (360, Proved(3), ""),
            ],
        ),
        check(
            "the answer of a long-poll is lost",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (300, Timeout, "start periodic 3; attach 3 as 1"),
                (340, Stale(3), "stop 2; attach 3 as 4"),
                (380, Proved(3), "carry 3 (opened); start long-poll 4; attach 4 as 5 on trial"),
                (380, Proved(4), "carry 4 (better); stop 3"),
            ],
        ),
        check(
            "nothing works at once",
            config(),
            beginning,
            &[
                (5, Failed(1, Refused), "stop 1; start long-poll 2; attach 2 as 2"),
                (10, Failed(2, Foreign), "stop 2; start periodic 3; attach 3 as 1"),
                (15, Failed(3, Foreign), "stop 3; give up"),
                (20, Proved(3), ""),
            ],
        ),
        check(
            "nothing works, slowly",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (300, Timeout, "start periodic 3; attach 3 as 1"),
                (10_000, Timeout, "stop 1"),
                (10_150, Timeout, "stop 2"),
                (10_300, Timeout, "stop 3; give up"),
            ],
        ),
        check(
            "a WebSocket alone",
            offering(&[Tier::WebSocket]),
            beginning,
            &[
                (40, Opened(1), "attach 1 as 3"),
                (60, Proved(1), "carry 1 (opened)"),
                (5000, Failed(1, Closed), "stop 1"),
                (5111, Timeout, "start websocket 2"),
                (5130, Opened(2), "attach 2 as 4"),
                (5160, Proved(2), "carry 2 (closed)"),
            ],
        ),
        check(
            "a server that offers no WebSocket",
            config(),
            beginning,
            &[
                (150, Timeout, "start long-poll 2; attach 2 as 2"),
                (200, Proved(2), "carry 2 (opened)"),
                (200, Offered([Tier::LongPoll, Tier::Periodic].into_iter().collect()), "stop 1"),
            ],
        ),
    ]
}

fn memories() -> Vec<Trace> {
    vec![
        check(
            "a remembered long-poll, and the WebSocket beside it",
            remembering(Tier::LongPoll, 9),
            "start long-poll 1; attach 1 as 2",
            &[
                (50, Proved(1), "carry 1 (opened)"),
                (150, Timeout, "start websocket 2"),
                (190, Opened(2), "probe 2"),
                (210, Proved(2), "attach 2 as 4"),
                (230, Proved(2), "carry 2 (better); stop 1"),
            ],
        ),
        check(
            "a remembered long-poll that does not work any more",
            remembering(Tier::LongPoll, 9),
            "start long-poll 1; attach 1 as 2",
            &[
                (150, Timeout, "start websocket 2"),
                (190, Opened(2), "attach 2 as 3"),
                (210, Proved(2), "carry 2 (opened); stop 1"),
            ],
        ),
        check(
            "all better ones have their turn beside a remembered one",
            remembering(Tier::Periodic, 1),
            "start periodic 1; attach 1 as 1",
            &[
                (150, Timeout, "start websocket 2; start long-poll 3; attach 3 as 2"),
                (200, Proved(3), "carry 3 (opened); stop 1"),
            ],
        ),
        check("what is too old is not remembered", remembering(Tier::Periodic, 10), "start websocket 1", &[]),
    ]
}

fn demotions() -> Vec<Trace> {
    let beginning = "start websocket 1";
    vec![
        check(
            "a cut WebSocket comes back",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (5000, Failed(1, Closed), "stop 1; start long-poll 2; attach 2 as 4; start websocket 3"),
                    (5020, Proved(2), "carry 2 (closed)"),
                    (5040, Opened(3), "probe 3"),
                    (5060, Proved(3), "attach 3 as 5"),
                    (5080, Proved(3), "carry 3 (better); stop 2"),
                ],
            ),
        ),
        check(
            "the WebSocket is back before the long-poll",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (
                        5000,
                        Failed(1, Unacknowledged),
                        "stop 1; start long-poll 2; attach 2 as 4; start websocket 3",
                    ),
                    (5040, Opened(3), "probe 3"),
                    (5060, Proved(3), "attach 3 as 5"),
                    (5080, Proved(3), "carry 3 (unacknowledged); stop 2"),
                ],
            ),
        ),
        check(
            "down to the worst tier",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (5000, Failed(1, Silent), "stop 1; start long-poll 2; attach 2 as 4; start websocket 3"),
                    (5010, Failed(3, Refused), "stop 3"),
                    (5020, Failed(2, Foreign), "stop 2; start periodic 4; attach 4 as 5"),
                    (5030, Proved(4), "carry 4 (silent); start long-poll 5; attach 5 as 6 on trial"),
                    (5040, Failed(5, Foreign), "stop 5; attach 4 as 7"),
                ],
            ),
        ),
        check(
            "a long-poll that hangs gets periodic requests beside it",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (5000, Failed(1, Silent), "stop 1; start long-poll 2; attach 2 as 4; start websocket 3"),
                    (5010, Failed(3, Refused), "stop 3"),
                    (5250, Timeout, "start periodic 4; attach 4 as 5"),
                    (5270, Proved(4), "carry 4 (silent); stop 2; start long-poll 5; attach 5 as 6 on trial"),
                    (7300, Proved(5), "carry 5 (better); stop 4"),
                ],
            ),
        ),
        check(
            "a slow long-poll takes the session back from periodic requests",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (5000, Failed(1, Silent), "stop 1; start long-poll 2; attach 2 as 4; start websocket 3"),
                    (5010, Failed(3, Refused), "stop 3"),
                    (5250, Timeout, "start periodic 4; attach 4 as 5"),
                    (5270, Proved(2), "carry 2 (silent); stop 4; attach 2 as 6"),
                ],
            ),
        ),
    ]
}

fn promotions() -> Vec<Trace> {
    let beginning = "start websocket 1";
    vec![
        check(
            "trials become rarer",
            config(),
            beginning,
            &after(
                &ON_LONG_POLL,
                &[
                    (10_060, Timeout, "remember long-poll"),
                    (33_350, Timeout, "start websocket 3"),
                    (33_360, Failed(3, Refused), "stop 3"),
                ],
            ),
        ),
        check(
            "a promotion that fails is paid for",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (5000, Failed(1, Closed), "stop 1; start long-poll 2; attach 2 as 4; start websocket 3"),
                    (5020, Proved(2), "carry 2 (closed)"),
                    (5040, Opened(3), "probe 3"),
                    (5060, Proved(3), "attach 3 as 5"),
                    (5080, Proved(3), "carry 3 (better); stop 2"),
                    (6000, Failed(3, Closed), "stop 3; start long-poll 4; attach 4 as 6"),
                    (6020, Proved(4), "carry 4 (closed)"),
                    (16_020, Timeout, "remember long-poll"),
                ],
            ),
        ),
        check(
            "a probe that is answered and an attach that is not",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (60, Rto(1500), ""),
                    (5000, Failed(1, Closed), "stop 1; start long-poll 2; attach 2 as 4; start websocket 3"),
                    (5020, Proved(2), "carry 2 (closed)"),
                    (5040, Opened(3), "probe 3"),
                    (5060, Proved(3), "attach 3 as 5"),
                    (8060, Timeout, "stop 3; attach 2 as 6"),
                ],
            ),
        ),
        check(
            "another network",
            config(),
            beginning,
            &after(
                &ON_LONG_POLL,
                &[
                    (1000, Input::Hint(Hint::Changed), "start websocket 3"),
                    (1100, Input::Hint(Hint::Changed), ""),
                    (1400, Input::Hint(Hint::Changed), "stop 3; start websocket 4"),
                ],
            ),
        ),
        check(
            "no trials while the network may be gone",
            config(),
            beginning,
            &after(
                &ON_WEBSOCKET,
                &[
                    (5000, Input::Hint(Hint::Offline), ""),
                    (5000, Failed(1, Closed), "stop 1; start long-poll 2; attach 2 as 4"),
                    (5020, Proved(2), "carry 2 (closed)"),
                    (10_000, Timeout, "start websocket 3"),
                ],
            ),
        ),
        check(
            "a WebSocket attaches while a long-poll is on trial",
            remembering(Tier::Periodic, 1),
            "start periodic 1; attach 1 as 1",
            &[
                (20, Proved(1), "carry 1 (opened)"),
                (150, Timeout, "start websocket 2; start long-poll 3; attach 3 as 4 on trial"),
                (190, Opened(2), "probe 2"),
                (210, Proved(2), "attach 2 as 5; stop 3"),
                (2210, Timeout, "stop 2; attach 1 as 6; start long-poll 4; attach 4 as 7 on trial"),
            ],
        ),
    ]
}

#[test]
fn decisions() {
    assert_eq!(all().len(), 33);
}

#[test]
fn tiers_that_are_none_count_as_all() {
    let mut config = config();
    config.tiers = Tiers::NONE;
    check("no tiers", config, "start websocket 1", &[(150, Timeout, "start long-poll 2; attach 2 as 2")]);
}
