//! Watching a job that runs in this process.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
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

/// A progress bar on a terminal, lines now and then otherwise.
pub(super) struct Display {
    bar: ProgressBar,
    lines: Option<Mutex<Lines>>,
}

impl Display {
    pub(super) fn new() -> Self {
        if !stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), lines: Some(Mutex::new(Lines::new(Instant::now()))) };
        }
        let bar = ProgressBar::new(0).with_style(style(0));
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, lines: None }
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
        if let Some(lines) = &self.lines {
            let line = lines.lock().tell(progress, Instant::now());
            return line.iter().for_each(|line| output::remark(line));
        }
        if self.bar.length() != Some(progress.total) {
            self.bar.set_style(style(progress.total));
        }
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.counts.processed);
        self.bar.set_message(message(progress));
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    pub(super) fn remark(&self, line: &str) {
        self.bar.suspend(|| output::remark(line));
    }
}

/// What a log is told of a job: a line for each tenth, no two within ten seconds, and one a minute at least.
struct Lines {
    last: Instant,
    tenths: u64,
}

impl Lines {
    fn new(now: Instant) -> Self {
        Self { last: now, tenths: 0 }
    }

    /// The line that is due now, if one is.
    fn tell(&mut self, progress: &Progress, now: Instant) -> Option<String> {
        let (done, total) = (progress.counts.processed, progress.total);
        let tenths = (done * 10).checked_div(total).unwrap_or_default();
        let since = now.saturating_duration_since(self.last);
        let is_due = since >= SELDOM || since >= OFTEN && tenths > self.tenths;
        if !is_due {
            return None;
        }
        (self.last, self.tenths) = (now, tenths);
        let rows = match (done * 100).checked_div(total) {
            Some(percent) => format!("{done} of {} ({percent} %)", output::counted(total, "row", "rows")),
            None => output::counted(done, "row", "rows"),
        };
        Some(format!("{rows}, {}", message(progress)))
    }
}

fn message(progress: &Progress) -> String {
    let left = match progress.remaining_seconds {
        Some(seconds) => format!(", {seconds:.0} s left"),
        None => String::new(),
    };
    format!("{} failed, {:.0}/s{left}", progress.counts.failed, progress.rate)
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

const OFTEN: Duration = Duration::from_secs(10);
const SELDOM: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use pingone_import::jobs::{Counts, JobStatus};

    use super::*;

    fn progress(processed: u64, total: u64) -> Progress {
        let counts = Counts { processed, failed: 1, ..Counts::default() };
        let (rate, remaining_seconds) = (40.0, (total > 0).then_some(30.2));
        Progress { status: JobStatus::Running, total, counts, rate, remaining_seconds, seconds: 1.0 }
    }

    #[test]
    fn a_log_gets_a_line_for_each_tenth_and_one_a_minute() {
        let start = Instant::now();
        let mut lines = Lines::new(start);
        let mut told = |second, done| lines.tell(&progress(done, 1000), start + Duration::from_secs(second));
        assert_eq!(told(9, 300), None, "a short job needs none");
        assert_eq!(told(10, 310).unwrap(), "310 of 1000 rows (31 %), 1 failed, 40/s, 30 s left");
        assert_eq!(told(19, 700), None, "no two within ten seconds");
        assert!(told(21, 710).is_some());
        assert_eq!(told(80, 790), None, "not another tenth yet");
        assert!(told(81, 790).is_some(), "a minute is over");
        let mut unknown = Lines::new(start);
        let told = unknown.tell(&progress(5, 0), start + Duration::from_secs(60));
        assert_eq!(told.unwrap(), "5 rows, 1 failed, 40/s");
    }

    #[test]
    fn there_is_no_bar_before_there_is_anything_to_do() {
        assert!(!template(0).contains("{bar") && !template(0).contains("{len}"));
        for total in [0, 1] {
            ProgressStyle::with_template(template(total)).unwrap();
        }
    }
}
