//! A child process that can be shown, run and quoted in an error.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{output, tail::Tail};

/// A command line with its directory and its additions to the environment.
///
/// `Display` gives a line that can be pasted into a shell at the repository's root.
#[derive(Debug)]
pub(crate) struct Cmd {
    program: PathBuf,
    arguments: Vec<String>,
    directory: Option<PathBuf>,
    environment: Vec<(&'static str, String)>,
    deadline: Option<Duration>,
}

impl Cmd {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: PathBuf::from(program.as_ref()),
            arguments: Vec::new(),
            directory: None,
            environment: Vec::new(),
            deadline: None,
        }
    }

    pub(crate) fn args<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub(crate) fn directory(mut self, directory: &Path) -> Self {
        self.directory = Some(directory.to_path_buf());
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Makes `run` end the process and fail when it takes longer.
    pub(crate) fn within(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Shows the command, runs it with our output, and fails unless it exits with 0.
    pub(crate) fn run(&self) -> Result<()> {
        output::command(&self.to_string());
        let mut command = self.command();
        Tail::prepare(&mut command);
        let mut child = command.spawn().with_context(|| self.cannot_start())?;
        let tail = Tail::follow(&mut child);
        let status = wait(&mut child, self.deadline)?;
        let last_lines = tail.end();
        let Some(status) = status else {
            let deadline = self.deadline.unwrap_or_default().as_secs();
            bail!("it was still running after {deadline} s; to repeat it: {self}\n{last_lines}");
        };
        if !status.success() {
            bail!("it ended with {status}; to repeat it: {self}\n{last_lines}");
        }
        Ok(())
    }

    /// Runs the command and returns what it wrote to stdout.
    pub(crate) fn stdout(&self) -> Result<String> {
        let output = self.command().stderr(Stdio::inherit()).output().with_context(|| self.cannot_start())?;
        if !output.status.success() {
            bail!("it ended with {}; to repeat it: {self}", output.status);
        }
        String::from_utf8(output.stdout)
            .with_context(|| format!("{self} printed something that is not UTF-8"))
    }

    /// Whether the command exists and exits with 0; its output is discarded.
    pub(crate) fn succeeds(&self) -> bool {
        let status = self.command().stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    /// The process as the standard library knows it.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }

    fn cannot_start(&self) -> String {
        format!("cannot start {}; is it installed?", self.program.display())
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(directory) = &self.directory {
            write!(f, "cd {} && ", quoted(&directory.to_string_lossy()))?;
        }
        for (name, value) in &self.environment {
            write!(f, "{name}={} ", quoted(value))?;
        }
        write!(f, "{}", quoted(&self.program.to_string_lossy()))?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// The status of a process that ended in time; one that did not is killed.
fn wait(child: &mut Child, deadline: Option<Duration>) -> Result<Option<ExitStatus>> {
    let Some(deadline) = deadline else {
        return Ok(Some(child.wait()?));
    };
    let started = Instant::now();
    while started.elapsed() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_like_a_shell_line() {
        let command = Cmd::new("npm")
            .args(["run", "two words", "it's"])
            .directory(Path::new("web"))
            .env("BASE_URL", "http://127.0.0.1:1/?a b");
        assert_eq!(
            command.to_string(),
            r"cd web && BASE_URL='http://127.0.0.1:1/?a b' npm run 'two words' 'it'\''s'"
        );
    }

    #[test]
    fn a_failing_command_names_itself() {
        let error = Cmd::new("false").run().unwrap_err();
        assert!(error.to_string().trim_end().ends_with("to repeat it: false"), "{error}");
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let error = Cmd::new("sleep").args(["600"]).within(Duration::from_millis(50)).run().unwrap_err();
        assert!(error.to_string().contains("still running"), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error_and_not_a_success() {
        let missing = Cmd::new("no-such-program-anywhere");
        assert!(!missing.succeeds());
        assert!(missing.run().unwrap_err().to_string().contains("is it installed?"));
    }
}
