//! `pingone-import delete`.

use std::io::{BufRead, IsTerminal, stdin, stdout};

use pingone_import::jobs::{self, JobOptions, JobView, Jobs, Kind, protected_names};
use pingone_import::plan::{FileError, read_text};
use pingone_import::store::Store;

use super::args::{Delete, Format, Output};
use super::exit::{Exit, Failure};
use super::hint::Hint;
use super::import::{receive, start};
use super::interrupts::Interrupts;
use super::{connect, files, output, report};

/// Plans a delete, has it confirmed, and carries it out.
pub(super) async fn run(arguments: Delete, output: Output) -> Result<Exit, Failure> {
    files::check(arguments.backup.as_deref(), arguments.force)?;
    if let Some(backup) = &arguments.backup {
        Format::of(backup)?;
    }
    let (planning, hint) =
        (options(&arguments)?, Hint::new(&arguments.store).connecting(&arguments.simulator.named));
    let connected = connect::required(&arguments.simulator).await?;
    let store = Store::open(&arguments.store.dir()?).await?;
    let jobs = Jobs::new(store, Some(connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let plan = plan(&arguments, &planning, &jobs, &mut interrupts).await?;
    let is_over = arguments.dry_run || plan.confirmation.is_none();
    if is_over || !output.json {
        report::job(&jobs, &plan, None, output, &hint).await?;
    }
    let exit = if is_over {
        if let Some(expected) = plan.confirmation.as_ref().filter(|_| !output.json) {
            say_how(&arguments, &plan, expected, &hint);
        }
        Exit::of_job(&plan)
    } else {
        match confirm(&arguments, &plan, &hint) {
            Ok(confirm) => {
                let options = JobOptions { confirm: Some(confirm), ..carrying(&arguments, &plan)? };
                carry_out(&arguments, &jobs, &options, &mut interrupts, output, &hint).await?
            }
            // A program needs the plan's id and its sentence as much as the reason.
            Err(failure) if output.json => {
                report::failure_of(&plan, &failure);
                output::complain(&failure);
                failure.exit()
            }
            Err(failure) => return Err(failure),
        }
    };
    jobs.close().await;
    Ok(exit)
}

/// The plan that is named, or a new one.
async fn plan(
    arguments: &Delete,
    options: &JobOptions,
    jobs: &Jobs,
    interrupts: &mut Interrupts,
) -> Result<JobView, Failure> {
    if let Some(plan) = &arguments.plan {
        return only_plan(jobs.job(plan.find(jobs).await?).await?);
    }
    let incoming = match &arguments.file {
        Some(file) => Some(receive(jobs, file).await?),
        None => None,
    };
    start(jobs, incoming, options, arguments.file.as_deref(), interrupts).await
}

/// Deletes the users of a plan, and says how that ended.
async fn carry_out(
    arguments: &Delete,
    jobs: &Jobs,
    options: &JobOptions,
    interrupts: &mut Interrupts,
    output: Output,
    hint: &Hint,
) -> Result<Exit, Failure> {
    let was_before = match options.plan {
        Some(plan) => jobs.details(plan).await?.carried_out_by.is_some(),
        None => false,
    };
    if was_before {
        output::remark(
            "this plan was carried out before, and what follows is how that ended; nothing is left to delete, and \
             nobody was deleted now; who came since needs a new plan",
        );
    }
    let mut job = start(jobs, None, options, None, interrupts).await?;
    // A plan that was carried out before may have a backup that nobody asks for now.
    let written = match &job.output {
        Some(_) if arguments.backup.is_some() => {
            files::copy_of(jobs, &mut job, arguments.backup.as_deref(), arguments.force, hint).await?
        }
        _ => None,
    };
    report::job(jobs, &job, written.as_ref(), output, hint).await?;
    Ok(Exit::of_job(&job))
}

/// What a delete by `plan` is asked for, but for its confirmation.
fn carrying(arguments: &Delete, plan: &JobView) -> Result<JobOptions, Failure> {
    let format = arguments.backup.as_deref().map(Format::of).transpose()?.flatten();
    Ok(JobOptions {
        kind: Kind::Delete,
        plan: Some(plan.id),
        backup: arguments.backup.is_some(),
        format: format.map(Into::into).unwrap_or_default(),
        delete_population: arguments.delete_population,
        ..JobOptions::default()
    })
}

fn options(arguments: &Delete) -> Result<JobOptions, Failure> {
    let mut protect = arguments.protect.clone();
    if let Some(path) = &arguments.protect_file {
        let (file, path) = (path, path.display().to_string());
        let names = match read_text(file) {
            Ok(text) => protected_names(&text),
            Err(FileError::Empty) => Vec::new(),
            Err(error @ (FileError::Missing { .. } | FileError::Unreadable { .. })) => {
                return Err(jobs::Error::from(error).into());
            }
            Err(error) => return Err(Failure::File { path, source: error.into() }),
        };
        // Whoever gives such a file means to protect somebody.
        if names.is_empty() {
            return Err(Failure::ProtectsNobody { path });
        }
        protect.extend(names);
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

/// Refuses a job that is none, whose end would be taken for that of a delete.
fn only_plan(job: JobView) -> Result<JobView, Failure> {
    match job.kind == Kind::Delete && job.dry_run {
        true => Ok(job),
        false => Err(jobs::Error::NoPlan { job: job.id, reason: "it is not a dry run of a delete" }.into()),
    }
}

/// What was typed to confirm `plan`: with the command, or now.
fn confirm(arguments: &Delete, plan: &JobView, hint: &Hint) -> Result<String, Failure> {
    if let Some(text) = &arguments.confirm {
        return Ok(text.clone());
    }
    let expected = plan.confirmation.clone().unwrap_or_default();
    if !stdin().is_terminal() || !stdout().is_terminal() {
        return Err(unconfirmed(arguments, plan, &expected, hint));
    }
    output::say(&format!("To delete them, type: {expected}"));
    let mut line = String::new();
    match stdin().lock().read_line(&mut line) {
        Ok(_) if line.trim() == expected => Ok(expected),
        _ => Err(unconfirmed(arguments, plan, &expected, hint)),
    }
}

/// Says after a dry run what the delete itself will ask for.
fn say_how(arguments: &Delete, plan: &JobView, expected: &str, hint: &Hint) {
    output::say(&format!("Nobody was deleted. To confirm the delete, this has to be typed: {expected}"));
    if !plan.simulator {
        let command = carrying_out(arguments, plan, expected, hint);
        output::say(&format!("To carry out this plan within a day, run: {command}"));
    }
}

/// How to carry out the plan; one of an embedded PingOne ends with it, so there the whole command is repeated.
fn unconfirmed(arguments: &Delete, plan: &JobView, expected: &str, hint: &Hint) -> Failure {
    if plan.simulator {
        return Failure::Unconfirmed { command: Hint::again(&["--confirm", expected]) };
    }
    Failure::Unconfirmed { command: carrying_out(arguments, plan, expected, hint) }
}

fn carrying_out(arguments: &Delete, plan: &JobView, expected: &str, hint: &Hint) -> String {
    let (id, backup) = (plan.id.to_string(), arguments.backup.as_ref().map(|path| path.to_string_lossy()));
    let mut words = vec!["delete", "--plan", &id, "--confirm", expected];
    words.extend(backup.iter().flat_map(|path| ["--backup", path]));
    words.extend(arguments.force.force.then_some("--force"));
    words.extend(arguments.delete_population.then_some("--delete-population"));
    hint.connected(&words)
}
