//! What each side says on the wire, step by step, written down for other implementations.

mod client;
mod numbering;
mod resume;
mod server;

use std::time::Duration;

use serde_json::{Value, json};

use crate::files;
use client::ClientInput;
use server::ServerInput;

/// When something happens, in milliseconds since the start, and what.
type Table<'a, Input> = &'a [(u64, Input)];

/// One session as one of its sides sees it.
struct Transcript {
    name: &'static str,
    side: &'static str,
    setting: Value,
    /// Inputs, each with everything that the session says to it.
    steps: Vec<Value>,
}

#[test]
fn the_vectors_of_numbers_are_up_to_date() {
    compare("numbering", &numbering::all());
}

#[test]
fn the_vectors_of_resumption_are_up_to_date() {
    compare("resume", &resume::all());
}

fn compare(name: &str, transcripts: &[Transcript]) {
    let cases: Vec<_> = transcripts.iter().map(Transcript::to_json).collect();
    let text = format!("[\n{}\n]\n", cases.join(",\n"));
    files::compare(name, &text);
}

impl Transcript {
    /// The case for the file of vectors; each step is a line.
    fn to_json(&self) -> String {
        let Self { name, side, setting, steps } = self;
        let steps: Vec<_> = steps.iter().map(|step| format!("  {step}")).collect();
        let head = format!("\"name\": {}, \"side\": {}, \"setting\": {setting}", json!(name), json!(side));
        format!("{{{head}, \"steps\": [\n{}\n]}}", steps.join(",\n"))
    }
}

/// A client that opens with the default tiers, at a server with this window and this expiry in milliseconds.
fn client(name: &'static str, table: Table<'_, ClientInput<'_>>) -> Transcript {
    client::run(name, &client::Setting::default(), table)
}

fn server(name: &'static str, table: Table<'_, ServerInput<'_>>) -> Transcript {
    server::run(name, table)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Members of a JSON object, without those that are empty.
fn filled(members: Vec<(&str, Value)>) -> Value {
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    members
        .into_iter()
        .filter(|(_, value)| !is_empty(value))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
