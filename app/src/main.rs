//! `pingone-import`: import PingOne users in bulk.

use std::process::ExitCode;

mod cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli::main().await
}
