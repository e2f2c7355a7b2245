//! Running the program.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use pingone_sim::Simulator;
use serde_json::Value;
use tokio::process::{Child, Command};

/// A run of the program to its end.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The last line of standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        let line = self.stdout.lines().last().unwrap_or_else(|| panic!("no result: {self:?}"));
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The program with a clean environment and `dir` as its data directory, where it has one.
pub(crate) fn command(arguments: &[&str], dir: Option<&Path>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pingone-import"));
    command.args(arguments).env_clear().stdin(Stdio::null()).kill_on_drop(true);
    if let Some(dir) = dir {
        command.arg("--data-dir").arg(dir);
    }
    command
}

/// The environment that leads to `simulator`.
pub(crate) fn connected(command: &mut Command, simulator: &Simulator) {
    command
        .env("PINGONE_API_URL", &simulator.api_url)
        .env("PINGONE_AUTH_URL", &simulator.auth_url)
        .env("PINGONE_ENVIRONMENT_ID", simulator.environment.to_string())
        .env("PINGONE_CLIENT_ID", &simulator.client_id)
        .env("PINGONE_CLIENT_SECRET", &simulator.client_secret);
}

/// Runs `command` to its end.
pub(crate) async fn run(mut command: Command) -> Run {
    let output = tokio::time::timeout(LONGEST, command.output()).await.expect("the program ends").unwrap();
    into_run(output)
}

/// Waits for the end of a program that was started with its output captured.
pub(crate) async fn end(child: Child) -> Run {
    into_run(
        tokio::time::timeout(LONGEST, child.wait_with_output()).await.expect("the program ends").unwrap(),
    )
}

fn into_run(output: Output) -> Run {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A file of `count` good users, every tenth of them disabled.
pub(crate) fn users(count: usize) -> String {
    let enabled = |row: usize| if row.is_multiple_of(10) { "no" } else { "" };
    let rows = (1..=count)
        .map(|row| format!("user{row:05},user{row:05}@example.com,Given,Family,{}\n", enabled(row)));
    std::iter::once("username,email,first name,last name,enabled\n".to_owned()).chain(rows).collect()
}

const LONGEST: Duration = Duration::from_secs(120);
