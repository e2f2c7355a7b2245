//! The session in virtual time: each test states a race or a rule and lets a client and a server live it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Delivery, Event, Message, Prepared, RequestError, Sent, Session, SessionConfig, Sid,
    Transmit, Transport,
    session::{
        Arrival, CarrierEnd, CarrierId, Opening, PollId, PostError,
        adaptive::{Key, ladder::LadderConfig},
    },
};
use testkit::{Pair, Side, WebSockets};

#[path = "support/polling.rs"]
mod polling;
use polling::{noop, opened_by_polling};

const SECOND: Duration = Duration::from_secs(1);
const BOTH: [Side; 2] = [Side::Client, Side::Server];

fn polling_only() -> SessionConfig {
    let mut config = SessionConfig::default();
    config.upgrade = false;
    config
}

/// An open pair for each way to open.
fn pairs() -> [Pair; 3] {
    let mut pairs = [
        Pair::polling(polling_only()),
        Pair::polling(SessionConfig::default()),
        Pair::websocket(SessionConfig::default()),
    ];
    for pair in &mut pairs {
        pair.run(SECOND);
        assert!(pair.session(Side::Client).is_open() && pair.session(Side::Server).is_open());
    }
    pairs
}

#[test]
fn messages_travel_both_ways_in_order_on_every_transport() {
    for mut pair in pairs() {
        let texts: Vec<String> = (0..100).map(|n| format!("message {n}")).collect();
        for text in &texts {
            for side in BOTH {
                assert_eq!(pair.send(side, text), Sent::Queued);
            }
        }
        pair.run(10 * SECOND);
        for side in BOTH {
            assert_eq!(pair.received(side), texts);
        }
    }
}

#[test]
fn heartbeats_keep_an_idle_session_open() {
    for mut pair in pairs() {
        pair.run(600 * SECOND);
        for side in BOTH {
            assert_eq!(pair.closed(side), None);
        }
    }
}

#[test]
fn a_silent_peer_is_given_up_after_interval_and_timeout() {
    for mut pair in pairs() {
        pair.network.latency = 1000 * SECOND;
        pair.run(26 * SECOND + 20 * SECOND);
        for side in BOTH {
            assert_eq!(pair.closed(side), Some(CloseReason::PingTimeout), "{side:?}");
        }
    }
}

#[test]
fn a_client_that_sends_instead_of_ponging_is_alive() {
    let now = Instant::now();
    let mut session = server(now, Opening::WebSocket(CarrierId(0)));
    let config = SessionConfig::default();
    let mut at = now;
    for _ in 0..5 {
        at += config.ping_interval;
        session.handle_timeout(at);
        session.handle_message(at + SECOND, CarrierId(0), "4still here".into());
        at += SECOND;
    }
    assert!(session.is_open());
    assert_eq!(session.poll_timeout(), Some(at + config.ping_interval));
}

#[test]
fn a_client_that_posts_and_never_polls_is_given_up() {
    let now = Instant::now();
    let config = SessionConfig::default();
    for (is_polling, posted) in [(true, "4still here"), (false, "4still here"), (true, "3"), (false, "3")] {
        let (mut session, mut at) = (opened_by_polling(now), now);
        for poll in 2..7 {
            at += config.ping_interval;
            session.handle_timeout(at);
            let _ = session.handle_post(at + SECOND, Bytes::from_static(posted.as_bytes()));
            at += SECOND;
            if is_polling {
                session.handle_poll(at, PollId(poll)).unwrap();
                let ping = Transmit::Reply { poll: PollId(poll), body: Bytes::from_static(b"2") };
                assert_eq!(session.poll_transmit(), Some(ping));
                session.handle_reply_sent(PollId(poll));
            }
        }
        assert_eq!(session.is_open(), is_polling);
    }
}

#[test]
fn a_polling_session_upgrades_without_losing_or_reordering_anything() {
    let mut pair = Pair::polling(SessionConfig::default());
    let mut sent = Vec::new();
    for n in 0..40 {
        pair.run(Duration::from_millis(5));
        if pair.server.session.is_some() && pair.session(Side::Client).is_open() {
            let text = n.to_string();
            for side in BOTH {
                assert_eq!(pair.send(side, &text), Sent::Queued);
            }
            sent.push(text);
        }
    }
    pair.run(SECOND);
    for side in BOTH {
        assert_eq!(pair.session(side).transport(), Transport::WebSocket);
        assert_eq!(pair.received(side), sent);
    }
    assert!(pair.client.events.contains(&Event::Upgraded) && pair.server.events.contains(&Event::Upgraded));
}

