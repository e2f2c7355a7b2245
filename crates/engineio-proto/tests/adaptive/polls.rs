//! How often a client asks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    Session, SessionConfig, Tier, Transmit,
    session::{
        RequestId,
        adaptive::{
            Key,
            ladder::{LadderConfig, Tiers},
        },
    },
};

const OPEN: &str = r#"a0␞s1␞0{"sid":"one","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000,"adaptive":{"window":1000,"expiry":60000,"carriers":["long-poll"],"period":5000}}␞"#;

fn request(session: &mut Session) -> Option<RequestId> {
    std::iter::from_fn(|| session.poll_transmit()).find_map(|transmit| match transmit {
        Transmit::Request { request, .. } => Some(request),
        _ => None,
    })
}

#[test]
fn who_answers_held_requests_at_once_with_nothing_is_not_asked_without_end() {
    let mut now = Instant::now();
    let end = now + Duration::from_secs(10);
    let mut ladder = LadderConfig::default();
    ladder.tiers = Tiers::NONE.with(Tier::LongPoll);
    let config = Arc::new(SessionConfig::default());
    let mut session = Session::adaptive_client(now, config, Key::from_random(1), ladder);
    let opening = request(&mut session).expect("an opening");
    session.handle_response(now, opening, Bytes::from(OPEN.replace('␞', "\x1e")));
    let mut asked = 0;
    while now < end {
        if let Some(request) = request(&mut session) {
            asked += 1;
            assert!(asked <= 110, "{asked} requests, {:?} before the end", end - now);
            session.handle_response(now, request, Bytes::from_static(b"a0\x1e"));
        } else {
            now = session.poll_timeout().expect("a time").max(now);
            session.handle_timeout(now);
        }
    }
    assert!(asked >= 90, "{asked} requests in 10 s");
}
