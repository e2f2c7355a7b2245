//! One fault at a time: what happens then, and how long it takes.

use std::time::Duration;

use engineio_proto::{
    CloseReason, Message, Sent, SessionConfig, Tier,
    session::adaptive::ladder::{Cause, LadderConfig},
};
use testkit::{
    AdaptivePair, Side,
    adaptive::{Held, HttpWeather, Upgrade, Weather, WebSocketWeather},
};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const BOTH: [Side; 2] = [Side::Client, Side::Server];

fn pair(weather: Weather) -> AdaptivePair {
    AdaptivePair::new(7, SessionConfig::default(), LadderConfig::default(), weather)
}

/// Runs until something holds, and gives the virtual time that it took.
fn time_until(pair: &mut AdaptivePair, limit: Duration, holds: impl Fn(&AdaptivePair) -> bool) -> Duration {
    let start = pair.elapsed();
    while !holds(pair) {
        assert!(pair.elapsed() - start < limit, "not within {limit:?}: {pair:?}");
        pair.run(MS);
    }
    pair.elapsed() - start
}

fn send(pair: &mut AdaptivePair, side: Side, text: &str) {
    assert_eq!(pair.send(side, &Message::from(text)), Sent::Queued);
}

fn received(pair: &AdaptivePair, side: Side) -> Vec<String> {
    let texts = pair.messages(side).iter().map(|message| match message {
        Message::Text(text) => text.to_string(),
        Message::Binary(bytes) => format!("{bytes:?}"),
    });
    texts.collect()
}

fn websocket(websocket: WebSocketWeather) -> Weather {
    Weather { websocket, ..Weather::fair() }
}

fn http(http: HttpWeather) -> Weather {
    Weather { http, ..Weather::without_websockets() }
}

#[test]
fn a_websocket_opens_within_its_handshakes_and_one_round_trip() {
    let mut pair = pair(Weather::fair());
    let time = time_until(&mut pair, SECOND, |pair| pair.is_open(Side::Client));
    assert_eq!(pair.tier(), Some(Tier::WebSocket));
    // TCP, the upgrade, the attach.
    assert!(time <= 3 * 40 * MS + 2 * MS, "{time:?}");
    pair.run(600 * SECOND);
    assert_eq!(pair.requests(), 1, "an idle session needs nothing else");
    assert_eq!(pair.closed(Side::Client), None);
}

#[test]
fn behind_every_broken_websocket_the_session_opens_on_a_long_poll() {
    let broken = [
        WebSocketWeather { upgrade: Upgrade::Refused, ..Default::default() },
        WebSocketWeather { upgrade: Upgrade::Hangs, ..Default::default() },
        WebSocketWeather { mute_up: true, mute_down: true, ..Default::default() },
        WebSocketWeather { mute_up: true, ..Default::default() },
        WebSocketWeather { mute_down: true, ..Default::default() },
        WebSocketWeather { drops_first: true, ..Default::default() },
        WebSocketWeather { cut_after: Some(Duration::ZERO), ..Default::default() },
    ];
    for weather in broken {
        let mut pair = pair(websocket(weather));
        let time = time_until(&mut pair, SECOND, |pair| pair.is_open(Side::Client));
        assert_eq!(pair.tier(), Some(Tier::LongPoll), "{weather:?}");
        // The race begins after 250 ms; two round trips with the one for TCP, and one more if the other half of the
        // WebSocket had to be overruled.
        assert!(time <= 250 * MS + 3 * 40 * MS + 40 * MS, "{time:?} with {weather:?}");
        send(&mut pair, Side::Server, "news");
        send(&mut pair, Side::Client, "question");
        pair.run(SECOND);
        assert_eq!(received(&pair, Side::Client), ["news"], "{weather:?}");
        assert_eq!(received(&pair, Side::Server), ["question"], "{weather:?}");
        assert_eq!(pair.opened_sessions(), 1);
    }
}

