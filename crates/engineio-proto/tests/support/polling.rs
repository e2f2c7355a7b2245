//! Sessions that a client has opened by polling.

use std::time::Instant;

use bytes::Bytes;
use engineio_proto::{
    Session, SessionConfig, Transmit,
    session::{Opening, PollId},
};

/// A session whose OPEN packet has been delivered.
pub(crate) fn opened_by_polling(now: Instant) -> Session {
    let config = SessionConfig::default().into();
    let mut session = Session::server(now, "s".parse().unwrap(), config, Opening::Polling);
    session.handle_poll(now, PollId(1)).unwrap();
    assert!(matches!(session.poll_transmit(), Some(Transmit::Reply { poll: PollId(1), .. })));
    session.handle_reply_sent(PollId(1));
    session
}

pub(crate) fn noop(poll: PollId) -> Transmit {
    Transmit::Reply { poll, body: Bytes::from_static(b"6") }
}
