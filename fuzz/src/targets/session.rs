use std::time::{Duration, Instant};

use bytes::Bytes;
use bytestring::ByteString;
use engineio_proto::{
    CloseReason, Delivery, Event, Message, Prepared, Sent, Session, SessionConfig,
    session::{CarrierEnd, CarrierId, Opening, PollId},
};
use testkit::{Pair, Side, WebSockets};

use crate::Choices;

/// The first byte says how the session opens; then each operation is a byte, some with one more behind it.
pub(super) const OPERATIONS: &[&[u8]] = &[
    b"\x00\x00\x01\x02\x20\x00\x01\x02\xff",
    b"\x01\x00\x00\x03\x01\x02\x40\x01\x01\x02\xff\x02\xff",
    b"\x02\x00\x01\x02\x10\x04\x00\x00\x02\xff",
    b"\x01\x05\x01\x00\x02\x01\x05\x00\x02\x30\x06\x02\x00\x00\x02\xff",
    b"\x01\x02\x01\x00\x01\x07\x00\x02\x80\x02\x80",
];

/// A client and a server, and a network that does what it likes: what arrives was sent, once and in order.
pub(super) fn pair(input: &[u8]) {
    let mut choices = Choices::new(input);
    let mut config = SessionConfig::default();
    config.upgrade = choices.byte() % 3 == 1;
    let mut pair = match input.first().map(|first| first % 3) {
        Some(2) => Pair::websocket(config),
        _ => Pair::polling(config),
    };
    pair.run(Duration::from_secs(1));
    let (mut sent, mut next_carrier) = ([Vec::new(), Vec::new()], 0);
    while !choices.is_empty() {
        match choices.byte() % 9 {
            operation @ (0 | 1) => {
                let (side, log) = match operation {
                    0 => (Side::Client, &mut sent[0]),
                    _ => (Side::Server, &mut sent[1]),
                };
                let text = log.len().to_string();
                // A session that the opening request has not reached has no one to send.
                if pair.server.session.is_some() && pair.send(side, &text) == Sent::Queued {
                    log.push(text);
                }
            }
            2 => pair.run(Duration::from_millis(u64::from(choices.byte()) * 100)),
            3 => {
                // What is on its way arrives first, as no connection lets bytes overtake each other.
                pair.run(pair.network.latency);
                pair.network.latency = Duration::from_millis(u64::from(choices.byte()) * 10);
            }
            4 => pair.network.websockets = WebSockets::Mute,
            // Never back: a WebSocket that loses a message and then goes on is no WebSocket.
            5 => pair.network.websockets = WebSockets::Refused,
            6 => pair.network.lose_replies = u32::from(choices.byte() % 4),
            7 => {
                pair.cut(CarrierId(next_carrier));
                next_carrier += 1;
            }
            _ if pair.server.session.is_some() => {
                let side = if choices.byte().is_multiple_of(2) { Side::Client } else { Side::Server };
                pair.close(side, CloseReason::ForcedClose);
            }
            _ => {}
        }
    }
    pair.run(Duration::from_secs(600));
    for (from, to, log) in [(Side::Client, Side::Server, &sent[0]), (Side::Server, Side::Client, &sent[1])] {
        let received = pair.received(to);
        assert!(
            log.iter().map(String::as_str).collect::<Vec<_>>().starts_with(&received),
            "{received:?} of {log:?}"
        );
        // Both calls check that a session ends at most once.
        let (ended, other) = (pair.closed(to), pair.closed(from));
        if ended.is_none() && other.is_none() && pair.server.session.is_some() {
            assert_eq!(received.len(), log.len(), "an open session delivers everything");
        }
    }
}

/// The first byte says which session; then each operation is a byte, and what a client says ends with `0x1f`.
pub(super) const HOSTILE: &[&[u8]] = &[
    b"\x00\x00\x01\x014one\x1e4two\x1f\x00\x02\x10",
    b"\x00\x00\x03\x042probe\x1f\x045\x1f\x044x\x1f\x05\x00",
    b"\x01\x043\x1f\x044x\x1f\x06\x02\xff\x02\xff",
    b"\x02\x00\x016:4hello1:2\x1f\x00\x07\x08",
    b"\x03\x042\x1f\x044x\x1f\x06\x00\x02\xff\x09",
];

/// A server's session and a client that knows no rules.
pub(super) fn hostile(input: &[u8]) {
    let mut choices = Choices::new(input);
    let first = choices.byte();
    let mut now = Instant::now();
    let mut session = open(first, now);
    let (mut polls, mut closed) = (0, 0);
    while !choices.is_empty() {
        match choices.byte() % 10 {
            0 => {
                polls += 1;
                let _ = session.handle_poll(now, PollId(polls));
            }
            1 => drop(session.handle_post(now, Bytes::copy_from_slice(choices.until(0x1f)))),
            2 => {
                now += Duration::from_millis(u64::from(choices.byte()) * 200);
                session.handle_timeout(now);
            }
            3 => drop(session.handle_websocket(now, CarrierId(2))),
            4 => session.handle_message(now, carrier(first), message(choices.until(0x1f))),
            5 => session.handle_carrier_closed(now, carrier(choices.byte()), CarrierEnd::Failed),
            6 => {
                let packet = Prepared::binary(choices.until(0x1f));
                let _ = session.send(&[packet], Delivery::Reliable);
            }
            7 => session.handle_poll_aborted(PollId(polls)),
            8 => session.handle_blocked(carrier(first), choices.byte().is_multiple_of(2)),
            _ => session.close(now, CloseReason::ForcedClose),
        }
        closed += settle(&mut session);
        assert!(closed <= 1, "a session ends once");
    }
    session.handle_blocked(carrier(first), false);
    for _ in 0..20 {
        now += Duration::from_secs(60);
        session.handle_timeout(now);
        closed += settle(&mut session);
    }
    assert_eq!(closed, 1, "a client that is silent is given up");
    assert!(session.is_finished() && session.queued_bytes() == 0);
    assert_eq!(session.poll_timeout(), None);
}

fn open(choice: u8, now: Instant) -> Session {
    let sid = "fuzz".parse().expect("a valid id");
    let mut config = SessionConfig::default();
    config.max_queued_bytes = 1000;
    config.strict_polling = choice & 4 != 0;
    let opening = if choice & 1 == 0 { Opening::Polling } else { Opening::WebSocket(CarrierId(1)) };
    match choice & 2 {
        0 => Session::server(now, sid, config.into(), opening),
        _ => Session::server_v3(now, sid, config.into(), opening, choice & 8 != 0),
    }
}

/// The WebSocket that carries a session that opened with one, or the one that is on trial.
fn carrier(choice: u8) -> CarrierId {
    CarrierId(if choice & 1 == 0 { 2 } else { 1 })
}

fn message(bytes: &[u8]) -> Message {
    let bytes = Bytes::copy_from_slice(bytes);
    ByteString::try_from(bytes.clone()).map_or(Message::Binary(bytes), Message::Text)
}

/// Takes all outputs, and counts how often the session said that it is over.
fn settle(session: &mut Session) -> usize {
    while session.poll_transmit().is_some() {}
    let events = std::iter::from_fn(|| session.poll_event());
    events.filter(|event| matches!(event, Event::Closed(_))).count()
}