#[test]
fn a_mute_or_refused_websocket_leaves_polling_as_it_was() {
    for websockets in [WebSockets::Mute, WebSockets::Refused] {
        let mut pair = Pair::polling(SessionConfig::default());
        pair.network.websockets = websockets;
        let mut sent = Vec::new();
        for n in 0..30 {
            pair.run(SECOND);
            let text = n.to_string();
            for side in BOTH {
                assert_eq!(pair.send(side, &text), Sent::Queued);
            }
            sent.push(text);
        }
        pair.run(SECOND);
        for side in BOTH {
            assert_eq!(pair.session(side).transport(), Transport::Polling);
            assert!(!pair.session(side).is_upgrading());
            assert_eq!(pair.received(side), sent);
        }
    }
}

#[test]
fn a_probe_that_dies_touches_nothing() {
    let now = Instant::now();
    let mut session = server(now, Opening::Polling);
    session.handle_poll(now, PollId(1)).unwrap();
    assert!(matches!(session.poll_transmit(), Some(Transmit::Reply { .. })));
    let probe = CarrierId(7);
    for (round, packet) in ["2probe", "4early", "garbage", "5"].into_iter().enumerate() {
        session.handle_websocket(now, probe).unwrap();
        session.handle_message(now, probe, packet.into());
        session.handle_carrier_closed(now, probe, CarrierEnd::Failed);
        assert!(session.is_open() && !session.is_upgrading(), "round {round}");
        assert_eq!(session.transport(), Transport::Polling);
    }
    assert_eq!(session.poll_event(), None);
}

#[test]
fn a_waiting_poll_is_released_once_when_the_probe_is_answered_and_then_every_100_ms() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_poll(now, PollId(2)).unwrap();
    session.handle_websocket(now, CarrierId(1)).unwrap();
    assert_eq!(session.poll_transmit(), None, "a connected but silent WebSocket answers no poll");
    session.handle_message(now, CarrierId(1), "2probe".into());
    assert_eq!(
        session.poll_transmit(),
        Some(Transmit::Send { carrier: CarrierId(1), packet: Prepared::PROBE_ANSWER })
    );
    assert_eq!(session.poll_transmit(), Some(noop(PollId(2))));
    session.handle_poll(now, PollId(3)).unwrap();
    assert_eq!(session.poll_transmit(), None);
    let at = now + Duration::from_millis(100);
    assert_eq!(session.poll_timeout(), Some(at));
    session.handle_timeout(at);
    assert_eq!(session.poll_transmit(), Some(noop(PollId(3))));
}

#[test]
fn after_the_upgrade_http_requests_are_refused_and_change_nothing() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_websocket(now, CarrierId(1)).unwrap();
    session.handle_message(now, CarrierId(1), "2probe".into());
    session.handle_message(now, CarrierId(1), "5".into());
    assert_eq!(session.poll_event(), Some(Event::Upgraded));
    assert_eq!(session.handle_poll(now, PollId(5)), Err(RequestError::BadRequest));
    let post = session.handle_post(now, Bytes::from_static(b"4late"));
    assert_eq!(post, Err(PostError::Request(RequestError::BadRequest)));
    assert_eq!(session.handle_websocket(now, CarrierId(2)), Err(RequestError::BadRequest));
    assert!(session.is_open());
    assert_eq!(session.poll_event(), None);
}

#[test]
fn of_two_polls_the_newest_waits() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_poll(now, PollId(2)).unwrap();
    session.handle_poll(now, PollId(3)).unwrap();
    assert_eq!(session.poll_transmit(), Some(noop(PollId(2))));
    assert_eq!(session.send(&[Prepared::text("x")], Delivery::Reliable), Sent::Queued);
    assert_eq!(
        session.poll_transmit(),
        Some(Transmit::Reply { poll: PollId(3), body: Bytes::from_static(b"4x") })
    );
}

