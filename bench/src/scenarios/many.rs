//! What a connection and a delivery cost by the number of connections, also beyond one process's limit of open files.

mod clients;

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use clap::Args;
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::{cost, with};
use crate::{
    client::{Kind, WebSocket},
    server::Server,
    stamp,
};
use clients::Clients;

#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Numbers of connections at which is measured
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 10_000, 100_000])]
    levels: Vec<usize>,
    /// Deliveries at each level, in five broadcasts at least; the next one is sent when the last has come everywhere
    #[arg(long, default_value_t = 1_000_000)]
    deliveries: u64,
    /// Bytes of each
    #[arg(long, default_value_t = 128)]
    size: usize,
    /// Threads that share the connections, each with a table of open files of its own
    #[arg(long, default_value_t = 8)]
    threads: usize,
    /// Then stay idle for so many seconds, and tell what the heartbeats cost
    #[arg(long, default_value_t = 0)]
    hold: u64,
}

pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let empty = server.settled().await?;
    let most = options.levels.iter().max().copied().unwrap_or_default();
    let mut sender = WebSocket::join(server, most, Kind::Websocket).await?;
    let clients = Clients::start(server, options.threads)?;
    let mut figures = Map::new();
    figures.insert("empty_rss".to_owned(), empty.into());
    for level in &options.levels {
        clients.open(*level)?;
        wait(&mut sender, &clients, |clients| clients.count() >= *level).await?;
        let resident = server.settled().await?;
        let each = resident.saturating_sub(empty) as f64 / *level as f64;
        let idle = json!({ "rss": resident, "bytes_each": each });
        let delivery = broadcasts(server, &mut sender, &clients, &options).await?;
        figures.insert(format!("at_{level}"), with(idle, delivery));
        figures.insert(format!("cpu_us_at_{level}"), figures[&format!("at_{level}")]["cpu_us"].clone());
        figures.insert(format!("rss_at_{level}"), resident.into());
    }
    if options.hold > 0 {
        let (before, until) = (server.usage()?, Instant::now() + Duration::from_secs(options.hold));
        while Instant::now() < until {
            step(&mut sender).await?;
        }
        let usage = server.usage()?.since(before);
        figures.insert("hold_us_each".to_owned(), usage.micros_per(clients.count() as u64).into());
    }
    figures.insert("rss".to_owned(), server.settled().await?.into());
    clients.finish()?;
    Ok(figures.into())
}

/// Broadcasts to all who are there, after one that is not measured.
async fn broadcasts(
    server: Server,
    sender: &mut WebSocket,
    clients: &Clients,
    options: &Options,
) -> Result<Value> {
    let each = clients.count() as u64;
    let count = (options.deliveries / each.max(1)).max(5);
    broadcast(sender, clients, options.size).await?;
    let (before, start, delivered) = (server.usage()?, Instant::now(), clients.delivered());
    for _ in 0..count {
        broadcast(sender, clients, options.size).await?;
    }
    let (usage, elapsed) = (server.usage()?.since(before), start.elapsed());
    let delivered = clients.delivered() - delivered;
    ensure!(delivered == count * each, "{delivered} deliveries instead of {count} to each of {each}");
    let figures = json!({
        "broadcasts": count,
        "seconds": elapsed.as_secs_f64(),
        "rss_after": server.resident()?,
    });
    Ok(with(cost(usage, delivered), figures))
}

async fn broadcast(sender: &mut WebSocket, clients: &Clients, size: usize) -> Result<()> {
    let wanted = clients.delivered() + clients.count() as u64;
    let payload = stamp::payload(size);
    sender.send_text(&format!(r#"42["broadcast","{payload}"]"#)).await?;
    wait(sender, clients, |clients| clients.delivered() >= wanted).await
}

/// Waits, as long as something goes on, and answers the sender's heartbeats.
async fn wait(sender: &mut WebSocket, clients: &Clients, is_done: impl Fn(&Clients) -> bool) -> Result<()> {
    let (mut last, mut since) = (clients.progress(), Instant::now());
    while !is_done(clients) {
        step(sender).await?;
        clients.check()?;
        let now = clients.progress();
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() > PATIENCE {
            let (count, delivered) = last;
            bail!(
                "for {} s nothing has come to {count} clients after {delivered} deliveries",
                PATIENCE.as_secs()
            );
        }
    }
    Ok(())
}

async fn step(sender: &mut WebSocket) -> Result<()> {
    tokio::select! {
        received = sender.receive(|_| {}) => received,
        () = sleep(STEP) => Ok(()),
    }
}

/// How often is looked at what the other threads have got.
const STEP: Duration = Duration::from_millis(2);

/// How long nothing may arrive before the rest is taken for lost.
const PATIENCE: Duration = Duration::from_secs(10);
