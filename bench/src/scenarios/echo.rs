//! An event there, an acknowledgement back.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use clap::Args;
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet, time::sleep};

use super::{cost, crowd::join_all, histogram, latency, with};
use crate::{
    client::{Kind, WebSocket},
    server::Server,
    stamp,
};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 100)]
    clients: usize,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    #[arg(long, default_value_t = 128)]
    size: usize,
    #[arg(long, value_enum, default_value_t)]
    transport: Kind,
}

/// Where in the run we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    WarmUp,
    Measured,
    Over,
}

pub(crate) async fn run(server: Server, options: Options) -> Result<Value> {
    let (stage, watched) = watch::channel(Stage::WarmUp);
    let payload: Rc<str> = stamp::payload(options.size).into();
    let mut clients = JoinSet::new();
    for websocket in join_all(server, options.clients, options.transport).await? {
        clients.spawn_local(ask(websocket, Rc::clone(&payload), watched.clone()));
    }
    sleep(Duration::from_secs(1)).await;
    let (before, start) = (server.usage()?, Instant::now());
    stage.send_replace(Stage::Measured);
    sleep(Duration::from_secs(options.seconds)).await;
    let (usage, elapsed) = (server.usage()?.since(before), start.elapsed());
    stage.send_replace(Stage::Over);
    let mut times = histogram();
    while let Some(client) = clients.join_next().await {
        times.add(client??)?;
    }
    let count = times.len();
    let figures = json!({ "per_second": count as f64 / elapsed.as_secs_f64() });
    Ok(with(with(cost(usage, count), latency(&times)), figures))
}

async fn ask(
    mut websocket: WebSocket,
    payload: Rc<str>,
    stage: watch::Receiver<Stage>,
) -> Result<Histogram<u64>> {
    let mut times = histogram();
    for id in 0_u64.. {
        let current = *stage.borrow();
        if current == Stage::Over {
            break;
        }
        let start = Instant::now();
        websocket.send_text(&format!(r#"42{id}["echo","{payload}"]"#)).await?;
        let answer = websocket.next_text().await?;
        ensure!(answer.starts_with(format!("43{id}[").as_bytes()), "another answer than that to {id}");
        if current == Stage::Measured {
            times.record(u64::try_from(start.elapsed().as_micros())?)?;
        }
    }
    Ok(times)
}
