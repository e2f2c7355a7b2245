use std::{
    fs,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::command::Cmd;

/// What a process used from its start to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    /// Most resident memory, in bytes.
    pub(super) memory: u64,
}

/// Runs the command to its end; what it prints goes nowhere, unless it fails.
pub(super) fn measure(command: &Cmd) -> Result<Usage> {
    let start = Instant::now();
    let spawned = command.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = spawned.with_context(|| format!("cannot start {command}"))?;
    let mut memory = 0;
    let (wall, cpu) = loop {
        let (is_over, cpu) = look(&child)?;
        if is_over {
            break (start.elapsed(), cpu);
        }
        memory = peak(&child).unwrap_or(memory);
        thread::sleep(INTERVAL);
    };
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{command} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(Usage { wall, cpu, memory })
}

/// Whether it is over, and its processor time, which can be read until it is waited for.
fn look(child: &Child) -> Result<(bool, Duration)> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).context("needs Linux's /proc")?;
    parse(&stat).context("an unknown form of /proc/PID/stat")
}

fn parse(stat: &str) -> Option<(bool, Duration)> {
    // The name before the last parenthesis may hold anything.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let milliseconds = (ticks(11)? + ticks(12)?) * 1000 / TICKS_PER_SECOND;
    Some((matches!(*fields.first()?, "Z" | "X"), Duration::from_millis(milliseconds)))
}

fn peak(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

const INTERVAL: Duration = Duration::from_millis(10);
/// `USER_HZ`, which is the same on every architecture that Linux's release builds of this tool are for.
const TICKS_PER_SECOND: u64 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_and_the_time_are_read_whatever_the_name() {
        let fields = "1 1 1 0 -1 4194304 100 0 0 0 150 25 0 0";
        assert_eq!(parse(&format!("7 (a) b) R {fields}")), Some((false, Duration::from_millis(1750))));
        assert_eq!(parse(&format!("7 (a) Z {fields}")), Some((true, Duration::from_millis(1750))));
        assert_eq!(parse("7 (a) R"), None);
    }

    #[test]
    fn a_process_is_measured_and_a_failure_is_told() {
        let usage = measure(&Cmd::new("sleep").args(["0.05"])).unwrap();
        assert!(usage.wall >= Duration::from_millis(50) && usage.memory > 0, "{usage:?}");
        assert!(measure(&Cmd::new("ls").args(["/nowhere"])).unwrap_err().to_string().contains("/nowhere"));
    }
}
