//! Large messages, near the size that the server itself allows.

use super::super::cause::Cause;
use super::super::client::{Target, WebSocket};
use super::super::failure::Failure;
use super::super::probe::exchange::{Call, answered, join, nonce, opened, question};
use super::super::probe::session::Session;
use super::Seen;

/// Bytes that are tried where the server does not tell its limit.
const ASSUMED: usize = 100_000;

/// Sends a message near the server's own limit over each Socket.IO transport.
pub(in crate::doctor) async fn large(target: &Target) -> Result<Seen, Failure> {
    let mut session = Session::open(target).await?;
    let allowed = session.opened.max_payload.unwrap_or(ASSUMED);
    // Room for the packet around it.
    let size = allowed / 10 * 9;
    session.connect().await?;
    let posted = send(&mut session, size).await;
    session.close().await;
    if let Err(failure) = posted {
        let passing = passing(target, size).await;
        let cause = match failure.cause {
            Cause::BodyLimit => Cause::BodyLimit,
            _ => Cause::LargeMessageLost,
        };
        let detail = format!("a message of {size} bytes by polling: {}; {passing}", failure.detail);
        return Err(Failure::new(cause, detail));
    }
    let sent = over_websocket(target, size).await;
    match sent {
        Ok(()) => Ok(Seen::fine(format!("{size} bytes by polling and over a WebSocket"))),
        Err(failure) if failure.cause == Cause::UpgradeRefused => {
            Ok(Seen::fine(format!("{size} bytes by polling; there is no WebSocket to try")))
        }
        Err(failure) => {
            let detail = format!("a message of {size} bytes over a WebSocket: {}", failure.detail);
            Err(Failure::new(Cause::LargeMessageLost, detail))
        }
    }
}

async fn send(session: &mut Session, size: usize) -> Result<(), Failure> {
    let call = Call::new(0, false);
    let packet = call.packet_of(size);
    session.call_with(&call, packet).await
}

/// The largest size of those below `failed` that gets through.
async fn passing(target: &Target, failed: usize) -> String {
    for size in [500_000, 100_000, 50_000, 10_000, 1_000].into_iter().filter(|size| *size < failed) {
        let tried = async {
            let mut session = Session::open(&target.clone().fresh()).await?;
            session.connect().await?;
            let sent = send(&mut session, size).await;
            session.close().await;
            sent
        };
        if tried.await.is_ok() {
            return format!("{size} bytes get through");
        }
    }
    "not even 1000 bytes get through".to_owned()
}

async fn over_websocket(target: &Target, size: usize) -> Result<(), Failure> {
    let mut socket = WebSocket::open(target, &target.socket_io("websocket")).await?;
    opened(&socket.text().await?)?;
    join(&mut socket).await?;
    let nonce = nonce();
    socket.send(&question(&nonce, size)).await?;
    loop {
        let packet = socket.text().await?;
        if packet == "2" {
            socket.send("3").await?;
        } else if !packet.starts_with("42") {
            answered(&packet, &nonce)?;
            socket.close().await;
            return Ok(());
        }
    }
}
