use std::{io::BufRead as _, net::SocketAddr};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use tokio::{runtime::Builder, sync::mpsc};

use super::programs::{Program, Proxy};

/// A proxy for a suite in another language; on the line `reload` it reads its settings again, which ends the WebSockets.
/// On the line `cuts` it says how often nginx has ended a connection because the server was silent.
#[derive(Debug, Args)]
pub(crate) struct StandingOptions {
    /// The server behind the proxy
    #[arg(long)]
    upstream: SocketAddr,
    /// The program
    #[arg(long)]
    program: Kind,
    /// Seconds after which nginx ends a connection on which the server was silent, and HAProxy a silent tunnel
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// Leave out the headers that nginx needs for upgrades
    #[arg(long)]
    no_upgrade: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Nginx,
    Haproxy,
    Squid,
}

/// Runs the proxy until standard input ends.
pub(crate) fn stand(options: &StandingOptions) -> Result<()> {
    let program = match options.program {
        Kind::Nginx => Program::Nginx { upgrade: !options.no_upgrade, read_timeout: options.timeout },
        Kind::Haproxy => Program::HaProxy { tunnel_timeout: options.timeout },
        Kind::Squid => Program::Squid,
    };
    let (sender, mut lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut proxy = Proxy::start(program, options.upstream).await?;
        println!("listening on http://{}", proxy.address);
        while let Some(line) = lines.recv().await {
            match line.as_str() {
                "reload" => proxy.signal("HUP").await?,
                "cuts" => println!("{}", proxy.cuts()?),
                other => bail!("no such command: {other}"),
            }
        }
        // A signal that can be caught, so that nginx takes its workers along.
        proxy.signal("TERM").await?;
        proxy.ended().await
    })
}