#[test]
fn a_slow_websocket_is_not_replaced_by_the_tier_that_is_raced_against_it() {
    for latency in [50, 80, 120, 200, 400] {
        let mut pair = pair(Weather { latency: latency * MS, ..Weather::fair() });
        pair.run(5 * SECOND);
        assert_eq!(pair.tier(), Some(Tier::WebSocket), "{latency} ms");
        assert_eq!(pair.closed(Side::Client), None);
        let websockets = pair.switches().iter().filter(|(tier, _)| *tier == Tier::WebSocket).count();
        assert_eq!(websockets, 1, "{latency} ms: {:?}", pair.switches());
    }
}

#[test]
fn a_websocket_that_is_cut_is_replaced_within_a_round_trip_and_loses_nothing() {
    let mut pair = pair(Weather::fair());
    pair.run(SECOND);
    for n in 0..20 {
        for side in BOTH {
            send(&mut pair, side, &n.to_string());
        }
        pair.run(MS);
    }
    pair.change_weather(Weather::without_websockets());
    pair.cut_websockets();
    let time = time_until(&mut pair, SECOND, |pair| pair.tier() == Some(Tier::LongPoll));
    assert!(time <= 40 * MS + 40 * MS + MS, "with a new connection: {time:?}");
    pair.run(SECOND);
    let expected: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    for side in BOTH {
        assert_eq!(received(&pair, side), expected);
    }
}

#[test]
fn a_better_tier_that_works_again_is_promoted_without_a_gap() {
    let mut pair = pair(Weather::without_websockets());
    pair.run(SECOND);
    pair.change_weather(Weather::fair());
    let mut sent = Vec::new();
    for n in 0..1000 {
        send(&mut pair, Side::Server, &n.to_string());
        sent.push(n.to_string());
        let before = pair.messages(Side::Client).len();
        pair.run(100 * MS);
        let after = pair.messages(Side::Client).len();
        assert!(after > before, "the client is blind for 100 ms at {:?}", pair.elapsed());
    }
    pair.run(SECOND);
    assert_eq!(pair.tier(), Some(Tier::WebSocket));
    assert_eq!(received(&pair, Side::Client), sent);
}

#[test]
fn a_connection_that_goes_mute_is_noticed_within_the_liveness_interval() {
    for (expecting, limit) in [(true, 3 * SECOND), (false, 45 * SECOND)] {
        for (mute_up, mute_down) in [(true, true), (false, true)] {
            let mut pair = pair(Weather::fair());
            pair.run(SECOND);
            pair.expect_events(expecting);
            let weather = WebSocketWeather { mute_up, mute_down, ..Default::default() };
            pair.change_weather(websocket(weather));
            send(&mut pair, Side::Server, "lost on its way");
            let time = time_until(&mut pair, 60 * SECOND, |pair| pair.messages(Side::Client).len() == 1);
            assert!(time <= limit + 2 * 40 * MS + 40 * MS, "{time:?} while expecting {expecting}");
        }
    }
}

#[test]
fn while_events_are_expected_every_tier_that_goes_mute_is_given_up_within_3_s_and_a_round_trip() {
    let mute = HttpWeather { lost_responses: 100, ..Default::default() };
    let table = [
        (Tier::WebSocket, Weather::fair()),
        (Tier::LongPoll, Weather::without_websockets()),
        (Tier::Periodic, Weather::only_periodic()),
    ];
    for (tier, weather) in table {
        for latency in [20, 500] {
            // At any moment between two requests.
            for phase in [0, 300, 700, 1000, 1700] {
                let mut pair = pair(Weather { latency: latency * MS, ..weather });
                // The first long-poll, and one more on trial, are swallowed by then.
                pair.run(100 * SECOND);
                let switches = pair.switches().len();
                pair.expect_events(true);
                pair.run(4 * SECOND + phase * MS);
                assert_eq!(pair.tier(), Some(tier));
                assert_eq!(pair.switches().len(), switches, "{:?}", pair.switches());
                let (upgrade, mute_down) = (Upgrade::Refused, true);
                let websocket = WebSocketWeather { upgrade, mute_down, ..Default::default() };
                pair.change_weather(Weather { latency: latency * MS, websocket, http: mute, ..weather });
                let time = time_until(&mut pair, 60 * SECOND, |pair| pair.tier() != Some(tier));
                // A request that opens a connection takes two round trips, and some do.
                assert!(time <= 3 * SECOND + 2 * 2 * latency * MS, "{tier:?}, {latency} ms: {time:?}");
            }
        }
    }
}

