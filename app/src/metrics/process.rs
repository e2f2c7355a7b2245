//! What the operating system knows of this process.

use metrics::gauge;

use super::names::{MAX_FILES, OPEN_FILES, RESIDENT_MEMORY, START_TIME};

/// When the process began to count.
pub(super) fn started() {
    // Exact until the year 285,000,000.
    gauge!(START_TIME).set(jiff::Timestamp::now().as_millisecond() as f64 / 1000.0);
}

/// Reads what `/proc` tells, where there is one.
pub(super) fn sample() {
    if let Some(bytes) = resident() {
        gauge!(RESIDENT_MEMORY).set(bytes as f64);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        gauge!(OPEN_FILES).set(files.count() as f64);
    }
    #[cfg(unix)]
    if let Some(most) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        gauge!(MAX_FILES).set(most as f64);
    }
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}
