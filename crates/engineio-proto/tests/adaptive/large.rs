//! What a server says of packets that take their time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engineio_proto::{
    Delivery, Prepared, Sent, Session, SessionConfig, Transmit,
    session::{CarrierEnd, CarrierId},
};

const FIRST: CarrierId = CarrierId(1);

/// A session of a server on a WebSocket whose OPEN is sent.
fn server(now: Instant) -> Session {
    let config = Arc::new(SessionConfig::default());
    let mut session = Session::adaptive_server(now, "session".parse().unwrap(), config);
    session.handle_websocket(now, FIRST).unwrap();
    session.handle_message(now, FIRST, "t3,0,1".into());
    assert_eq!(sent(&mut session).len(), 2);
    session
}

/// The beginnings of what is sent.
fn sent(session: &mut Session) -> Vec<String> {
    let sends = std::iter::from_fn(|| session.poll_transmit()).filter_map(|transmit| match transmit {
        Transmit::Send { packet, .. } => Some(String::from_utf8_lossy(packet.payload()).into_owned()),
        _ => None,
    });
    sends.map(|text| text.chars().take(7).collect()).collect()
}

fn send(session: &mut Session, len: usize) {
    let packet = Prepared::text(&"x".repeat(len));
    assert_eq!(session.send(&[packet], Delivery::Reliable), Sent::Queued);
}

#[test]
fn the_length_of_a_long_packet_is_announced_on_each_websocket() {
    let now = Instant::now();
    let mut session = server(now);
    for len in [1, 16_382, 16_383, 20_000, 2] {
        send(&mut session, len);
    }
    let expected = ["4x", "4xxxxxx", "l16384", "4xxxxxx", "l20001", "4xxxxxx", "4xx"];
    assert_eq!(sent(&mut session), expected);
    session.handle_carrier_closed(now, FIRST, CarrierEnd::Failed);
    let second = CarrierId(2);
    session.handle_websocket(now, second).unwrap();
    session.handle_message(now, second, "t4,4,1".into());
    assert_eq!(sent(&mut session), ["t4,0,5", "l20001", "4xxxxxx", "4xx"]);
}

#[test]
fn the_count_is_told_each_second_while_parts_of_a_packet_come() {
    let mut now = Instant::now();
    let mut session = server(now);
    let mut told = Vec::new();
    for _ in 0..35 {
        session.handle_heard(now, FIRST);
        told.extend(sent(&mut session));
        now += Duration::from_millis(100);
    }
    assert_eq!(told, ["a0", "a0", "a0"]);
    // A message that comes whole, or in a few parts at once, is not worth it.
    session.handle_message(now, FIRST, "4x".into());
    for _ in 0..9 {
        session.handle_heard(now, FIRST);
        now += Duration::from_millis(10);
    }
    assert_eq!(sent(&mut session), [""; 0]);
}
