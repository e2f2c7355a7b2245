//! One client that does not read, among others that do.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::{broadcast, with};
use crate::{
    client::{Kind, WebSocket},
    server::Server,
};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    /// Clients that do not read
    #[arg(long, default_value_t = 10)]
    slow: usize,
    #[command(flatten)]
    broadcast: broadcast::Options,
}

/// The others must get everything; `rss_after` tells what the slow ones cost.
pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let mut slow = Vec::new();
    for index in 0..options.slow {
        slow.push(WebSocket::join(server, 15_000 + index, Kind::Websocket).await?);
    }
    let figures = broadcast::run(server, options.broadcast).await?;
    drop(slow);
    Ok(with(figures, json!({ "slow": options.slow })))
}
