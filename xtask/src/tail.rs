//! A child's output, passed on as it comes, with its end kept for the error that quotes it.

use std::{
    io::{self, IsTerminal, Read, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Enough for the last failure of a test runner and for its summary.
const LINES: usize = 60;

/// What may be kept of lines that are very long.
const BYTES: usize = 16 * 1024;

/// A grandchild that outlives the child holds its pipe open, so that its end may never come.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last lines of a child, on both of its streams.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    kept: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Tail {
    /// Takes the child's streams, unless a person looks on: that one has seen the end, and wants its colours.
    pub(crate) fn prepare(command: &mut Command) {
        if !io::stdout().is_terminal() {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
    }

    /// Begins to pass on what `prepare` made the child write to us.
    pub(crate) fn follow(child: &mut Child) -> Self {
        let mut tail = Self::default();
        if let Some(stdout) = child.stdout.take() {
            tail.pass_on(stdout, io::stdout());
        }
        if let Some(stderr) = child.stderr.take() {
            tail.pass_on(stderr, io::stderr());
        }
        tail
    }

    /// The last lines; empty when a person has seen them.
    pub(crate) fn end(self) -> String {
        let deadline = Instant::now() + PATIENCE;
        while self.readers.iter().any(|reader| !reader.is_finished()) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines[lines.len().saturating_sub(LINES)..].concat()
    }

    fn pass_on<R, W>(&mut self, mut from: R, mut to: W)
    where
        R: Read + Send + 'static,
        W: Write + Send + 'static,
    {
        let kept = Arc::clone(&self.kept);
        self.readers.push(thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = from.read(&mut chunk) {
                let read = &chunk[..read];
                // Whoever reads our output may have gone; the child must still be able to write.
                let _ = to.write_all(read).and_then(|()| to.flush());
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(read);
                if kept.len() > 2 * BYTES {
                    let surplus = kept.len() - BYTES;
                    kept.drain(..surplus);
                }
            }
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail_of(script: &str) -> String {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let tail = Tail::follow(&mut child);
        child.wait().unwrap();
        tail.end()
    }

    #[test]
    fn both_streams_are_kept() {
        let tail = tail_of("echo out; echo err >&2");
        assert!(tail.contains("out\n") && tail.contains("err\n"), "{tail}");
    }

    #[test]
    fn only_the_end_is_kept() {
        let tail = tail_of("seq 1000");
        assert_eq!(tail.lines().count(), LINES);
        assert!(tail.ends_with("999\n1000\n"), "{tail}");
    }

    #[test]
    fn a_grandchild_that_goes_on_holds_nobody_up() {
        // It ends soon after the test, which passes because the end of its output is not waited for.
        let mut command = Command::new("sh");
        command.args(["-c", "echo done; sleep 20 & echo $!"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let tail = Tail::follow(&mut child);
        child.wait().unwrap();
        let end = tail.end();
        let (first, process) = end.trim_end().split_once('\n').unwrap();
        assert_eq!(first, "done");
        assert!(Command::new("kill").arg(process).status().unwrap().success(), "it still runs");
    }
}