#[test]
fn strict_polling_ends_the_session_on_overlapping_and_on_aborted_polls() {
    let mut config = SessionConfig::default();
    config.strict_polling = true;
    let now = Instant::now();
    for abort in [false, true] {
        let mut session = Session::server(now, "s".parse().unwrap(), config.clone().into(), Opening::Polling);
        session.handle_poll(now, PollId(1)).unwrap();
        assert!(session.poll_transmit().is_some());
        session.handle_reply_sent(PollId(1));
        session.handle_poll(now, PollId(2)).unwrap();
        if abort {
            session.handle_poll_aborted(PollId(2));
        } else {
            assert_eq!(session.handle_poll(now, PollId(3)), Err(RequestError::BadRequest));
            let close = Transmit::Reply { poll: PollId(2), body: Bytes::from_static(b"1") };
            assert_eq!(session.poll_transmit(), Some(close));
        }
        assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::TransportError)));
        assert!(session.is_finished());
    }
}

#[test]
fn packets_of_an_abandoned_poll_are_delivered_by_the_next_one() {
    let mut pair = Pair::polling(polling_only());
    pair.run(SECOND);
    let mut sent = Vec::new();
    for n in 0..20 {
        pair.network.lose_replies = n % 3;
        let text = n.to_string();
        assert_eq!(pair.send(Side::Server, &text), Sent::Queued);
        sent.push(text);
        pair.run(SECOND);
    }
    assert_eq!(pair.received(Side::Client), sent);
}

#[test]
fn nothing_overtakes_an_answer_that_may_come_back() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_poll(now, PollId(2)).unwrap();
    let _ = session.send(&[Prepared::text("first")], Delivery::Reliable);
    assert!(matches!(session.poll_transmit(), Some(Transmit::Reply { poll: PollId(2), .. })));
    // The client's connection is gone, but the server has not noticed when the next poll comes.
    session.handle_poll(now, PollId(3)).unwrap();
    let _ = session.send(&[Prepared::text("second")], Delivery::Reliable);
    assert_eq!(session.poll_transmit(), None);
    session.handle_poll_aborted(PollId(2));
    let Some(Transmit::Reply { poll: PollId(3), body }) = session.poll_transmit() else {
        panic!("no answer")
    };
    assert_eq!(body, "4first\u{1e}4second");
}

#[test]
fn what_was_sent_has_arrived_when_the_client_comes_back_and_nothing_is_under_way() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    assert_eq!(session.arrival(), Arrival::Pending, "OPEN may be lost");
    session.handle_poll(now, PollId(2)).unwrap();
    assert_eq!(session.arrival(), Arrival::Complete);
    let _ = session.send(&[Prepared::text("news")], Delivery::Reliable);
    assert_eq!(session.arrival(), Arrival::Pending);
    let _ = session.poll_transmit();
    session.handle_poll(now, PollId(3)).unwrap();
    assert_eq!(session.arrival(), Arrival::Pending, "the answer may come back");
    session.handle_reply_sent(PollId(2));
    assert_eq!(session.arrival(), Arrival::Complete);

    let mut session = server(now, Opening::WebSocket(CarrierId(1)));
    assert_eq!(session.arrival(), Arrival::Pending);
    let _ = session.poll_transmit();
    assert_eq!(session.arrival(), Arrival::Unknown(CarrierId(1)));
    session.close(now, CloseReason::ForcedClose);
    assert_eq!(session.arrival(), Arrival::Never);
}

#[test]
fn a_poll_is_never_held_longer_than_its_limit() {
    let now = Instant::now();
    let mut config = SessionConfig::default();
    config.ping_interval = 100 * SECOND;
    let mut session = Session::server(now, "s".parse().unwrap(), config.into(), Opening::Polling);
    session.handle_poll(now, PollId(1)).unwrap();
    assert!(session.poll_transmit().is_some());
    session.handle_poll(now, PollId(2)).unwrap();
    assert_eq!(session.poll_timeout(), Some(now + 25 * SECOND));
    session.handle_timeout(now + 25 * SECOND);
    assert_eq!(session.poll_transmit(), Some(noop(PollId(2))));
}

