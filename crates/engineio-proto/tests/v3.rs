//! Clients of revision 3, in virtual time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Delivery, Event, Message, Prepared, Protocol, Session, SessionConfig, Transmit,
    session::{CarrierId, Opening, PollId, PostError},
};

const SECOND: Duration = Duration::from_secs(1);
const WEBSOCKET: CarrierId = CarrierId(1);

fn session(opening: Opening, base64: bool) -> (Instant, Session) {
    let now = Instant::now();
    let config = SessionConfig::default().into();
    (now, Session::server_v3(now, "s".parse().unwrap(), config, opening, base64))
}

/// The answer to a poll.
fn polled(session: &mut Session, now: Instant, poll: u32) -> Bytes {
    session.handle_poll(now, PollId(poll)).unwrap();
    match session.poll_transmit() {
        Some(Transmit::Reply { poll: PollId(answered), body }) if answered == poll => {
            session.handle_reply_sent(PollId(poll));
            body
        }
        other => panic!("no answer: {other:?}"),
    }
}

fn sent(session: &mut Session) -> Option<Prepared> {
    match session.poll_transmit()? {
        Transmit::Send { packet, .. } => Some(packet),
        other => panic!("{other:?}"),
    }
}

fn send(session: &mut Session, packets: &[Prepared]) {
    assert_eq!(session.send(packets, Delivery::Reliable), engineio_proto::Sent::Queued);
}

#[test]
fn the_client_sends_ping_and_ends_the_session_by_its_silence() {
    let (start, mut session) = session(Opening::WebSocket(WEBSOCKET), false);
    assert_eq!(session.protocol(), Protocol::V3);
    assert!(sent(&mut session).unwrap().payload().starts_with(b"0{"));
    let mut now = start;
    for _ in 0..10 {
        now += 25 * SECOND;
        session.handle_timeout(now);
        assert_eq!(sent(&mut session), None, "the server sends no PING");
        session.handle_message(now, WEBSOCKET, "2".into());
        assert_eq!(sent(&mut session), Some(Prepared::PONG));
    }
    session.handle_message(now + SECOND, WEBSOCKET, "4any packet counts".into());
    session.handle_timeout(now + 45 * SECOND);
    assert!(session.is_open());
    session.handle_timeout(now + 46 * SECOND);
    assert!(matches!(session.poll_event(), Some(Event::Message(_))));
    assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::PingTimeout)));
}

#[test]
fn what_stands_behind_a_close_is_for_nobody() {
    let (now, mut session) = session(Opening::Polling, true);
    polled(&mut session, now, 1);
    session.handle_post(now, Bytes::from_static(b"6:4hello1:11:22:4x")).unwrap();
    assert_eq!(session.poll_event(), Some(Event::Message("hello".into())));
    assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::TransportClose)));
    assert_eq!((session.poll_event(), session.poll_timeout()), (None, None));
    assert!(session.is_finished() && session.queued_bytes() == 0);
}

#[test]
fn nothing_stands_behind_the_close_that_is_on_its_way() {
    let (now, mut session) = session(Opening::Polling, true);
    polled(&mut session, now, 1);
    send(&mut session, &[Prepared::text("bye")]);
    session.close(now, CloseReason::ForcedClose);
    session.handle_post(now, Bytes::from_static(b"1:2")).unwrap();
    assert_eq!(polled(&mut session, now, 2), "4:4bye");
    assert_eq!(polled(&mut session, now, 3), "1:1");
    assert!(session.is_finished());
}

#[test]
fn a_client_that_posts_and_never_polls_is_given_up() {
    for (is_polling, posted) in [(true, "1:2"), (false, "1:2"), (false, "1:3")] {
        let (mut now, mut session) = session(Opening::Polling, true);
        polled(&mut session, now, 1);
        send(&mut session, &[Prepared::text("fetched?")]);
        for poll in 2..7 {
            now += 20 * SECOND;
            session.handle_timeout(now);
            let _ = session.handle_post(now, Bytes::from_static(posted.as_bytes()));
            if is_polling {
                assert!(polled(&mut session, now, poll).ends_with(b"1:3"));
            }
        }
        assert_eq!(session.is_open(), is_polling, "{posted}");
    }
}

#[test]
fn payloads_are_text_or_binary_as_the_client_can_take_them() {
    let packets = [Prepared::text("€"), Prepared::binary(&[1, 2])];
    for (base64, expected) in [
        (true, &"2:4€6:b4AQI="[..].as_bytes()),
        (false, &&b"\x00\x04\xff4\xe2\x82\xac\x01\x03\xff\x04\x01\x02"[..]),
    ] {
        let (now, mut session) = session(Opening::Polling, base64);
        let opened = polled(&mut session, now, 1);
        assert!(opened.starts_with(b"81:0{\"sid\":\"s\"") || opened.contains(&b':'), "{opened:?}");
        send(&mut session, &packets);
        assert_eq!(polled(&mut session, now, 2), **expected);
        session.handle_post(now, Bytes::from_static(b"2:4a1:2")).unwrap();
        session.handle_post(now, Bytes::from_static(b"\x01\x02\xff\x04\x07")).unwrap();
        assert_eq!(session.poll_event(), Some(Event::Message("a".into())));
        assert_eq!(session.poll_event(), Some(Event::Message(Message::Binary(Bytes::from_static(&[7])))));
        assert_eq!(polled(&mut session, now, 3), "1:3");
    }
}

#[test]
fn a_payload_of_revision_4_ends_the_session() {
    let (now, mut session) = session(Opening::Polling, false);
    polled(&mut session, now, 1);
    session.handle_poll(now, PollId(2)).unwrap();
    assert!(matches!(session.handle_post(now, Bytes::from_static(b"4a")), Err(PostError::Payload(_))));
    assert_eq!(session.poll_event(), Some(Event::Closed(CloseReason::ParseError)));
    let answer = session.poll_transmit();
    assert_eq!(answer, Some(Transmit::Reply { poll: PollId(2), body: Bytes::from_static(b"1:6") }));
}

#[test]
fn it_moves_to_a_websocket_and_takes_binary_frames_there() {
    let (now, mut session) = session(Opening::Polling, true);
    polled(&mut session, now, 1);
    session.handle_poll(now, PollId(2)).unwrap();
    session.handle_websocket(now, WEBSOCKET).unwrap();
    session.handle_message(now, WEBSOCKET, "2probe".into());
    assert_eq!(sent(&mut session), Some(Prepared::PROBE_ANSWER));
    let released = Transmit::Reply { poll: PollId(2), body: Bytes::from_static(b"1:6") };
    assert_eq!(session.poll_transmit(), Some(released));
    session.handle_message(now, WEBSOCKET, "5".into());
    send(&mut session, &[Prepared::binary(&[9])]);
    assert_eq!(sent(&mut session).unwrap().payload(), [4, 9]);
    session.handle_message(now, WEBSOCKET, Message::Binary(Bytes::from_static(&[4, 8])));
    assert_eq!(session.poll_event(), Some(Event::Upgraded));
    assert_eq!(session.poll_event(), Some(Event::Message(Message::Binary(Bytes::from_static(&[8])))));
}
