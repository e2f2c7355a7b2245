//! Socket.IO over each carrier of the adaptive transport, in a session of its own.
//!
//! `docs/adaptive-transport.md` has the protocol; <https://github.com/socketio/engine.io-protocol> the packets.

mod requests;
mod websocket;

use std::time::Duration;

use tokio::time::Instant;

use super::super::client::{Deadline, Target};
use super::super::failure::Failure;
use super::{Carried, Carrier};

/// The names of the carriers in reports, best first.
const NAMES: [&str; 3] = ["websocket", "long_poll", "periodic"];

/// Nothing if the server does not offer the transport; an error if no carrier works.
pub(super) async fn probe(target: &Target, deadline: Deadline) -> Result<Option<Carried>, Failure> {
    let (websocket, long_poll, periodic) = tokio::join!(
        timed(websocket::probe(target, deadline)),
        timed(requests::long_poll(target, deadline)),
        timed(requests::periodic(target, deadline)),
    );
    // A handshake that is refused does not say whether for want of the transport; a request does.
    if matches!(long_poll.1, Ok(None)) {
        return Ok(None);
    }
    let seen = NAMES.into_iter().zip([websocket, long_poll, periodic]);
    let carriers: Vec<Carrier> = seen
        .filter_map(|(name, (took, result))| Some(Carrier { name, took, result: result.transpose()? }))
        .collect();
    if carriers.iter().any(|carrier| carrier.result.is_ok()) {
        let works: Vec<&str> = carriers.iter().filter(|it| it.result.is_ok()).map(|it| it.name).collect();
        let detail =
            format!("handshake, CONNECT and data both ways over {}", works.join(", ").replace('_', "-"));
        return Ok(Some(Carried { detail, upgrade: None, carriers }));
    }
    // What long-polling shows is the least special.
    let failures =
        carriers.into_iter().rev().filter_map(|carrier| Some((carrier.name, carrier.result.err()?)));
    let failure = failures.max_by_key(|(name, _)| *name == "long_poll").map(|(_, failure)| failure);
    failure.map_or(Ok(None), Err)
}

/// What a carrier's probe saw; nothing if the server does not offer the carrier.
type Seen = Result<Option<String>, Failure>;

async fn timed(probing: impl Future<Output = Seen>) -> (Duration, Seen) {
    let started = Instant::now();
    let seen = probing.await;
    (started.elapsed(), seen)
}

/// A secret that nobody has used.
fn key() -> String {
    format!("{:032x}", rand::random::<u128>())
}
