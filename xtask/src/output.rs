//! The only place of this program that prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "xtask is a command-line program")]

use std::time::Duration;

use anyhow::Error;

/// Shows a command before it runs, so that it can be copied from the log.
pub(crate) fn command(line: &str) {
    println!("$ {line}");
}

/// Opens a step of a longer run.
pub(crate) fn step(number: usize, total: usize, name: &str) {
    println!("\n=== {number}/{total} {name}");
}

/// Closes a step that succeeded.
pub(crate) fn step_passed(name: &str, took: Duration) {
    println!("--- {name}: passed in {}", seconds(took));
}

/// Closes a step that failed.
pub(crate) fn step_failed(name: &str, took: Duration) {
    println!("--- {name}: FAILED after {}", seconds(took));
}

/// One finished step in the closing table.
pub(crate) fn table_row(name: &str, verdict: &str, took: Duration) {
    println!("{verdict:>7} {:>8}  {name}", seconds(took));
}

/// A line of its own.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// The error that ends the program, causes first to last.
pub(crate) fn failure(error: &Error) {
    eprintln!("error: {error:#}");
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
