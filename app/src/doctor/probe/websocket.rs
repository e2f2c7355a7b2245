//! Socket.IO over a WebSocket from the start.

use super::super::cause::Cause;
use super::super::client::{Deadline, Target, WebSocket};
use super::super::failure::Failure;
use super::Carried;
use super::exchange::{self, CONNECT, opened};

pub(super) async fn probe(target: &Target, deadline: Deadline) -> Result<Carried, Failure> {
    let path = target.socket_io("websocket");
    let mut socket =
        deadline.step(Cause::TimedOut, "open a WebSocket", WebSocket::open(target, &path)).await?;
    let first = deadline.half().step(Cause::MuteAfterUpgrade, "wait for the handshake", socket.text()).await;
    match first {
        Ok(packet) => opened(&packet)?,
        Err(failure) if failure.cause == Cause::MuteAfterUpgrade => {
            return Err(mute(&mut socket, deadline, failure).await);
        }
        Err(failure) => return Err(failure),
    };
    exchange::over(&mut socket, deadline, target.is_tool()).await?;
    socket.close().await;
    Ok(Carried {
        detail: "handshake, CONNECT and data both ways".to_owned(),
        upgrade: None,
        carriers: Vec::new(),
    })
}

/// Tells a connection that lost its first frame from one that carries nothing at all.
async fn mute(socket: &mut WebSocket, deadline: Deadline, mute: Failure) -> Failure {
    let asked = async {
        socket.send(CONNECT).await?;
        socket.text().await
    };
    match deadline.step(Cause::MuteAfterUpgrade, "wait for any frame", asked).await {
        Ok(_) => Failure::new(Cause::FirstFrameLost, "the handshake packet did not come, later packets do"),
        Err(_) => mute,
    }
}
