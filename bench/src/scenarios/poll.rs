//! Clients behind networks that have no WebSockets.

use std::{cell::Cell, rc::Rc, time::Duration};

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::Value;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use super::cost;
use crate::{
    client::{Kind, Polling, WebSocket},
    server::Server,
    stamp,
};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 200)]
    clients: usize,
    /// Milliseconds between broadcasts
    #[arg(long, default_value_t = 100)]
    every: u64,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    #[arg(long, default_value_t = 128)]
    size: usize,
}

pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let delivered = Rc::new(Cell::new(0_u64));
    let mut clients = JoinSet::new();
    for index in 0..options.clients {
        let polling = Polling::join(server, index).await?;
        clients.spawn_local(listen(polling, Rc::clone(&delivered)));
    }
    let mut sender = WebSocket::join(server, options.clients, Kind::Websocket).await?;
    send(&mut sender, options, 10).await?;
    let (before, already) = (server.usage()?, delivered.get());
    let count = options.seconds * 1000 / options.every;
    send(&mut sender, options, count).await?;
    let usage = server.usage()?.since(before);
    let expected = count * options.clients as u64;
    ensure!(delivered.get() - already == expected, "{} of {expected} arrived", delivered.get() - already);
    Ok(cost(usage, expected))
}

async fn send(sender: &mut WebSocket, options: Options, count: u64) -> Result<()> {
    let mut ticks = interval(Duration::from_millis(options.every));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..count {
        ticks.tick().await;
        let payload = stamp::payload(options.size);
        sender.send_text(&format!(r#"42["broadcast","{payload}"]"#)).await?;
        sender.receive(|_| {}).await?;
    }
    sleep(Duration::from_secs(1)).await;
    Ok(())
}

async fn listen(mut polling: Polling, delivered: Rc<Cell<u64>>) -> Result<()> {
    loop {
        let body = polling.poll().await?;
        for packet in body.split(|byte| *byte == 0x1e) {
            match packet {
                b"2" => polling.post(b"3").await?,
                packet if packet.starts_with(b"42") => delivered.set(delivered.get() + 1),
                _ => {}
            }
        }
    }
}
