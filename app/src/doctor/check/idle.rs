//! How long connections live that carry nothing.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use super::super::cause::Cause;
use super::super::client::{Target, WebSocket};
use super::super::failure::Failure;
use super::super::probe::exchange::{join, opened};
use super::super::probe::session::{Session, of_a_waiting_poll};
use super::Seen;

/// Which connections to leave alone.
#[derive(Debug, Clone, Copy)]
pub(in crate::doctor) struct Working {
    pub(in crate::doctor) websocket: bool,
    pub(in crate::doctor) polling: bool,
    pub(in crate::doctor) direct: bool,
}

/// Says nothing for so long on each transport that works, and answers heartbeats as a client does.
pub(in crate::doctor) async fn stay_idle(
    target: &Target,
    working: Working,
    idle: Duration,
) -> Result<Seen, Failure> {
    let until = Instant::now() + idle;
    let websocket = async { ("websocket", over_websocket(target, until).await) };
    let polling = async { ("polling", over_polling(target, until).await) };
    let direct = async { ("direct", over_direct(target, until).await) };
    let mut results = Vec::new();
    let (websocket, polling, direct) = tokio::join!(
        join_all(working.websocket.then_some(websocket)),
        join_all(working.polling.then_some(polling)),
        join_all(working.direct.then_some(direct)),
    );
    results.extend(websocket.into_iter().chain(polling).chain(direct));
    if results.is_empty() {
        return Ok(Seen::skip("nothing works that could be left idle"));
    }
    let mut longest = Duration::ZERO;
    let mut failures = Vec::new();
    for (tier, result) in results {
        match result {
            Ok(silence) => longest = longest.max(silence),
            Err(failure) => failures.push((tier, failure)),
        }
    }
    // What closes WebSockets also ends polls; the WebSocket's time is the more exact.
    match failures.into_iter().next() {
        Some((tier, failure)) => Err(Failure::new(failure.cause, format!("{tier}: {}", failure.detail))),
        None => {
            let detail = format!(
                "all stayed open for {} s, at most {:.1} s without traffic",
                idle.as_secs(),
                longest.as_secs_f64()
            );
            Ok(Seen::Fine(detail))
        }
    }
}

async fn over_websocket(target: &Target, until: Instant) -> Result<Duration, Failure> {
    let mut socket = WebSocket::open(target, &target.socket_io("websocket")).await?;
    opened(&socket.text().await?)?;
    join(&mut socket).await?;
    listen(socket, until, true).await
}

async fn over_direct(target: &Target, until: Instant) -> Result<Duration, Failure> {
    listen(WebSocket::open(target, "ws").await?, until, false).await
}

async fn listen(mut socket: WebSocket, until: Instant, heartbeats: bool) -> Result<Duration, Failure> {
    let mut longest = Duration::ZERO;
    loop {
        match timeout_at(until, socket.text()).await {
            Err(_) => {
                longest = longest.max(socket.silence());
                socket.close().await;
                return Ok(longest);
            }
            Ok(Ok(packet)) => {
                if heartbeats && packet == "2" {
                    socket.send("3").await?;
                }
            }
            Ok(Err(failure)) => {
                let silence = socket.silence().as_secs_f64();
                let detail = format!("closed after {silence:.1} s without traffic: {}", failure.detail);
                return Err(Failure::new(Cause::IdleClosed, detail));
            }
        }
    }
}

async fn over_polling(target: &Target, until: Instant) -> Result<Duration, Failure> {
    let mut session = Session::open(target).await?;
    session.connect().await?;
    let mut longest = Duration::ZERO;
    while Instant::now() < until {
        let asked = Instant::now();
        match timeout_at(until, session.packet()).await {
            Err(_) => longest = longest.max(asked.elapsed()),
            Ok(Ok(packet)) => {
                longest = longest.max(asked.elapsed());
                if packet == "2" {
                    session.post("3".to_owned()).await?;
                }
            }
            Ok(Err(failure)) => {
                let waited = asked.elapsed().as_secs_f64();
                let failure = of_a_waiting_poll(failure);
                let detail = format!("a poll that had waited {waited:.1} s was ended: {}", failure.detail);
                return Err(Failure::new(failure.cause, detail));
            }
        }
    }
    Ok(longest)
}
