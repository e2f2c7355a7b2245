//! Bodies with very many small packets.

use std::time::Instant;

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Event, Message, Session, SessionConfig, Transmit,
    session::{Opening, PollId, PostError},
};

#[derive(Clone, Copy)]
enum Revision {
    Three,
    Four,
}

fn session(now: Instant, revision: Revision) -> Session {
    let config = SessionConfig::default().into();
    let sid = "s".parse().unwrap();
    let mut session = match revision {
        Revision::Three => Session::server_v3(now, sid, config, Opening::Polling, false),
        Revision::Four => Session::server(now, sid, config, Opening::Polling),
    };
    session.handle_poll(now, PollId(1)).unwrap();
    assert!(matches!(session.poll_transmit(), Some(Transmit::Reply { .. })));
    session.handle_reply_sent(PollId(1));
    session
}

fn body(revision: Revision, packets: &[String]) -> Bytes {
    match revision {
        Revision::Three => {
            packets.iter().map(|packet| format!("{}:{packet}", packet.len())).collect::<String>()
        }
        Revision::Four => packets.join("\u{1e}"),
    }
    .into()
}

fn events(session: &mut Session) -> Vec<Event> {
    std::iter::from_fn(|| session.poll_event()).collect()
}

#[test]
fn many_small_messages_take_no_more_than_their_body() {
    for revision in [Revision::Three, Revision::Four] {
        let now = Instant::now();
        let mut session = session(now, revision);
        let packets: Vec<_> = (0..200_000).map(|number| format!("4{}", number % 10)).collect();
        let body = body(revision, &packets);
        let len = body.len();
        session.handle_post(now, body).unwrap();
        assert!((len..len + 1000).contains(&session.inbox_cost()), "{}", session.inbox_cost());
        for packet in &packets {
            assert_eq!(session.poll_event(), Some(Event::Message(Message::from(&packet[1..]))));
        }
        assert_eq!((session.poll_event(), session.inbox_cost()), (None, 0));
    }
}

/// Whether a body has few packets or many must not be seen in what comes of them.
#[test]
fn what_a_body_means_does_not_depend_on_how_much_is_in_it() {
    for (revision, odd) in [
        (Revision::Four, "1"),
        (Revision::Four, "2"),
        (Revision::Four, "3"),
        (Revision::Four, "5"),
        (Revision::Four, "6"),
        (Revision::Four, "x"),
        (Revision::Four, "bAQI="),
        (Revision::Four, "b!"),
        (Revision::Three, "1"),
        (Revision::Three, "2"),
        (Revision::Three, "x"),
        (Revision::Three, "b4AQI="),
    ] {
        for place in [0, 1, 500, 1199, 1200] {
            let mut packets: Vec<_> = (0..1200).map(|number| format!("4{number}")).collect();
            packets.insert(place, odd.to_owned());
            let now = Instant::now();
            let (mut whole, mut parts) = (session(now, revision), session(now, revision));
            let result = whole.handle_post(now, body(revision, &packets));
            let parts_result = packets.iter().try_for_each(|packet| {
                match parts.handle_post(now, body(revision, std::slice::from_ref(packet))) {
                    // One request later its session is over.
                    Err(PostError::Request(_)) => Ok(()),
                    result => result,
                }
            });
            assert_eq!(result.is_ok(), parts_result.is_ok(), "{odd} at {place}");
            assert_eq!(events(&mut whole), events(&mut parts), "{odd} at {place}");
            assert_eq!(whole.is_open(), parts.is_open(), "{odd} at {place}");
            assert_eq!(whole.poll_timeout(), parts.poll_timeout(), "{odd} at {place}");
        }
    }
}

#[test]
fn what_came_before_a_mistake_is_told_before_the_end() {
    let now = Instant::now();
    let mut session = session(now, Revision::Four);
    let mut packets = vec!["4a".to_owned(); 2000];
    packets.push("7".to_owned());
    assert!(matches!(session.handle_post(now, body(Revision::Four, &packets)), Err(PostError::Payload(_))));
    let events = events(&mut session);
    assert_eq!(events.len(), 2001);
    assert_eq!(events.last(), Some(&Event::Closed(CloseReason::ParseError)));
}
