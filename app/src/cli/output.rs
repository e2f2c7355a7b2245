//! The one place that prints: results to standard output, everything else to standard error.
//!
//! What cannot be printed, because whoever read it has gone, is left out.

use std::io::{Write as _, stderr, stdout};

use serde::Serialize;

use super::exit::Failure;

/// A line of the result, for people.
pub(super) fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}

/// A number and what it counts.
pub(super) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// The result as one line of JSON.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(line) => say(&line),
        Err(error) => remark(&format!("error: the result cannot be written as JSON: {error}")),
    }
}

/// Why the command was not done, as one line of JSON.
pub(super) fn json_error(code: &str, message: &str) {
    json(&serde_json::json!({ "error": { "code": code, "message": message } }));
}

/// A remark beside the result.
pub(super) fn remark(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// Why the command was not done.
pub(super) fn complain(failure: &Failure) {
    remark(&format!("error: {failure}"));
}
