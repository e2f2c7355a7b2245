//! Whether the requests of one session reach one server, whatever connection they come on.

use super::super::cause::Cause;
use super::super::client::Target;
use super::super::failure::Failure;
use super::super::probe::exchange::Call;
use super::super::probe::session::Session;
use super::Seen;

/// Sessions that are opened. With two servers and no stickiness, all of them survive by luck once in 2^24 times:
/// each sends four requests after its first.
const SESSIONS: usize = 6;

/// Opens sessions and sends each of their requests on a new connection, with the cookies that a browser would keep.
pub(in crate::doctor) async fn stickiness(target: &Target) -> Result<Seen, Failure> {
    let mut lost = 0;
    let mut last = None;
    let mut cookies = Vec::new();
    for _ in 0..SESSIONS {
        let visitor = target.clone().fresh();
        let result = one(&visitor).await;
        target.notes().learn(visitor.notes());
        cookies = visitor.notes().cookie_names();
        match result {
            Ok(()) => {}
            Err(failure) if failure.cause == Cause::SessionLost => {
                lost += 1;
                last = Some(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    match last {
        Some(failure) => {
            let detail = format!("{lost} of {SESSIONS} sessions were lost: {}", failure.detail);
            Err(Failure::new(Cause::SessionLost, detail))
        }
        None if cookies.is_empty() => Ok(Seen::fine(format!("{SESSIONS} of {SESSIONS} sessions stayed"))),
        None => {
            let cookies = cookies.join(", ");
            Ok(Seen::fine(format!("{SESSIONS} of {SESSIONS} sessions stayed, with the cookies {cookies}")))
        }
    }
}

async fn one(visitor: &Target) -> Result<(), Failure> {
    let mut session = Session::open(visitor).await?;
    session.reconnect(visitor).await?;
    session.connect().await?;
    session.reconnect(visitor).await?;
    session.call(&Call::new(0, false)).await?;
    session.close().await;
    Ok(())
}
