//! Socket.IO over HTTP long-polling, then the upgrade of the same session.

use hyper::Method;

use super::super::cause::Cause;
use super::super::client::{Deadline, Target, WebSocket};
use super::super::failure::Failure;
use super::Carried;
use super::exchange::{Call, unexpected};
use super::session::Session;

pub(super) async fn probe(target: &Target, deadline: Deadline) -> Result<Carried, Failure> {
    let mut session = deadline.step(Cause::TimedOut, "open a session", Session::open(target)).await?;
    deadline.step(Cause::TimedOut, "connect by polling", session.connect()).await?;
    // The poll waits before the packet is sent, as in a client; an answer that comes too late was held back.
    let call = Call::new(0, target.is_tool());
    deadline.step(Cause::PollsBuffered, "wait for a held poll", session.call(&call)).await?;
    let detail = "handshake, CONNECT and data both ways".to_owned();
    if !session.opened.upgrades && !target.is_tool() {
        return Ok(Carried {
            detail: format!("{detail}; no upgrade is offered"),
            upgrade: None,
            carriers: Vec::new(),
        });
    }
    let upgrade = upgrade(session, target, deadline).await;
    Ok(Carried { detail, upgrade: Some(upgrade), carriers: Vec::new() })
}

/// The upgrade, as a client does it: probe, drain the poll, upgrade, then data over the WebSocket.
async fn upgrade(mut session: Session, target: &Target, deadline: Deadline) -> Result<(), Failure> {
    let path = format!("{}&sid={}", target.socket_io("websocket"), session.opened.sid);
    let failed = |failure: Failure| match failure.cause {
        Cause::SessionLost | Cause::UpgradeRefused | Cause::ProxyRefused => failure,
        _ => failure.renamed(Cause::UpgradeFailed),
    };
    let mut socket = deadline
        .step(Cause::UpgradeFailed, "open a WebSocket for the session", WebSocket::open(target, &path))
        .await
        .map_err(failed)?;
    // The server ends the waiting poll with a noop; a client upgrades only after that, and so does this.
    let probed = async {
        socket.send("2probe").await?;
        let answer = socket.text().await?;
        if answer == "3probe" { Ok(()) } else { Err(unexpected("the answer to a probe", &answer)) }
    };
    let poll = session.receive.exchange(Method::GET, &session.path, "");
    let both = async {
        let (probed, drained) = tokio::join!(probed, poll);
        probed?;
        drained?.ok("poll during the upgrade")
    };
    deadline.step(Cause::UpgradeFailed, "probe the WebSocket", both).await.map_err(failed)?;
    let call = Call::new(1, target.is_tool());
    let switched = async {
        socket.send("5").await?;
        call.over(&mut socket).await
    };
    deadline.step(Cause::UpgradeFailed, "upgrade the session", switched).await.map_err(failed)?;
    socket.close().await;
    Ok(())
}
