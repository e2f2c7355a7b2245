//! Broadcasts that everybody answers.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{cost, crowd::join_all, with};
use crate::{
    client::{Kind, WebSocket},
    server::Server,
    stamp,
};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    #[arg(long, default_value_t = 100)]
    count: u64,
    #[arg(long, default_value_t = 128)]
    size: usize,
}

/// The server asks all in the room and acknowledges the event with the number of answers.
pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let mut clients = JoinSet::new();
    for websocket in join_all(server, options.clients - 1, Kind::Websocket).await? {
        clients.spawn_local(answer(websocket));
    }
    let mut sender = WebSocket::join(server, options.clients, Kind::Websocket).await?;
    ask(&mut sender, options, options.count / 10 + 1).await?;
    let (before, start) = (server.usage()?, Instant::now());
    ask(&mut sender, options, options.count).await?;
    let (usage, elapsed) = (server.usage()?.since(before), start.elapsed());
    let answers = options.count * options.clients as u64;
    Ok(with(cost(usage, answers), json!({ "per_second": answers as f64 / elapsed.as_secs_f64() })))
}

async fn ask(sender: &mut WebSocket, options: Options, count: u64) -> Result<()> {
    for _ in 0..count {
        let payload = stamp::payload(options.size);
        sender.send_text(&format!(r#"421["broadcast-ack","{payload}"]"#)).await?;
        loop {
            let text = sender.next_text().await?;
            if let Some(answered) = text.strip_prefix(b"431[") {
                let wanted = format!("{}]", options.clients);
                ensure!(answered == wanted.as_bytes(), "answers: {}", String::from_utf8_lossy(answered));
                break;
            }
            if let Some(id) = wanted(&text) {
                sender.send_text(&format!("43{id}[1]")).await?;
            }
        }
    }
    Ok(())
}

async fn answer(mut websocket: WebSocket) -> Result<()> {
    loop {
        let text = websocket.next_text().await?;
        if text == b"2" {
            websocket.send_text("3").await?;
        }
        if let Some(id) = wanted(&text) {
            websocket.send_text(&format!("43{id}[1]")).await.context("answering")?;
        }
    }
}

/// The id of an event that wants an answer.
fn wanted(text: &[u8]) -> Option<u64> {
    let rest = text.strip_prefix(b"42")?;
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}
