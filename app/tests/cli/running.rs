//! `serve` as a process, and requests to it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use pingone_sim::Simulator;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::program::{command, connected};

/// Nothing here takes that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs.
pub(crate) struct Serving {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) link: String,
    pub(crate) log: BufReader<tokio::process::ChildStderr>,
}

impl Serving {
    pub(crate) async fn start(options: &[&str], dir: &Path, simulator: Option<&Simulator>) -> Self {
        Self::start_on("127.0.0.1:0", options, dir, simulator).await
    }

    pub(crate) async fn start_on(
        listen: &str,
        options: &[&str],
        dir: &Path,
        simulator: Option<&Simulator>,
    ) -> Self {
        let mut arguments = vec!["serve", "--listen", listen];
        arguments.extend(options);
        let mut command = command(&arguments, Some(dir));
        if let Some(simulator) = simulator {
            connected(&mut command, simulator);
        }
        Self::spawn(command).await
    }

    /// With a limit of open files, which the shell sets for what it becomes.
    pub(crate) async fn limited(files: u32, options: &[&str], dir: &Path) -> Self {
        let mut command = Command::new("sh");
        let program = env!("CARGO_BIN_EXE_pingone-import");
        let script = format!("ulimit -n {files} && exec \"$0\" serve --listen 127.0.0.1:0 \"$@\"");
        command.args(["-c", &script, program]).args(options).arg("--data-dir").arg(dir);
        command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).kill_on_drop(true);
        Self::spawn(command).await
    }

    pub(crate) async fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let link = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().expect("a login link");
        let address = link.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, address, link, log }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, session: &str, body: &str) -> String {
        ask(&self.address, method, path, session, body).await
    }

    /// The token of a session.
    pub(crate) async fn log_in(&self) -> String {
        let token = self.link.split("token=").nth(1).unwrap();
        let answer = self.ask("POST", "/api/login", "", &format!("{{\"token\":\"{token}\"}}")).await;
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).expect(&answer);
        body["token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
    }

    pub(crate) async fn import(&self, session: &str, csv: &str) -> String {
        self.create(session, "{}", csv).await
    }

    /// Makes a job and gives its id.
    pub(crate) async fn create(&self, session: &str, options: &str, csv: &str) -> String {
        let part = "--b\r\nContent-Disposition: form-data; name";
        let body = format!(
            "{part}=\"options\"\r\n\r\n{options}\r\n{part}=\"file\"; filename=\"users.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
        );
        let answer = self.ask("POST", "/api/jobs", session, &body).await;
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).expect(&answer);
        body["id"].as_str().unwrap_or_else(|| panic!("no job: {answer}")).to_owned()
    }

    /// Reads the events of a job until its end.
    pub(crate) async fn watch(&self, session: &str, job: &str) {
        let mut after = 0;
        loop {
            let answer =
                self.ask("GET", &format!("/api/jobs/{job}/events?after={after}&wait=5"), session, "").await;
            let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).expect(&answer);
            let events = body["events"].as_array().unwrap();
            if events.iter().any(|event| event["type"] == "completion") {
                return;
            }
            after = events.last().map_or(after, |event| event["seq"].as_u64().unwrap());
        }
    }

    pub(crate) fn terminate(&self) {
        let pid = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
    }

    /// Stops it and gives its log.
    pub(crate) async fn stop(mut self) -> String {
        self.terminate();
        let mut log = String::new();
        timeout(PATIENCE, self.log.read_to_string(&mut log)).await.unwrap().unwrap();
        assert!(timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().success());
        log
    }
}

/// One request on a connection of its own.
pub(crate) async fn ask(address: &str, method: &str, path: &str, session: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let kind = if body.starts_with("--b") { "multipart/form-data; boundary=b" } else { "application/json" };
    let login =
        if session.is_empty() { String::new() } else { format!("Authorization: Bearer {session}\r\n") };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{login}Content-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
