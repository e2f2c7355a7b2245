//! `pingone-import doctor` and `pingone-import openapi`.

use anyhow::Context as _;
use pingone_import::app::PROBE_DEADLINE;
use pingone_import::doctor::{Target, examine};
use pingone_import::openapi::document;

use super::args::{Doctor, Output};
use super::exit::{Exit, Failure};
use super::{output, token};

/// Probes a server from outside.
pub(super) async fn run(arguments: Doctor, output: Output) -> Result<Exit, Failure> {
    let wrong = |error: anyhow::Error| Failure::Doctor(format!("{error:#}"));
    let token = token::read(arguments.token_file.as_deref(), arguments.token.clone()).map_err(wrong)?;
    let target = target(&arguments, token.as_deref()).map_err(wrong)?;
    let deadline = arguments.deadline.unwrap_or(PROBE_DEADLINE);
    let target = match &token {
        Some(token) => target.logged_in(token, deadline).await,
        None => target,
    };
    let examination = examine(&target, deadline, arguments.idle).await;
    if output.json {
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

fn target(arguments: &Doctor, token: Option<&str>) -> anyhow::Result<Target> {
    let mut target = Target::new(&arguments.url, token)?;
    if let Some(origin) = &arguments.origin {
        target = target.with_origin(origin)?;
    }
    if let Some(proxy) = &arguments.proxy {
        target = target.through(proxy)?;
    }
    if let Some(path) = &arguments.path {
        target = target.at_path(path);
    }
    if let Some(file) = &arguments.ca_file {
        let pem = std::fs::read(file).with_context(|| file.display().to_string())?;
        target = target.trusting(&pem)?;
    }
    Ok(target)
}

/// Prints the description of the API.
pub(super) fn openapi() -> Exit {
    output::json(&document());
    Exit::Done
}
