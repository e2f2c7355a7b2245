//! The WebSocket of the adaptive transport, which attaches before it carries packets.

use super::super::super::cause::Cause;
use super::super::super::client::{Deadline, Target, WebSocket};
use super::super::super::failure::Failure;
use super::super::exchange::{CONNECT, Call, connected, opened, unexpected};
use super::{Seen, key};

pub(super) async fn probe(target: &Target, deadline: Deadline) -> Seen {
    let path = format!("{}&carrier=websocket&key={}", target.socket_io("adaptive"), key());
    let open = WebSocket::open(target, &path);
    let mut socket = deadline.step(Cause::TimedOut, "open an adaptive WebSocket", open).await?;
    let asked = deadline.half().step(Cause::MuteAfterUpgrade, "ask whether data passes", ask(&mut socket));
    asked.await?;
    deadline.step(Cause::FirstFrameLost, "attach the WebSocket", attach(&mut socket)).await?;
    socket.send(CONNECT).await?;
    let joined = answer(&mut socket, connected);
    deadline.step(Cause::TimedOut, "wait for CONNECT", joined).await?;
    let call = Call::new(0, target.is_tool());
    socket.send(&call.packet()).await?;
    let answered = answer(&mut socket, |packet| call.check(packet));
    deadline.step(Cause::TimedOut, "wait for an answer to a packet", answered).await?;
    // Whether the server hears the end changes nothing.
    let _ = socket.send("1").await;
    socket.close().await;
    Ok(Some("attached, CONNECT and data both ways".to_owned()))
}

async fn ask(socket: &mut WebSocket) -> Result<(), Failure> {
    socket.send("p1").await?;
    match socket.text().await?.as_str() {
        "o1" => Ok(()),
        other => Err(unexpected("the answer to a question", other)),
    }
}

/// The server answers with the same epoch, then with what it has for the client: the handshake.
async fn attach(socket: &mut WebSocket) -> Result<(), Failure> {
    socket.send("t1,0,1").await?;
    let answer = socket.text().await?;
    if answer != "t1,0,1" {
        return Err(unexpected("the answer to an attach record", &answer));
    }
    opened(&packet(socket).await?).map(drop)
}

async fn answer(socket: &mut WebSocket, check: impl Fn(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    loop {
        let packet = packet(socket).await?;
        // The answer to CONNECT begins like an aside; whoever waits for it sees it first.
        if check(&packet).is_ok() {
            return Ok(());
        }
        if !Call::is_aside(&packet) {
            return check(&packet);
        }
    }
}

/// The next packet; records that only count are passed over.
async fn packet(socket: &mut WebSocket) -> Result<String, Failure> {
    loop {
        let text = socket.text().await?;
        match text.as_bytes().first() {
            Some(b'x') => {
                let detail = format!("the adaptive session ended with {text:.40}");
                return Err(Failure::new(Cause::UnexpectedAnswer, detail));
            }
            Some(b'a'..=b'z') => {}
            _ => return Ok(text),
        }
    }
}
