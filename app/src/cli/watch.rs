//! `pingone-import jobs watch`.

use std::time::Duration;

use anyhow::Context as _;
use pingone_import::config::{ProcessEnvironment, Variables as _};
use pingone_import::doctor::Target;
use pingone_import::jobs::{self, EventBody, JobStatus, JobView};
use pingone_import::remote::{Remote, RemoteError, Told, Watched};
use socketio_client::{Switch, SwitchCause, Tier};
use tokio::time::Instant;

use super::args::{Output, Watch};
use super::exit::{Exit, Failure};
use super::follow::Display;
use super::interrupts::Interrupts;
use super::job_ref::JobRef;
use super::{output, report, token};

/// Follows a job of a server until it is over or paused; Ctrl-C ends the watching and not the job.
pub(super) async fn run(arguments: Watch, output: Output) -> Result<Exit, Failure> {
    let invalid = |error: anyhow::Error| Failure::Doctor(format!("{error:#}"));
    let variable = ProcessEnvironment.value("PINGONE_IMPORT_TOKEN");
    let token = token::read(arguments.token_file.as_deref(), variable).map_err(invalid)?;
    let target = target(&arguments, token.as_deref()).map_err(invalid)?;
    let address = target.base().to_string();
    let remote = Remote::log_in(target, token.as_deref()).await;
    let mut job = remote.job(arguments.job.as_ref().map(JobRef::as_str)).await?;
    if !stands(&job) && !follow(&remote, &mut job).await? {
        report::elsewhere(&job, output);
        output::remark("the job goes on without being watched");
        return Ok(Exit::Stopped);
    }
    report::elsewhere(&job, output);
    if job.status == JobStatus::Paused {
        output::remark("the job is paused; when it goes on, it can be watched again");
    } else if job.counts.failed > 0 && !output.json {
        output::say(&format!(
            "Its failed rows, to mend and try again: {address}api/jobs/{}/rejects.csv",
            job.id
        ));
    }
    Ok(Exit::of_job(&job))
}

/// Whether nothing more happens to a job until somebody does something.
pub(super) fn stands(job: &JobView) -> bool {
    // A server on its way down or up shows a job as interrupted, too, but without trouble.
    let is_stuck = job.status == JobStatus::Interrupted && job.error.is_some();
    job.status.is_final() || job.status == JobStatus::Paused || is_stuck
}

/// Shows how a job goes, and leaves in `job` how it stands; whether it came to its end, or is paused.
pub(super) async fn follow(remote: &Remote, job: &mut JobView) -> Result<bool, Failure> {
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let mut watched = remote.watch(job.id, job.last_seq)?;
    let mut look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
    let mut shown = Shown::new();
    shown.display.remark(&format!("watching job {}, {}", job.id, job.status.as_str()));
    let stands = loop {
        let told = tokio::select! {
            told = watched.next() => told?,
            () = interrupts.next() => break false,
            // Not everything that ends a job can be told by an event, and no event comes while nothing connects.
            _ = look.tick() => match remote.view(job.id).await {
                Ok(view) if stands(&view) => {
                    *job = view;
                    break true;
                }
                Err(error @ RemoteError::NotLoggedIn) => return Err(error.into()),
                Ok(_) | Err(_) => continue,
            },
        };
        if let Told::Event(body) = &told
            && note(job, body)
        {
            // The server may be gone the moment after; what its last event said is enough then.
            if let Ok(view) = remote.view(job.id).await {
                *job = view;
            }
            break true;
        }
        if matches!(told, Told::Failed(_)) {
            look.reset_immediately();
        }
        shown.tell(&told, &watched);
    };
    shown.display.clear();
    watched.close().await;
    Ok(stands)
}

/// Notes in `job` what an event says of it; whether nothing more is to come.
fn note(job: &mut JobView, body: &EventBody) -> bool {
    match body {
        EventBody::Progress(progress) => {
            (job.status, job.total, job.counts) = (progress.status, progress.total, progress.counts);
            job.seconds = progress.seconds;
        }
        EventBody::Completion(completion) => {
            (job.status, job.total, job.counts) = (completion.status, completion.total, completion.counts);
            job.seconds = completion.seconds;
        }
        EventBody::Row(_) | EventBody::Error(_) => {}
    }
    stands(job)
}

/// What has been told so far.
struct Shown {
    display: Display,
    has_connected: bool,
    /// Why the connection could not be opened, told last since it was open.
    failed: Option<String>,
}

impl Shown {
    fn new() -> Self {
        Self { display: Display::new(), has_connected: false, failed: None }
    }

    fn tell(&mut self, told: &Told, watched: &Watched) {
        match told {
            Told::Event(body) => show(&self.display, body),
            Told::Switched(switch) => self.display.remark(&switched(switch)),
            Told::Lost(reason) => self.display.remark(&format!("connection lost, coming back: {reason}")),
            Told::Back => {
                let again = if self.has_connected { " again; nothing is missing" } else { "" };
                self.display.remark(&format!("connected{}{again}", carried(watched)));
                (self.has_connected, self.failed) = (true, None);
            }
            Told::Failed(reason) if self.failed.as_ref() == Some(reason) => {}
            Told::Failed(reason) => {
                self.display.remark(&format!("no connection, trying again: {reason}"));
                self.failed = Some(reason.clone());
            }
        }
    }
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
        Some(file) => {
            let pem = std::fs::read(file).with_context(|| file.display().to_string())?;
            Ok(target.trusting(&pem)?)
        }
        None => Ok(target),
    }
}

/// How often the job is looked at beside its events.
const LOOK: Duration = Duration::from_secs(15);