#[test]
fn a_reply_carries_at_most_sixteen_packets_and_the_payload_limit() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    let large = Prepared::text(&"x".repeat(500_000));
    let mut expected = Vec::new();
    for _ in 0..2 {
        assert_eq!(session.send(std::slice::from_ref(&large), Delivery::Reliable), Sent::Queued);
        expected.push(1);
    }
    let poll = |session: &mut Session, n| {
        session.handle_poll(now, PollId(n)).unwrap();
        let Some(Transmit::Reply { body, .. }) = session.poll_transmit() else { panic!("an answer") };
        session.handle_reply_sent(PollId(n));
        body.iter().filter(|byte| **byte == 0x1e).count() + 1
    };
    assert_eq!([poll(&mut session, 2), poll(&mut session, 3)], expected[..]);
    for _ in 0..20 {
        assert_eq!(session.send(&[Prepared::text("x")], Delivery::Reliable), Sent::Queued);
    }
    assert_eq!([poll(&mut session, 4), poll(&mut session, 5)], [16, 4]);
}

#[test]
fn either_side_can_close_and_what_was_queued_still_arrives() {
    for side in BOTH {
        for mut pair in pairs() {
            let other = if side == Side::Client { Side::Server } else { Side::Client };
            for text in ["last", "words"] {
                assert_eq!(pair.send(side, text), Sent::Queued);
            }
            pair.close(side, CloseReason::ForcedClose);
            assert_eq!(pair.send(side, "too late"), Sent::Dropped);
            pair.run(SECOND);
            assert_eq!(pair.received(other), ["last", "words"]);
            assert_eq!(pair.closed(side), Some(CloseReason::ForcedClose));
            assert_eq!(pair.closed(other), Some(CloseReason::TransportClose));
            assert!(pair.session(side).is_finished() && pair.session(other).is_finished());
        }
    }
}

#[test]
fn the_last_words_and_the_close_answer_two_polls() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_poll(now, PollId(1)).unwrap();
    assert_eq!(session.send(&[Prepared::text("last")], Delivery::Reliable), Sent::Queued);
    session.close(now, CloseReason::ForcedClose);
    let words = Transmit::Reply { poll: PollId(1), body: Bytes::from_static(b"4last") };
    assert_eq!(session.poll_transmit(), Some(words));
    assert_eq!(session.poll_transmit(), None);
    session.handle_reply_sent(PollId(1));
    session.handle_poll(now, PollId(2)).unwrap();
    let close = Transmit::Reply { poll: PollId(2), body: Bytes::from_static(b"1") };
    assert_eq!(session.poll_transmit(), Some(close));
    assert!(session.is_finished());
}

#[test]
fn a_closing_session_waits_for_its_last_poll_only_so_long() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.close(now, CloseReason::ServerShutdown);
    assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::ServerShutdown)));
    assert!(!session.is_finished());
    session.handle_timeout(now + SessionConfig::default().close_timeout);
    assert!(session.is_finished());
}

#[test]
fn a_cut_websocket_ends_the_session_on_both_sides() {
    let mut pair = Pair::websocket(SessionConfig::default());
    pair.run(SECOND);
    pair.cut(CarrierId(0));
    for side in BOTH {
        assert_eq!(pair.closed(side), Some(CloseReason::TransportError));
    }
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let now = Instant::now();
    let config = SessionConfig::default();
    let mut session = Session::client(now, config.clone().into(), Opening::Polling);
    assert_eq!(session.poll_transmit(), Some(Transmit::Get));
    session.handle_timeout(now + config.open_timeout);
    assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::TransportError)));
}

#[test]
fn garbage_ends_the_session_with_parse_error() {
    let now = Instant::now();
    let bodies: [&'static [u8]; 5] = [b"", b"abc", b"4ok\x1eabc", b"\xff", b"2probe"];
    for body in bodies {
        let mut session = opened_by_polling(now);
        session.handle_poll(now, PollId(2)).unwrap();
        let result = session.handle_post(now, Bytes::from_static(body));
        let events: Vec<_> = std::iter::from_fn(|| session.poll_event()).collect();
        assert_eq!(events.last(), Some(&Event::Closed(CloseReason::ParseError)), "{body:?}");
        assert_eq!(result.is_err(), body != b"2probe");
        assert_eq!(session.poll_transmit(), Some(noop(PollId(2))), "the waiting poll is let go");
        let mut session = server(now, Opening::WebSocket(CarrierId(0)));
        session.handle_message(now, CarrierId(0), "abc".into());
        assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::ParseError)));
    }
}

