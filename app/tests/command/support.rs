//! Running the program against a simulator in this process.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pingone_sim::{Options, Simulator};
use serde_json::Value;
use tempfile::TempDir;

/// A simulated PingOne, and a directory for the program's store and input.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) directory: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) async fn new(options: Options) -> Self {
        let simulator = Simulator::start(options).await.expect("the simulator starts");
        Self { simulator, directory: tempfile::tempdir().expect("a directory") }
    }

    /// Writes an input file.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).expect("the file is written");
        path
    }

    /// The program with a connection to the simulator in its environment, and a store of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pingone-import"));
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(self.directory.path().join("data"))
            .env_clear()
            .env("PINGONE_API_URL", &self.simulator.api_url)
            .env("PINGONE_AUTH_URL", &self.simulator.auth_url)
            .env("PINGONE_ENVIRONMENT_ID", self.simulator.environment.to_string())
            .env("PINGONE_CLIENT_ID", &self.simulator.client_id)
            .env("PINGONE_CLIENT_SECRET", &self.simulator.client_secret)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments)).await
    }

    /// The jobs that the store knows.
    pub(crate) async fn jobs(&self) -> Vec<Value> {
        let listed = self.run(&["jobs", "list", "--json"]).await;
        let jobs: Value = serde_json::from_str(&listed.stdout).expect("a JSON array");
        jobs.as_array().expect("an array").clone()
    }
}

/// Runs a command to its end, while the simulator in this process goes on.
pub(crate) async fn run(mut command: Command) -> Ended {
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let Output { status, stdout, stderr } = output.expect("no panic").expect("the program runs");
    Ended {
        code: status.code(),
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
    }
}

impl Ended {
    /// The object on the last line of stdout.
    pub(crate) fn json(&self) -> Value {
        let line = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
