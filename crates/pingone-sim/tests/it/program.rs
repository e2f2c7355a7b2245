//! `pingone-sim` as a process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A simulator that ends with this value, and what it said first.
struct Running(Child, BufReader<std::process::ChildStdout>);

impl Running {
    fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pingone-sim"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self(child, stdout)
    }

    fn lines(&mut self, count: usize) -> Vec<String> {
        (&mut self.1).lines().take(count).map(Result::unwrap).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn programs_get_one_line_of_json() {
    let mut running = Running::new(&["--seed", "3"]);
    let line: Value = serde_json::from_str(&running.lines(1)[0]).unwrap();
    let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["api", "auth", "environment", "client_id", "client_secret"]);
}

#[test]
fn a_shell_gets_lines_that_it_takes_as_they_are() {
    let dir = std::env::temp_dir().join(format!("pingone-sim's {}.pem", std::process::id()));
    let file = dir.to_str().unwrap();
    let mut running = Running::new(&["--format", "shell", "--tls", "--tls-certificate", file]);
    let script = running.lines(7).join("\n") + "\ncat \"$PINGONE_CA_FILE\"; env";
    let output =
        Command::new("sh").args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    std::fs::remove_file(&dir).unwrap();
    assert!(output.status.success() && text.starts_with("-----BEGIN CERTIFICATE-----"), "{text}");
    for name in [
        "API_URL=https://127.0.0.1:",
        "AUTH_URL=https://127.0.0.1:",
        "ENVIRONMENT_ID=",
        "CLIENT_ID=",
        "CLIENT_SECRET=",
    ] {
        assert!(text.contains(&format!("\nPINGONE_{name}")), "{name} in {text}");
    }
}

#[test]
fn an_assumption_that_there_is_not_is_named_with_those_that_there_are() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pingone-sim"));
    let mut child = command.args(["--assume", "page-limits=3"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(text.contains("unknown field `page-limits`") && text.contains("`page-limit`"), "{text}");
}
