//! Whether something answers in the place of the server.

use hyper::Method;

use super::super::cause::Cause;
use super::super::client::{Http, Target};
use super::super::failure::Failure;
use super::super::probe::exchange::opened;
use super::Seen;

/// Opens two sessions by the very same URL; a server never gives the same session twice.
pub(in crate::doctor) async fn caching(target: &Target) -> Result<Seen, Failure> {
    match handshakes(target).await {
        // The tiers tell of this by its own name.
        Err(failure) if failure.cause != Cause::AnswersCached => {
            Ok(Seen::skip("there is no handshake to compare"))
        }
        seen => seen,
    }
}

async fn handshakes(target: &Target) -> Result<Seen, Failure> {
    let path = target.socket_io("polling");
    let mut sids = Vec::new();
    for _ in 0..2 {
        let answer = Http::connect(target).await?.exchange(Method::GET, &path, "").await?;
        let age = answer.header("age").map(str::to_owned);
        let body = answer.ok("open a session")?;
        let first = body.split('\u{1e}').next().unwrap_or_default();
        sids.push(opened(first)?.sid);
        if let Some(age) = age.filter(|age| age != "0") {
            let detail = format!("the answer to a handshake is {age} s old");
            return Err(Failure::new(Cause::AnswersCached, detail));
        }
    }
    match sids.as_slice() {
        [first, second] if first == second => {
            Err(Failure::new(Cause::AnswersCached, "two handshakes got the same session"))
        }
        _ => Ok(Seen::fine("each handshake reaches the server")),
    }
}
