//! `pingone-import doctor` and `pingone-import openapi`.

use std::time::Duration;

use pingone_import::app::PROBE_DEADLINE;
use pingone_import::doctor::{Target, examine};
use pingone_import::openapi::document;

use super::args::Doctor;
use super::exit::{Exit, Failure};
use super::output;

/// Probes a server from outside.
pub(super) async fn run(arguments: Doctor) -> Result<Exit, Failure> {
    let target = Target::new(&arguments.url, arguments.token.as_deref());
    let target = target.map_err(|error| Failure::Doctor(error.to_string()))?;
    let idle = arguments.idle.map(Duration::from_secs);
    let examination = examine(&target, PROBE_DEADLINE, idle).await;
    if arguments.output.json {
        output::json(&examination);
    } else {
        output::say(examination.table().trim_end());
    }
    Ok(match examination.exit_code() {
        0 => Exit::Done,
        1 => Exit::RowsFailed,
        _ => Exit::PingOne,
    })
}

/// Prints the description of the API.
pub(super) fn openapi() -> Exit {
    output::json(&document());
    Exit::Done
}