#[test]
fn a_slow_network_is_not_taken_for_a_mute_one() {
    for weather in [Weather::fair(), Weather::without_websockets()] {
        for (latency, jitter) in [(700, 0), (300, 900), (1500, 100)] {
            let mut pair = pair(Weather { latency: latency * MS, jitter: jitter * MS, ..weather });
            pair.run(20 * SECOND);
            let before = pair.switches().len();
            pair.expect_events(true);
            pair.run(600 * SECOND);
            assert_eq!(pair.switches().len(), before, "{latency} ms, {jitter} ms: {:?}", pair.switches());
        }
    }
}

#[test]
fn a_message_that_arrives_slowly_is_heard_as_long_as_its_bytes_come() {
    let table = [
        (Tier::WebSocket, Weather::fair()),
        (Tier::LongPoll, Weather::without_websockets()),
        (Tier::Periodic, Weather::only_periodic()),
    ];
    for (tier, weather) in table {
        for from in BOTH {
            let mut pair = pair(weather);
            pair.run(100 * SECOND);
            assert_eq!(pair.tier(), Some(tier));
            pair.expect_events(true);
            pair.run(2 * SECOND);
            let before = pair.switches().len();
            // Half a minute at the rate that is granted anyway; only on a WebSocket the sender can learn of more.
            let rate = if from == Side::Client && tier != Tier::WebSocket { 40_000 } else { 15_000 };
            pair.change_weather(Weather { rate: Some(rate), ..weather });
            let message = "x".repeat(800_000);
            send(&mut pair, from, &message);
            pair.run(60 * SECOND);
            let other = if from == Side::Client { Side::Server } else { Side::Client };
            assert_eq!(pair.messages(other).len(), 1, "{tier:?}, from the {from:?}: {:?}", pair.switches());
            assert_eq!(pair.switches().len(), before, "{tier:?}, from the {from:?}: {:?}", pair.switches());
        }
    }
}

#[test]
fn a_long_poll_may_have_its_head_before_the_server_answers() {
    let mut pair = pair(http(HttpWeather { early_heads: true, ..Default::default() }));
    pair.run(120 * SECOND);
    send(&mut pair, Side::Server, "late");
    pair.run(SECOND);
    assert_eq!(received(&pair, Side::Client), ["late"]);
    assert_eq!(pair.switches(), [(Tier::LongPoll, Cause::Opened)]);
}

#[test]
fn a_message_whose_bytes_stop_coming_is_silence() {
    for from in BOTH {
        let mut pair = pair(Weather { rate: Some(15_000), ..Weather::fair() });
        pair.run(SECOND);
        pair.expect_events(true);
        send(&mut pair, from, &"x".repeat(800_000));
        pair.run(10 * SECOND);
        assert_eq!(pair.tier(), Some(Tier::WebSocket));
        let (mute_up, mute_down) = (true, true);
        let websocket = WebSocketWeather { mute_up, mute_down, ..Default::default() };
        pair.change_weather(self::websocket(websocket));
        let time = time_until(&mut pair, 60 * SECOND, |pair| pair.tier() != Some(Tier::WebSocket));
        assert!(time <= 3 * SECOND + 2 * 40 * MS, "{time:?}, from the {from:?}");
    }
}

#[test]
fn packets_that_are_not_acknowledged_are_sent_elsewhere() {
    let mut pair = pair(Weather::fair());
    pair.run(SECOND);
    pair.change_weather(websocket(WebSocketWeather { mute_up: true, ..Default::default() }));
    send(&mut pair, Side::Client, "lost on its way");
    let time = time_until(&mut pair, 10 * SECOND, |pair| pair.messages(Side::Server).len() == 1);
    assert!(time <= SECOND + 200 * MS + 2 * 40 * MS, "RTO, the server's delay, a new connection: {time:?}");
}

