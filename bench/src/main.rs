//! Loads a Socket.IO server over loopback and prints what it cost the server, as one line of JSON.
//!
//! The client is a raw one on a single thread, so that it stays cheaper than the servers it measures and treats all
//! of them alike.

mod client;
mod scenarios;
mod server;
mod stamp;
mod table;

use std::process::ExitCode;

use clap::Parser;
use tokio::{runtime::Builder, task::LocalSet};

use crate::{scenarios::Scenario, server::Server};

#[derive(Debug, Parser)]
#[command(about = "Loads a Socket.IO server and prints what it cost the server")]
struct Cli {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    scenario: Scenario,
}

fn main() -> ExitCode {
    let Cli { server, scenario } = Cli::parse();
    let result = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| LocalSet::new().block_on(&runtime, scenario.run(server)));
    report(result)
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the line of JSON is what this program is for")]
fn report(result: anyhow::Result<serde_json::Value>) -> ExitCode {
    match result {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
