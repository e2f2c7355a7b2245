//! `pingone-import`: import PingOne users in bulk.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

mod cli;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("PINGONE_IMPORT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let is_terminal = stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).with_ansi(is_terminal).init();
    cli::main().await
}
