//! Our own client as a program that says what it sees and when, for runners in another language.

use std::{
    io::{BufRead as _, Write as _},
    time::Instant,
};

use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};
use socketio_client::{Client, Config, Hint, Notice, Tier, Transport};
use tokio::{runtime::Builder, sync::mpsc};

/// Connects and prints one JSON value a line: `[ms, number]` for each `tick`, and the name of the tier for each change.
///
/// On the line `online` it is told that the network has changed, and on `say` it sends something. It ends when standard
/// input does.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The server
    #[arg(long)]
    url: String,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let (sender, mut lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let began = Instant::now();
        let config = Config { transports: vec![Transport::Adaptive], ..Config::default() };
        let client = Client::new(&options.url, config)?;
        client.expect_events(true);
        let (socket, mut events) = client.namespace("/").stream()?;
        let mut status = client.adaptive();
        let mut tier = None;
        loop {
            tokio::select! {
                Some(notice) = events.next() => match notice {
                    Notice::Event(event) => {
                        let number: u64 = event.data()?;
                        print(&json!([began.elapsed().as_micros() as f64 / 1000.0, number]))?;
                    }
                    Notice::Connected { .. } => {}
                    other => bail!("the application saw {other:?}"),
                },
                Ok(()) = status.changed() => {
                    let now = status.borrow_and_update().tier;
                    if now != tier {
                        tier = now;
                        print(&json!(tier.map(Tier::name)))?;
                    }
                }
                line = lines.recv() => match line.as_deref() {
                    Some("online") => client.hint(Hint::Changed),
                    Some("say") => socket.emit("said", &())?,
                    Some(other) => bail!("no such command: {other}"),
                    None => return Ok(()),
                },
            }
        }
    })
}

fn print(value: &Value) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{value}")?;
    Ok(output.flush()?)
}
