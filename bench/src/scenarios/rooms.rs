//! Many small rooms that come and go.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet, time::sleep};

use super::{cost, crowd::join_all, with};
use crate::{
    client::{Kind, WebSocket},
    server::Server,
};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 500)]
    clients: usize,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// Each round of a client: joins a room, sends to it, hears itself, and leaves.
pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let (over, watched) = watch::channel(false);
    let mut clients = JoinSet::new();
    for (index, websocket) in
        join_all(server, options.clients, Kind::Websocket).await?.into_iter().enumerate()
    {
        clients.spawn_local(churn(websocket, index, watched.clone()));
    }
    let (before, start) = (server.usage()?, Instant::now());
    sleep(Duration::from_secs(options.seconds)).await;
    over.send_replace(true);
    let mut rounds = 0;
    while let Some(client) = clients.join_next().await {
        rounds += client??;
    }
    let (usage, elapsed) = (server.usage()?.since(before), start.elapsed());
    Ok(with(cost(usage, rounds), json!({ "per_second": rounds as f64 / elapsed.as_secs_f64() })))
}

async fn churn(mut websocket: WebSocket, index: usize, over: watch::Receiver<bool>) -> Result<u64> {
    for round in 0_u64.. {
        if *over.borrow() {
            return Ok(round);
        }
        let room = format!("room-{index}-{round}");
        websocket.send_text(&format!(r#"420["join","{room}"]"#)).await?;
        expect(&mut websocket, b"430[").await?;
        websocket.send_text(&format!(r#"42["room","{room}","x"]"#)).await?;
        expect(&mut websocket, br#"42["msg","#).await?;
        websocket.send_text(&format!(r#"421["leave","{room}"]"#)).await?;
        expect(&mut websocket, b"431[").await?;
    }
    unreachable!("a client is stopped before 2^64 rounds")
}

async fn expect(websocket: &mut WebSocket, prefix: &[u8]) -> Result<()> {
    let text = websocket.next_text().await?;
    ensure!(
        text.starts_with(prefix),
        "not {}: {}",
        String::from_utf8_lossy(prefix),
        String::from_utf8_lossy(&text)
    );
    Ok(())
}
