//! `fault-proxy`: the proxy of `testkit::proxy` for tests in other languages.
//!
//! Its first line on standard output is JSON: `listen`, the address for clients, and `control`, the port for the line
//! protocol of `testkit::proxy::control`, which also runs on standard input and output.
//! It ends when standard input does.

use std::net::SocketAddr;

use clap::Parser;
use testkit::proxy::{FaultProxy, control};
use tokio::{
    io::{self, AsyncWriteExt as _},
    net::TcpListener,
};

/// A proxy that breaks what passes through it.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server behind it.
    #[arg(long)]
    upstream: SocketAddr,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where its chances begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let listener = TcpListener::bind(arguments.listen).await?;
    let proxy = FaultProxy::listen(listener, arguments.upstream, arguments.seed)?;
    let controls = TcpListener::bind("127.0.0.1:0").await?;
    let addresses = serde_json::json!({ "listen": proxy.address, "control": controls.local_addr()? });
    let mut output = io::stdout();
    output.write_all(format!("{addresses}\n").as_bytes()).await?;
    output.flush().await?;
    let rules = proxy.proxy().clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = controls.accept().await {
            let rules = rules.clone();
            tokio::spawn(async move {
                let (input, output) = stream.split();
                control(&rules, input, output).await
            });
        }
    });
    Ok(control(&proxy, io::stdin(), output).await?)
}
