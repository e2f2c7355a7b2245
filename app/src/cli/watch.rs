//! `pingone-import jobs watch`.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use pingone_import::config::{ProcessEnvironment, Variables as _};
use pingone_import::doctor::Target;
use pingone_import::jobs::{self, EventBody, JobStatus, JobView};
use pingone_import::remote::{Remote, Told, Watched};
use socketio_client::{Switch, SwitchCause, Tier};

use super::args::{Output, Watch};
use super::exit::{Exit, Failure};
use super::follow::Display;
use super::interrupts::Interrupts;
use super::job_ref::JobRef;
use super::{output, report};

/// Follows a job of a server until it is over or paused; Ctrl-C ends the watching and not the job.
pub(super) async fn run(arguments: Watch, output: Output) -> Result<Exit, Failure> {
    let invalid = |error: anyhow::Error| Failure::Doctor(format!("{error:#}"));
    let token = token(arguments.token_file.as_deref()).map_err(invalid)?;
    let target = target(&arguments, token.as_deref()).map_err(invalid)?;
    let address = target.base().to_string();
    let remote = Remote::log_in(target, token.as_deref()).await;
    let job = remote.job(arguments.job.as_ref().map(JobRef::as_str)).await?;
    let stands = |job: &JobView| job.status.is_final() || job.status == JobStatus::Paused;
    let is_left = !stands(&job) && !follow(&remote, &job).await?;
    let job = remote.view(job.id).await?;
    report::elsewhere(&job, output);
    if is_left && !stands(&job) {
        output::remark("the job goes on without being watched");
        return Ok(Exit::Stopped);
    }
    if job.status == JobStatus::Paused {
        output::remark("the job is paused; when it goes on, it can be watched again");
    }
    if job.counts.failed > 0 && !output.json {
        output::say(&format!(
            "Its failed rows, to mend and try again: {address}api/jobs/{}/rejects.csv",
            job.id
        ));
    }
    Ok(Exit::of_job(&job))
}

/// Shows how a job goes; whether it came to its end, or is paused.
async fn follow(remote: &Remote, job: &JobView) -> Result<bool, Failure> {
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let mut watched = remote.watch(job.id, job.last_seq)?;
    let display = Display::new();
    display.remark(&format!("watching job {}, {}", job.id, job.status.as_str()));
    let mut is_connected = false;
    let is_over = loop {
        let told = tokio::select! {
            told = watched.next() => told?,
            () = interrupts.next() => break false,
        };
        match told {
            Told::Event(EventBody::Completion(_)) => break true,
            Told::Event(EventBody::Progress(progress)) if progress.status == JobStatus::Paused => break true,
            Told::Event(body) => show(&display, &body),
            Told::Switched(switch) => display.remark(&switched(&switch)),
            Told::Lost(reason) => display.remark(&format!("connection lost, coming back: {reason}")),
            Told::Back => {
                let again = if is_connected { " again; nothing is missing" } else { "" };
                display.remark(&format!("connected{}{again}", carried(&watched)));
                is_connected = true;
            }
        }
    };
    display.clear();
    watched.close().await;
    Ok(is_over)
}

fn show(display: &Display, body: &EventBody) {
    match body {
        EventBody::Progress(progress) => display.progress(progress),
        EventBody::Error(error) => {
            let word = if error.is_warning() { "warning: " } else { "" };
            display.remark(&format!("{word}{}: {}", error.code, error.message));
        }
        EventBody::Row(_) | EventBody::Completion(_) => {}
    }
}

/// What carries the connection.
fn carried(watched: &Watched) -> String {
    watched.adaptive().tier.map(|tier| format!(" over {}", name(tier))).unwrap_or_default()
}

fn switched(switch: &Switch) -> String {
    let to = name(switch.to);
    match switch.cause {
        SwitchCause::Failed(failure) => format!(
            "{} failed ({}); going on over {to} after {:.1} s, nothing is lost",
            switch.from.map_or("the connection", name),
            failure.name(),
            switch.blind.max(Duration::ZERO).as_secs_f64()
        ),
        _ => format!("going on over {to}"),
    }
}

fn name(tier: Tier) -> &'static str {
    match tier {
        Tier::WebSocket => "WebSocket",
        Tier::LongPoll => "long-polling",
        Tier::Periodic => "periodic polling",
    }
}

fn target(arguments: &Watch, token: Option<&str>) -> anyhow::Result<Target> {
    let target = Target::new(&arguments.server, token)?;
    match &arguments.ca_file {
        Some(file) => Ok(target.trusting(&read(file)?)?),
        None => Ok(target),
    }
}

/// What shows who asks: the first line of the file, or what the environment says.
fn token(file: Option<&Path>) -> anyhow::Result<Option<String>> {
    let Some(file) = file else { return Ok(ProcessEnvironment.value("PINGONE_IMPORT_TOKEN")) };
    let text = String::from_utf8(read(file)?).with_context(|| file.display().to_string())?;
    Ok(Some(text.trim().to_owned()))
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.display().to_string())
}
