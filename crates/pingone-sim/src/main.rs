//! `pingone-sim`: a local PingOne on a port of its own.

mod arguments;
mod output;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser as _, error::ErrorKind};
use pingone_sim::Simulator;

use arguments::Arguments;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let options = arguments.options().unwrap_or_else(|reason| {
        Arguments::command().error(ErrorKind::ValueValidation, format!("--assume: {reason}")).exit()
    });
    let listen = options.listen;
    let simulator = Simulator::start(options).await.with_context(|| format!("cannot listen on {listen}"))?;
    for rule in &arguments.rules {
        rule.apply(&simulator);
    }
    if let (Some(path), Some(pem)) = (&arguments.tls_certificate, &simulator.certificate) {
        std::fs::write(path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    }
    output::announce(&simulator, arguments.format, arguments.tls_certificate.as_deref());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
