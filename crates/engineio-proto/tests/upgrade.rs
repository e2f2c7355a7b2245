//! Trials of WebSockets at a server, in virtual time.

use std::time::{Duration, Instant};

use engineio_proto::{
    Prepared, RequestError, Transmit, Transport,
    session::{CarrierEnd, CarrierId, PollId},
};

#[path = "support/polling.rs"]
mod polling;
use polling::{noop, opened_by_polling};

const SECOND: Duration = Duration::from_secs(1);

/// What the server does on its own when a trial is of no use; a client has deadlines of its own.
#[test]
fn a_websocket_that_does_not_get_on_with_its_trial_is_given_up_in_time() {
    for said in [&[][..], &["2probe"]] {
        let now = Instant::now();
        let mut session = opened_by_polling(now);
        session.handle_websocket(now, CarrierId(1)).unwrap();
        for text in said {
            session.handle_message(now, CarrierId(1), (*text).into());
            assert!(matches!(session.poll_transmit(), Some(Transmit::Send { .. })));
        }
        session.handle_timeout(now + 9 * SECOND);
        assert!(session.is_upgrading());
        session.handle_timeout(now + 10 * SECOND);
        assert!(!session.is_upgrading() && session.is_open());
        let end = Transmit::Disconnect { carrier: CarrierId(1), code: None };
        assert_eq!(session.poll_transmit(), Some(end));
        // Polls are held as before, and another WebSocket may be tried.
        session.handle_poll(now + 10 * SECOND, PollId(2)).unwrap();
        session.handle_timeout(now + 11 * SECOND);
        assert_eq!(session.poll_transmit(), None, "{said:?}");
        session.handle_websocket(now + 11 * SECOND, CarrierId(2)).unwrap();
    }
}

#[test]
fn a_trial_that_ends_answers_no_poll() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_websocket(now, CarrierId(1)).unwrap();
    session.handle_message(now, CarrierId(1), "2probe".into());
    session.handle_carrier_closed(now, CarrierId(1), CarrierEnd::Failed);
    while session.poll_transmit().is_some() {}
    session.handle_poll(now, PollId(2)).unwrap();
    session.handle_timeout(now + SECOND);
    assert_eq!(session.poll_transmit(), None);
}

#[test]
fn one_websocket_is_on_trial_at_a_time() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_websocket(now, CarrierId(1)).unwrap();
    assert_eq!(session.handle_websocket(now, CarrierId(2)), Err(RequestError::BadRequest));
    session.handle_message(now, CarrierId(2), "2probe".into());
    assert_eq!(session.poll_transmit(), None);
    session.handle_message(now, CarrierId(1), "2probe".into());
    let answer = Transmit::Send { carrier: CarrierId(1), packet: Prepared::PROBE_ANSWER };
    assert_eq!(session.poll_transmit(), Some(answer));
    session.handle_message(now, CarrierId(2), "5".into());
    assert_eq!(session.transport(), Transport::Polling);
    session.handle_message(now, CarrierId(1), "5".into());
    assert_eq!(session.transport(), Transport::WebSocket);
}

#[test]
fn a_client_that_moves_is_alive_and_its_last_poll_is_answered() {
    let now = Instant::now();
    let mut session = opened_by_polling(now);
    session.handle_timeout(now + 25 * SECOND);
    session.handle_websocket(now + 40 * SECOND, CarrierId(1)).unwrap();
    session.handle_message(now + 40 * SECOND, CarrierId(1), "2probe".into());
    while session.poll_transmit().is_some() {}
    session.handle_message(now + 44 * SECOND, CarrierId(1), "5".into());
    session.handle_timeout(now + 46 * SECOND);
    assert!(session.is_open(), "it was heard after the PING");

    let mut session = opened_by_polling(now);
    session.handle_websocket(now, CarrierId(1)).unwrap();
    session.handle_message(now, CarrierId(1), "2probe".into());
    while session.poll_transmit().is_some() {}
    session.handle_poll(now, PollId(2)).unwrap();
    session.handle_message(now, CarrierId(1), "5".into());
    assert_eq!(session.poll_transmit(), Some(noop(PollId(2))));
}
