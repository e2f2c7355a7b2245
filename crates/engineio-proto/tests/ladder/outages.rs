//! What the ladder decides while nothing works.

use engineio_proto::session::adaptive::ladder::Failure::{Closed, Refused};

use crate::tables::{ON_WEBSOCKET, after, check, config};
use crate::trace::{
    Input::{self, Failed, Proved, Timeout},
    Trace,
};

/// Every tier is refused at once after a while on a WebSocket, and then again.
const DOWN: [(u64, Input, &str); 6] = [
    (5000, Failed(1, Closed), "stop 1; start long-poll 2; attach 2 as 4; start websocket 3"),
    (5000, Failed(3, Refused), "stop 3"),
    (5000, Failed(2, Refused), "stop 2; start periodic 4; attach 4 as 5"),
    (5000, Failed(4, Refused), "stop 4"),
    (5111, Timeout, "start long-poll 5; attach 5 as 6"),
    (5111, Failed(5, Refused), "stop 5; start periodic 6; attach 6 as 7"),
];

pub(crate) fn outages() -> Vec<Trace> {
    let down = after(&ON_WEBSOCKET, &DOWN);
    vec![
        check(
            "nothing works for a while",
            config(),
            "start websocket 1",
            &after(
                &down,
                &[
                    (5111, Failed(6, Refused), "stop 6"),
                    (5325, Timeout, "start long-poll 7; attach 7 as 8"),
                    (5340, Proved(7), "carry 7 (closed); start websocket 8"),
                ],
            ),
        ),
        check(
            "a WebSocket hangs while nothing works",
            config(),
            "start websocket 1",
            &after(
                &down,
                &[
                    (5361, Timeout, "start websocket 7"),
                    (5400, Failed(6, Refused), "stop 6"),
                    (5614, Timeout, "start long-poll 8; attach 8 as 8"),
                    (5630, Proved(8), "carry 8 (closed); stop 7; start websocket 9"),
                ],
            ),
        ),
    ]
}