#[test]
fn volatile_packets_are_dropped_while_the_carrier_is_busy() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    let send = |session: &mut Session| session.send(&[Prepared::text("v")], Delivery::Volatile);
    assert_eq!(send(&mut session), Sent::Dropped, "no poll waits");
    session.handle_poll(now, PollId(2)).unwrap();
    assert_eq!(send(&mut session), Sent::Queued);
    assert_eq!(send(&mut session), Sent::Dropped, "the first has not left");
}

#[test]
fn a_blocked_websocket_gets_nothing_but_its_end() {
    let now = Instant::now();
    let mut session = server(now, Opening::WebSocket(CarrierId(0)));
    while session.poll_transmit().is_some() {}
    session.handle_blocked(CarrierId(0), true);
    assert_eq!(session.send(&[Prepared::text("v")], Delivery::Volatile), Sent::Dropped);
    assert_eq!(session.send(&[Prepared::text("r")], Delivery::Reliable), Sent::Queued);
    assert_eq!(session.poll_transmit(), None);
    session.handle_blocked(CarrierId(0), false);
    let sent = Transmit::Send { carrier: CarrierId(0), packet: Prepared::text("r") };
    assert_eq!(session.poll_transmit(), Some(sent));
    session.handle_blocked(CarrierId(0), true);
    session.handle_timeout(now + 100 * SECOND);
    session.handle_timeout(now + 200 * SECOND);
    assert_eq!(session.poll_transmit(), Some(Transmit::Disconnect { carrier: CarrierId(0), code: None }));
}

/// A packet of one byte takes more of memory than that byte.
#[test]
fn many_small_packets_take_no_more_than_the_budget() {
    let now = Instant::now();
    let config = || Arc::new(SessionConfig::default());
    let sid = || "s".parse::<Sid>().unwrap();
    let key = Key::from_random(7);
    let sessions = [
        Session::server(now, sid(), config(), Opening::Polling),
        Session::server_v3(now, sid(), config(), Opening::Polling, false),
        Session::adaptive_server(now, sid(), config()),
        Session::adaptive_client(now, config(), key, LadderConfig::default()),
    ];
    for (index, mut session) in sessions.into_iter().enumerate() {
        let is_open = session.is_open();
        let mut count = 0;
        while session.send(&[Prepared::text("")], Delivery::Reliable) == Sent::Queued {
            count += 1;
        }
        let most = 1024 * 1024 / (1 + Prepared::OVERHEAD);
        assert!(if is_open { (most - 10..=most).contains(&count) } else { count == 0 }, "{index}: {count}");
    }
}

#[test]
fn what_a_client_sends_counts_until_it_is_taken() {
    let now = Instant::now();
    let sid = "s".parse::<Sid>().unwrap();
    let mut session = Session::server(now, sid, SessionConfig::default().into(), Opening::Polling);
    assert_eq!(session.inbox_cost(), 0);
    session.handle_post(now, Bytes::from_static(b"4a\x1e4bcd\x1ebAQI=")).unwrap();
    assert_eq!(session.inbox_cost(), 6 + 3 * Prepared::OVERHEAD);
    while session.poll_event().is_some() {}
    assert_eq!(session.inbox_cost(), 0);
}

#[test]
fn a_slow_consumer_is_disconnected_at_its_byte_budget() {
    let now = Instant::now();
    let mut config = SessionConfig::default();
    config.max_queued_bytes = 1000;
    let mut session =
        Session::server(now, "s".parse().unwrap(), config.into(), Opening::WebSocket(CarrierId(0)));
    while session.poll_transmit().is_some() {}
    let large = Message::Binary(Bytes::from(vec![0; 5000]));
    assert_eq!(session.send(&[Prepared::new(&large)], Delivery::Reliable), Sent::Queued, "one may exceed it");
    assert_eq!(session.send(&[Prepared::text("x")], Delivery::Reliable), Sent::Dropped);
    assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::SlowConsumer)));
    assert_eq!(session.queued_bytes(), 0, "nothing is kept for it");
    assert_eq!(session.poll_transmit(), Some(Transmit::Disconnect { carrier: CarrierId(0), code: None }));
    assert!(session.is_finished());
}

fn server(now: Instant, opening: Opening) -> Session {
    Session::server(now, "s".parse().unwrap(), SessionConfig::default().into(), opening)
}
