//! One event to all.

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{cost, crowd::Crowd, latency, with};
use crate::{
    client::{Kind, WebSocket},
    server::Server,
    stamp,
};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    /// Broadcasts that are measured
    #[arg(long, default_value_t = 500)]
    count: u64,
    /// Broadcasts under way at a time; 1 leaves nothing to merge
    #[arg(long, default_value_t = 10)]
    window: u64,
    /// Bytes of each
    #[arg(long, default_value_t = 128)]
    size: usize,
    /// Send the bytes as an attachment instead of text
    #[arg(long)]
    binary: bool,
    #[arg(long, value_enum, default_value_t)]
    transport: Kind,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct RateOptions {
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    /// Broadcasts in a second
    #[arg(long, default_value_t = 20)]
    rate: u32,
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    #[arg(long, default_value_t = 128)]
    size: usize,
}

pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let prefix = if options.binary { BINARY_EVENT } else { TEXT_EVENT };
    let mut crowd = Crowd::gather(server, options.clients, options.transport, prefix).await?;
    let mut sender = Sender::join(server, options).await?;
    // The sender is in the room as well; what it gets is not counted.
    let per_broadcast = options.clients as u64;
    let idle = server.settled().await?;
    sender.send(&mut crowd, per_broadcast, options.count / 10 + 1).await?;
    let (before, start, delivered) = (server.usage()?, Instant::now(), crowd.delivered());
    sender.send(&mut crowd, per_broadcast, options.count).await?;
    let (usage, elapsed) = (server.usage()?.since(before), start.elapsed());
    let delivered = crowd.delivered() - delivered;
    let figures = json!({
        "per_second": delivered as f64 / elapsed.as_secs_f64(),
        "idle_rss": idle,
        "rss_after": server.settled().await?,
    });
    Ok(with(cost(usage, delivered), figures))
}

pub(crate) async fn rate(server: Server, options: RateOptions) -> Result<Value> {
    let RateOptions { clients, rate, seconds, size } = options;
    let mut crowd = Crowd::gather(server, clients, Kind::Websocket, TEXT_EVENT).await?;
    let plain = Options { clients, count: 0, window: 1, size, binary: false, transport: Kind::Websocket };
    let mut sender = Sender::join(server, plain).await?;
    sender.send(&mut crowd, clients as u64, 20).await?;
    crowd.take_times();
    let before = server.usage()?;
    let already = crowd.delivered();
    let mut ticks = interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let count = u64::from(rate * seconds);
    for _ in 0..count {
        sender.wait_until(&mut ticks).await?;
        sender.send_one().await?;
    }
    let expected = count * clients as u64;
    while crowd.delivered() < already + expected {
        sender.wait_for_news(&mut crowd).await?;
    }
    let usage = server.usage()?.since(before);
    Ok(with(cost(usage, expected), latency(&crowd.take_times())))
}

/// A client that asks for broadcasts.
struct Sender {
    websocket: WebSocket,
    options: Options,
}

impl Sender {
    async fn join(server: Server, options: Options) -> Result<Self> {
        let websocket = WebSocket::join(server, options.clients, Kind::Websocket).await?;
        Ok(Self { websocket, options })
    }

    /// Has so many broadcasts delivered to everybody.
    async fn send(&mut self, crowd: &mut Crowd, per_broadcast: u64, count: u64) -> Result<()> {
        let start = crowd.delivered();
        for number in 0..count {
            let settled = (number + 1).saturating_sub(self.options.window);
            while crowd.delivered() < start + settled * per_broadcast {
                self.wait_for_news(crowd).await?;
            }
            self.send_one().await?;
        }
        while crowd.delivered() < start + count * per_broadcast {
            self.wait_for_news(crowd).await?;
        }
        Ok(())
    }

    /// Reads what comes back meanwhile, as the server would else take this client for a slow one.
    async fn wait_for_news(&mut self, crowd: &mut Crowd) -> Result<()> {
        tokio::select! {
            received = self.websocket.receive(|_| {}) => received,
            news = crowd.news() => news,
        }
    }

    async fn wait_until(&mut self, ticks: &mut Interval) -> Result<()> {
        loop {
            tokio::select! {
                _ = ticks.tick() => return Ok(()),
                received = self.websocket.receive(|_| {}) => received?,
            }
        }
    }

    async fn send_one(&mut self) -> Result<()> {
        let payload = stamp::payload(self.options.size);
        if self.options.binary {
            let event = r#"451-["broadcast",{"_placeholder":true,"num":0}]"#;
            return self.websocket.send_with_attachment(event, payload.as_bytes()).await;
        }
        self.websocket.send_text(&format!(r#"42["broadcast","{payload}"]"#)).await
    }
}

const TEXT_EVENT: &str = r#"42["msg",""#;
const BINARY_EVENT: &str = r#"451-["msg","#;
