//! `pingone-import delete`.

use std::io::{BufRead, IsTerminal, stdin, stdout};

use pingone_import::jobs::{self, JobId, JobOptions, JobView, Jobs, Kind};
use pingone_import::store::Store;

use super::args::Delete;
use super::exit::{Exit, Failure};
use super::import::{receive, reported, start};
use super::interrupts::Interrupts;
use super::{connect, files, output, report};

/// Plans a delete, has it confirmed, and carries it out.
pub(super) async fn run(arguments: Delete) -> Result<Exit, Failure> {
    let output = arguments.output;
    reported(output, delete(&arguments).await)
}

async fn delete(arguments: &Delete) -> Result<Exit, Failure> {
    let options = options(arguments)?;
    let connected = connect::required(arguments.simulator.simulator).await?;
    let store = Store::open(&arguments.store.dir()?).await?;
    let jobs = Jobs::new(store, Some(connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let plan = match arguments.plan {
        Some(plan) => jobs.job(plan).await?,
        None => {
            let incoming = match &arguments.file {
                Some(file) => Some(receive(&jobs, file).await?),
                None => None,
            };
            start(&jobs, incoming, &options, arguments.file.as_deref(), &mut interrupts).await?
        }
    };
    let is_over = arguments.dry_run || plan.confirmation.is_none();
    if is_over || !arguments.output.json {
        report::job(&jobs, &plan, arguments.output).await?;
    }
    if is_over {
        jobs.close().await;
        return Ok(Exit::of_job(&plan));
    }
    let confirm = confirm(arguments, &plan)?;
    let options = JobOptions {
        kind: Kind::Delete,
        plan: Some(plan.id),
        confirm: Some(confirm),
        backup: arguments.backup.is_some(),
        delete_population: arguments.delete_population,
        ..JobOptions::default()
    };
    let job = start(&jobs, None, &options, None, &mut interrupts).await?;
    if job.output.is_some() {
        files::copy(&jobs, job.id, arguments.backup.as_deref()).await?;
    }
    report::job(&jobs, &job, arguments.output).await?;
    jobs.close().await;
    Ok(Exit::of_job(&job))
}

fn options(arguments: &Delete) -> Result<JobOptions, Failure> {
    let mut protect = arguments.protect.clone();
    if let Some(path) = &arguments.protect_file {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::Input { path: path.display().to_string(), source })?;
        protect.extend(text.lines().map(str::to_owned));
    }
    Ok(JobOptions {
        kind: Kind::Delete,
        dry_run: true,
        match_by: arguments.match_by.into(),
        population: arguments.population.clone(),
        filter: arguments.filter.clone(),
        whole_environment: arguments.whole_environment,
        protect,
        ..JobOptions::default()
    })
}

/// What was typed to confirm `plan`: with the command, or now.
fn confirm(arguments: &Delete, plan: &JobView) -> Result<String, Failure> {
    if let Some(text) = &arguments.confirm {
        return Ok(text.clone());
    }
    let expected = plan.confirmation.clone().unwrap_or_default();
    if !stdin().is_terminal() || !stdout().is_terminal() {
        return Err(unconfirmed(plan.id, &expected));
    }
    output::say(&format!("To delete them, type: {expected}"));
    let mut line = String::new();
    match stdin().lock().read_line(&mut line) {
        Ok(_) if line.trim() == expected => Ok(expected),
        _ => Err(unconfirmed(plan.id, &expected)),
    }
}

fn unconfirmed(plan: JobId, expected: &str) -> Failure {
    Failure::Unconfirmed { plan, expected: expected.to_owned() }
}
