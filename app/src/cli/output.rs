//! The one place that prints: results to standard output, everything else to standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool prints")]

use serde::Serialize;

use super::exit::Failure;

/// A line of the result, for people.
pub(super) fn say(line: &str) {
    println!("{line}");
}

/// The result as one line of JSON.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(line) => println!("{line}"),
        Err(error) => eprintln!("error: the result cannot be written as JSON: {error}"),
    }
}

/// A remark beside the result.
pub(super) fn remark(line: &str) {
    eprintln!("{line}");
}

/// Why the command was not done.
pub(super) fn complain(failure: &Failure) {
    eprintln!("error: {failure}");
}
