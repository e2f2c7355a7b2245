//! Our own client against the reference server of npm.
#![expect(clippy::print_stdout, reason = "the result is for whoever started the program")]

mod cases;
mod node;
mod recovery;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use socketio_client::Transport;
use tokio::runtime::Builder;

use node::Node;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Directory with `servers/socket.js` and its installed packages
    #[arg(long, default_value = "conformance/js")]
    directory: PathBuf,
}

/// The ways to the server: each transport alone, polling with the upgrade, and the default, which begins with a
/// transport that this server does not know.
const WAYS: [&[Transport]; 4] = [
    &[Transport::WebSocket],
    &[Transport::Polling],
    &[Transport::Polling, Transport::WebSocket],
    &[Transport::Adaptive, Transport::WebSocket, Transport::Polling],
];

pub(crate) fn run(options: &Options) -> Result<()> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
        let node = Node::start(&options.directory, &[]).await?;
        for way in WAYS {
            let name = way.iter().map(|transport| transport.name()).collect::<Vec<_>>().join(", then ");
            for case in cases::ALL {
                judge(case.name, &name, (case.run)(&node, way)).await?;
            }
            judge("recovery", &name, recovery::run(&options.directory, way)).await?;
            judge("restart", &name, recovery::restart(&options.directory, way)).await?;
            println!("{name}: {} cases passed", cases::ALL.len() + 2);
        }
        Ok(())
    })
}

/// A case that waits for what never comes has failed too.
async fn judge(case: &str, way: &str, run: impl Future<Output = Result<()>>) -> Result<()> {
    let result = tokio::time::timeout(DEADLINE, run).await;
    let result = result.unwrap_or_else(|_| anyhow::bail!("still not done after {} s", DEADLINE.as_secs()));
    result.with_context(|| format!("case \"{case}\" failed over {way}"))
}

const DEADLINE: Duration = Duration::from_secs(20);
