//! `cargo xtask demo`: everything built, a local PingOne, a sample import and the UI.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result};
use clap::Args;

use crate::{command::Cmd, output, release, web, workspace::Workspace};

/// How long the sample import may take on a busy machine.
const ONCE_DEADLINE: Duration = Duration::from_secs(180);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port of the tool on 127.0.0.1
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Exit when the sample import is done, instead of staying up
    #[arg(long)]
    once: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    web::build_if_stale(workspace)?;
    release::build(workspace)?;
    let demo = command(workspace, options.port, options.once);
    output::command(&demo.to_string());
    replace_this_process(demo.command()).with_context(|| format!("cannot start {demo}"))
}

/// Runs the sample import to its end on any free port; what it needs is built already.
pub(crate) fn run_once(workspace: &Workspace) -> Result<()> {
    command(workspace, 0, true).within(ONCE_DEADLINE).run()
}

fn command(workspace: &Workspace, port: u16, once: bool) -> Cmd {
    let demo = Cmd::new(workspace.release_binary("pingone-import")).args(["demo", "--port"]);
    let demo = demo.args([port.to_string()]).directory(&workspace.root);
    if once { demo.args(["--once"]) } else { demo }
}

/// The server takes this process's place, so that a signal sent to `cargo xtask demo` reaches it.
#[cfg(unix)]
fn replace_this_process(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    Err(command.exec().into())
}

#[cfg(not(unix))]
fn replace_this_process(mut command: Command) -> Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1));
}