#[test]
fn where_responses_are_held_back_the_session_goes_on_with_periodic_requests() {
    let holds = [Held::Swallowed, Held::CutAfter(500 * MS)];
    for held in holds {
        let mut pair = pair(http(HttpWeather { held, ..Default::default() }));
        pair.run(SECOND);
        pair.expect_events(true);
        pair.run(60 * SECOND);
        assert_eq!(pair.tier(), Some(Tier::Periodic), "{held:?}");
        pair.expect_events(false);
        let before = pair.requests();
        pair.run(60 * SECOND);
        assert!(pair.requests() - before <= 60 / 5 + 8, "{} requests in a minute", pair.requests() - before);
        for side in BOTH {
            send(&mut pair, side, "still there");
        }
        pair.run(6 * SECOND);
        for side in BOTH {
            assert_eq!(received(&pair, side), ["still there"], "{side:?}");
        }
    }
}

#[test]
fn a_proxy_that_repeats_every_request_costs_no_more_requests() {
    let mut pair = pair(http(HttpWeather { duplicates: 100, ..Default::default() }));
    pair.run(SECOND);
    let before = pair.requests();
    for n in 0..60 {
        send(&mut pair, Side::Server, &n.to_string());
        pair.run(SECOND);
    }
    assert_eq!(received(&pair, Side::Client), (0..60).map(|n| n.to_string()).collect::<Vec<_>>());
    assert!(pair.requests() - before < 100, "{} requests", pair.requests() - before);
}

#[test]
fn both_sides_can_close_and_what_was_sent_before_arrives() {
    for weather in [Weather::fair(), Weather::without_websockets(), Weather::only_periodic()] {
        for side in BOTH {
            let mut pair = pair(weather);
            pair.run(SECOND);
            let other = if side == Side::Client { Side::Server } else { Side::Client };
            send(&mut pair, side, "last words");
            pair.close(side);
            // Where responses are swallowed, the first that is held has to be given up before.
            pair.run(40 * SECOND);
            assert_eq!(received(&pair, other), ["last words"]);
            assert_eq!(pair.closed(side), Some(CloseReason::ForcedClose));
            assert_eq!(pair.closed(other), Some(CloseReason::TransportClose));
            assert_eq!(pair.sessions(), 0, "the server has forgotten it, closed by the {side:?}");
        }
    }
}

#[test]
fn a_session_without_a_carrier_is_over_after_its_expiry() {
    let mut pair = pair(Weather::fair());
    pair.run(SECOND);
    pair.expect_events(true);
    pair.change_weather(Weather::dead());
    pair.run(62 * SECOND);
    assert_eq!(pair.closed(Side::Client), None);
    pair.run(5 * SECOND);
    assert_eq!(pair.closed(Side::Client), Some(CloseReason::PingTimeout));
    pair.run(60 * SECOND);
    assert_eq!(pair.closed(Side::Server), Some(CloseReason::PingTimeout));
    assert_eq!(pair.sessions(), 0);
}

#[test]
fn a_client_that_sleeps_goes_on_if_it_wakes_in_time_and_is_told_if_not() {
    for (seconds, survives) in [(50, true), (200, false)] {
        let mut pair = pair(Weather::fair());
        pair.run(SECOND);
        pair.sleep(seconds * SECOND);
        send(&mut pair, Side::Server, "good morning");
        pair.run((seconds + 2) * SECOND);
        let reasons = BOTH.map(|side| pair.closed(side));
        if survives {
            assert_eq!(reasons, [None, None], "{seconds} s");
            assert_eq!(received(&pair, Side::Client), ["good morning"]);
        } else {
            assert!(reasons.iter().all(Option::is_some), "{reasons:?}");
        }
    }
}

#[test]
fn a_client_that_cannot_reach_the_server_gives_up_and_says_so() {
    let mut pair = pair(Weather::dead());
    pair.run(30 * SECOND);
    assert_eq!(pair.closed(Side::Client), Some(CloseReason::TransportError));
    assert!(pair.requests() <= 3);
}
