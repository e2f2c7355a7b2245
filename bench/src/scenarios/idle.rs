//! What a connection costs that does nothing.

use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    client::{Kind, Polling, WebSocket},
    server::Server,
};

#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    #[arg(long, value_enum, default_value_t = Transport::Websocket)]
    transport: Transport,
    /// Numbers of connections at which memory is read
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 10_000])]
    levels: Vec<usize>,
    /// Then stay idle for so many seconds, and tell what the heartbeats cost
    #[arg(long, default_value_t = 0)]
    hold: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Transport {
    Websocket,
    Adaptive,
    Polling,
}

pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let empty = server.settled().await?;
    let mut figures = Map::new();
    figures.insert("empty_rss".to_owned(), empty.into());
    let mut clients = JoinSet::new();
    for level in &options.levels {
        add(server, options.transport, &mut clients, *level).await?;
        let resident = server.settled().await?;
        let each = resident.saturating_sub(empty) as f64 / *level as f64;
        figures.insert(format!("bytes_each_at_{level}"), each.into());
    }
    if options.hold > 0 {
        let before = server.usage()?;
        sleep(Duration::from_secs(options.hold)).await;
        let usage = server.usage()?.since(before);
        figures.insert("hold_us_each".to_owned(), usage.micros_per(clients.len() as u64).into());
    }
    let connected = clients.len();
    clients.shutdown().await;
    figures.insert("rss_after".to_owned(), server.settled().await?.into());
    figures.insert("count".to_owned(), json!(connected));
    Ok(figures.into())
}

/// Opens clients until there are `level`, a few at a time.
async fn add(
    server: Server,
    transport: Transport,
    clients: &mut JoinSet<Result<()>>,
    level: usize,
) -> Result<()> {
    while clients.len() < level {
        let first = clients.len();
        let count = (level - first).min(50);
        let mut opening = JoinSet::new();
        for index in first..first + count {
            opening.spawn_local(async move {
                Ok::<_, anyhow::Error>(match transport {
                    Transport::Websocket => {
                        Client::WebSocket(WebSocket::join(server, index, Kind::Websocket).await?)
                    }
                    Transport::Adaptive => {
                        Client::WebSocket(WebSocket::join(server, index, Kind::Adaptive).await?)
                    }
                    Transport::Polling => Client::Polling(Polling::join(server, index).await?),
                })
            });
        }
        while let Some(client) = opening.join_next().await {
            clients.spawn_local(client??.stay());
        }
    }
    Ok(())
}

enum Client {
    WebSocket(WebSocket),
    Polling(Polling),
}

impl Client {
    /// Answers heartbeats.
    async fn stay(self) -> Result<()> {
        match self {
            Self::WebSocket(mut websocket) => loop {
                websocket.receive(|_| {}).await?;
            },
            Self::Polling(mut polling) => loop {
                if polling.poll().await? == b"2" {
                    polling.post(b"3").await?;
                }
            },
        }
    }
}
