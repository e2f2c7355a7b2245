//! Threads that may have as many files open as a process may.

use anyhow::Result;

/// Gives the calling thread a table of open files of its own, a copy of the one that it shared with the process.
///
/// What was open has the same number in both; what is opened from now on belongs to this thread alone.
///
/// # Errors
/// The kernel does not do that.
#[cfg(target_os = "linux")]
pub(crate) fn part_with_table() -> Result<()> {
    use anyhow::Context as _;
    use nix::sched::{CloneFlags, unshare};

    unshare(CloneFlags::CLONE_FILES).context("the kernel gives this thread no table of open files of its own")
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn part_with_table() -> Result<()> {
    anyhow::bail!("only Linux gives a thread a table of open files of its own")
}
