//! `pingone-sim`: a local PingOne on a port of its own.

mod arguments;
mod output;

use anyhow::Context as _;
use clap::Parser as _;
use pingone_sim::Simulator;

use arguments::Arguments;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (options, certificate) = Arguments::parse().options();
    let simulator = Simulator::start(options).await?;
    if let (Some(path), Some(pem)) = (certificate, &simulator.certificate) {
        std::fs::write(&path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    }
    output::announce(&simulator);
    tokio::signal::ctrl_c().await?;
    Ok(())
}
