//! New clients.

use std::{rc::Rc, time::Instant};

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{cost, with};
use crate::{
    client::{Kind, Polling, WebSocket},
    server::Server,
};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    #[arg(long, value_enum, default_value_t = Way::Websocket)]
    way: Way,
    #[arg(long, default_value_t = 3000)]
    count: usize,
    /// Connections being opened at a time
    #[arg(long, default_value_t = 32)]
    at_once: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// A WebSocket from the start
    Websocket,
    /// Polling first, then the upgrade
    Upgrade,
    /// The adaptive transport on a WebSocket
    Adaptive,
}

pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let warm = open(server, options, 0, options.count / 6).await?;
    let (before, start) = (server.usage()?, Instant::now());
    let opened = open(server, options, warm.len(), options.count).await?;
    let (usage, elapsed) = (server.usage()?.since(before), start.elapsed());
    // Each must still be alive.
    for mut websocket in warm.into_iter().chain(opened) {
        websocket.send_text(r#"421["echo","x"]"#).await?;
        while !websocket.next_text().await?.starts_with(b"431") {}
    }
    let figures = json!({ "per_second": options.count as f64 / elapsed.as_secs_f64() });
    Ok(with(cost(usage, options.count as u64), figures))
}

async fn open(server: Server, options: Options, first: usize, count: usize) -> Result<Vec<WebSocket>> {
    let places = Rc::new(Semaphore::new(options.at_once));
    let mut opening = JoinSet::new();
    for index in first..first + count {
        let places = Rc::clone(&places);
        opening.spawn_local(async move {
            let _place = places.acquire().await?;
            match options.way {
                Way::Websocket => WebSocket::join(server, index, Kind::Websocket).await,
                Way::Adaptive => WebSocket::join(server, index, Kind::Adaptive).await,
                Way::Upgrade => Polling::join(server, index).await?.upgrade(server).await,
            }
        });
    }
    let mut opened = Vec::with_capacity(count);
    while let Some(websocket) = opening.join_next().await {
        opened.push(websocket??);
    }
    Ok(opened)
}
