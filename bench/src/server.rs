//! The server under load, as the operating system sees it.

use std::{fs, net::Ipv4Addr, time::Duration};

use anyhow::{Context as _, Result};
use clap::Args;
use tokio::time::sleep;

/// Where the server is. It is always on this machine.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Server {
    /// Its port on 127.0.0.1
    #[arg(long)]
    pub(crate) port: u16,
    /// Its process id, to read its processor time and memory
    #[arg(long)]
    pub(crate) pid: u32,
}

/// Processor time of the server's process, all threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

impl Server {
    pub(crate) fn address(self) -> (Ipv4Addr, u16) {
        (Ipv4Addr::LOCALHOST, self.port)
    }

    /// From `/proc/PID/stat`, which is exact to 10 ms: measure for seconds.
    pub(crate) fn usage(self) -> Result<Usage> {
        let pid = self.pid;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the server is gone")?;
        // The second field is the name of the program, which may contain spaces.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| -> Result<Duration> {
            let ticks: u64 = fields.get(index).context("a short /proc/PID/stat")?.parse()?;
            Ok(Duration::from_millis(ticks * MILLIS_PER_TICK))
        };
        Ok(Usage { user: ticks(11)?, system: ticks(12)? })
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(self) -> Result<u64> {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.pid)).context("the server is gone")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024)
    }

    /// Resident memory once it has not changed by more than 1 % for a second, or after half a minute.
    pub(crate) async fn settled(self) -> Result<u64> {
        let mut last = self.resident()?;
        for _ in 0..30 {
            sleep(Duration::from_secs(1)).await;
            let now = self.resident()?;
            if now.abs_diff(last) * 100 <= last {
                return Ok(now);
            }
            last = now;
        }
        Ok(last)
    }
}

impl Usage {
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self { user: self.user - earlier.user, system: self.system - earlier.system }
    }

    pub(crate) fn total(self) -> Duration {
        self.user + self.system
    }

    /// Microseconds of processor time for each of `count` things.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(crate) fn micros_per(self, count: u64) -> f64 {
        self.total().as_secs_f64() * 1e6 / count.max(1) as f64
    }
}

/// The kernel counts in hundredths of a second on every Linux that we measure on (`getconf CLK_TCK`).
const MILLIS_PER_TICK: u64 = 10;
