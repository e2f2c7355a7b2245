//! `pingone-sim`: a local PingOne on a port of its own.

mod arguments;
mod output;

use clap::Parser as _;
use pingone_sim::Simulator;

use arguments::Arguments;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let simulator = Simulator::start(Arguments::parse().options()).await?;
    output::announce(&simulator);
    tokio::signal::ctrl_c().await?;
    Ok(())
}
