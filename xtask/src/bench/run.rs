//! One measurement.

use std::{
    fmt,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{peer::Peer, scenario::Scenario};
use crate::{command::Cmd, workspace::Workspace};

/// What one measurement gave.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) scenario: String,
    pub(crate) peer: String,
    pub(crate) round: usize,
    /// The figure that is compared.
    pub(crate) figure: Option<f64>,
    /// All that the load generator said.
    pub(crate) figures: Value,
    pub(crate) error: Option<String>,
}

/// One measurement, and what it says of each of the scenarios that share it.
pub(crate) fn measure(workspace: &Workspace, peer: Peer, scenarios: &[&Scenario], round: usize) -> Vec<Run> {
    let takes: Vec<_> = scenarios.iter().filter(|scenario| scenario.takes(peer)).collect();
    let Some(first) = takes.first() else { return Vec::new() };
    let measured = attempt(workspace, peer, first).map_err(|error| format!("{error:#}"));
    let run = |scenario: &&&Scenario| Run {
        scenario: scenario.name.to_owned(),
        peer: peer.name().to_owned(),
        round,
        figure: measured.as_ref().ok().and_then(|figures| scenario.figure(figures)),
        figures: measured.clone().unwrap_or_default(),
        error: measured.clone().err(),
    };
    takes.iter().map(run).collect()
}

fn attempt(workspace: &Workspace, peer: Peer, scenario: &Scenario) -> Result<Value> {
    let port = free_port()?;
    let mut server = Server::start(&peer.server(workspace, port, scenario.server))?;
    server.wait_until_it_listens()?;
    let load = Cmd::new(workspace.release_binary("loadgen"))
        .args(["--port", &port.to_string(), "--pid", &server.child.id().to_string()])
        .args(scenario.arguments.split_whitespace());
    let output = pinned(1, &load).output().context("cannot start the load generator")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", errors.trim());
    serde_json::from_slice(&output.stdout).context("the load generator printed no JSON")
}

/// A server process of its own for one measurement.
struct Server {
    child: Child,
}

impl Server {
    fn start(command: &Cmd) -> Result<Self> {
        let mut command = pinned(0, command);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null()).spawn();
        Ok(Self { child: child.context("cannot start the server")? })
    }

    fn wait_until_it_listens(&mut self) -> Result<()> {
        let stdout = self.child.stdout.take().context("the server has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(line.starts_with("listening"), "the server said: {}", line.trim());
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command on one processor. `taskset` replaces itself, so the process id is that of the program.
fn pinned(processor: u8, command: &Cmd) -> Command {
    let plain = command.command();
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", &processor.to_string()]).arg(plain.get_program()).args(plain.get_args());
    pinned.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = plain.get_current_dir() {
        pinned.current_dir(directory);
    }
    pinned
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>2}  {:<20} {:<13} ", self.round + 1, self.scenario, self.peer)?;
        match (&self.error, self.figure) {
            (Some(error), _) => write!(f, "FAILED: {error}"),
            (None, Some(figure)) => write!(f, "{figure:.3}"),
            (None, None) => write!(f, "no figure"),
        }
    }
}
