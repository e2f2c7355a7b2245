//! The floor of a dry run: reads a CSV file with the `csv` crate, record by record, and keeps nothing.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

fn main() -> ExitCode {
    match std::env::args_os().nth(1).context("the file is missing").and_then(count) {
        Ok(fields) => {
            report(fields);
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// The number of fields, so that each record is really taken apart.
fn count(file: std::ffi::OsString) -> Result<usize> {
    let mut reader = csv::Reader::from_path(file)?;
    let mut record = csv::StringRecord::new();
    let mut fields = 0;
    while reader.read_record(&mut record)? {
        fields += record.len();
    }
    Ok(fields)
}

#[expect(clippy::print_stdout, reason = "the count is what this program is for")]
fn report(fields: usize) {
    println!("{fields}");
}

#[expect(clippy::print_stderr, reason = "only the outer function prints")]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}
