//! Watching a job that runs in this process.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pingone_import::jobs::{EventBody, JobId, JobView, Jobs, Progress};

use super::exit::Failure;
use super::interrupts::Interrupts;
use super::output;

/// Shows how a job goes, from the event after `seen` on, until it does not run any more. Ctrl-C pauses it, a second one
/// ends the process.
pub(super) async fn to_the_end(
    jobs: &Jobs,
    id: JobId,
    mut seen: u64,
    interrupts: &mut Interrupts,
) -> Result<JobView, Failure> {
    let display = Display::new();
    let mut told = jobs.watch(id).await?;
    let mut is_stopping = false;
    let ended = jobs.wait(id);
    tokio::pin!(ended);
    let job = loop {
        tokio::select! {
            job = &mut ended => break job?,
            changed = told.changed() => {
                if changed.is_ok() {
                    seen = display.show(jobs, id, seen).await?;
                }
            }
            () = interrupts.next() => {
                if is_stopping {
                    break jobs.job(id).await?;
                }
                is_stopping = true;
                display.remark("stopping: rows in flight settle first; press Ctrl-C again to end at once");
                let jobs = jobs.clone();
                tokio::spawn(async move { jobs.pause(id).await });
            }
        }
    };
    display.show(jobs, id, seen).await?;
    display.clear();
    Ok(job)
}

/// A progress bar on a terminal, lines otherwise.
pub(super) struct Display {
    bar: ProgressBar,
}

impl Display {
    pub(super) fn new() -> Self {
        if !stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new(0).with_style(style(0));
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar }
    }

    /// Shows the events after `seen`, and gives the last one's number.
    async fn show(&self, jobs: &Jobs, id: JobId, seen: u64) -> Result<u64, Failure> {
        let mut last = seen;
        loop {
            let headlines = jobs.headlines_after(id, last, PAGE).await?;
            let Some(newest) = headlines.last() else { return Ok(last) };
            last = newest.seq;
            for event in headlines {
                match event.body {
                    EventBody::Progress(progress) => self.progress(&progress),
                    EventBody::Error(error) => {
                        let word = if error.is_warning() { "warning: " } else { "" };
                        self.remark(&format!("{word}{}: {}", error.code, error.message));
                    }
                    EventBody::Row(_) | EventBody::Completion(_) => {}
                }
            }
        }
    }

    pub(super) fn progress(&self, progress: &Progress) {
        if self.bar.length() != Some(progress.total) {
            self.bar.set_style(style(progress.total));
        }
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.counts.processed);
        let left = match progress.remaining_seconds {
            Some(seconds) => format!(", {seconds:.0} s left"),
            None => String::new(),
        };
        self.bar.set_message(format!("{} failed, {:.0}/s{left}", progress.counts.failed, progress.rate));
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    pub(super) fn remark(&self, line: &str) {
        self.bar.suspend(|| output::remark(line));
    }
}

fn style(total: u64) -> ProgressStyle {
    ProgressStyle::with_template(template(total)).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What is shown for so many rows; before they are counted there is nothing that a bar could be a share of.
fn template(total: u64) -> &'static str {
    match total {
        0 => "{spinner} {pos} rows  {msg}  {elapsed}",
        _ => "{bar:30} {pos}/{len} rows  {msg}  {elapsed}",
    }
}

const PAGE: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_bar_before_there_is_anything_to_do() {
        assert!(!template(0).contains("{bar") && !template(0).contains("{len}"));
        for total in [0, 1] {
            ProgressStyle::with_template(template(total)).unwrap();
        }
    }
}
