use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::Bench;
use crate::command::Cmd;

/// A local PingOne in a process of its own, which ends with this value.
#[derive(Debug)]
pub(super) struct Simulator {
    child: Child,
    access: Access,
}

/// The line that the simulator begins with.
#[derive(Debug, Deserialize)]
struct Access {
    api: String,
    auth: String,
    environment: String,
    client_id: String,
    client_secret: String,
}

impl Simulator {
    pub(super) fn start(bench: &Bench<'_>, arguments: &[&str]) -> Result<Self> {
        let command =
            Cmd::new(bench.workspace.release_binary("pingone-sim")).args(arguments.iter().copied()).command();
        let mut child =
            { command }.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("the simulator has no stdout")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let access = serde_json::from_str(&line).context("the simulator did not say where it is")?;
        Ok(Self { child, access })
    }

    /// The tool with this PingOne and a data directory.
    pub(super) fn tool(&self, bench: &Bench<'_>, data: &Path) -> Cmd {
        Cmd::new(bench.workspace.release_binary("pingone-import"))
            .env("PINGONE_API_URL", &self.access.api)
            .env("PINGONE_AUTH_URL", &self.access.auth)
            .env("PINGONE_ENVIRONMENT_ID", &self.access.environment)
            .env("PINGONE_CLIENT_ID", &self.access.client_id)
            .env("PINGONE_CLIENT_SECRET", &self.access.client_secret)
            .args(["import", "--json", "--data-dir"])
            .args([data.to_string_lossy()])
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
