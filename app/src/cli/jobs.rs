//! `pingone-import jobs`.

use std::path::Path;

use pingone_import::jobs::{self, JobStatus, JobView, Jobs};
use pingone_import::store::{self, StoreError};

use super::args::{self, Force, JobRef, Named, Output, Store};
use super::connect::{self, Connected};
use super::exit::{Exit, Failure};
use super::files::{self, Written};
use super::hint::Hint;
use super::interrupts::Interrupts;
use super::remote::Order;
use super::{follow, output, remote, report, rows, watch};

/// Lists, shows, pauses, resumes, retries or cancels jobs, or writes what they left.
pub(super) async fn run(command: args::Jobs, output: Output) -> Result<Exit, Failure> {
    use args::Jobs::{
        Cancel, File, List, Passwords, Pause, Prune, Rejects, Resume, Retry, Rows, Show, Watch,
    };
    match command {
        List { store } => list(&store, output).await,
        Show { job, store } => show(&job, &store, output).await,
        Rows { job, outcome, after, limit, store } => {
            let jobs = open_for_reading(&store).await?;
            rows::list(&jobs, job.find(&jobs).await?, outcome.map(Into::into), after, limit, output).await
        }
        Resume { job, store, named } => resume(job, &store, &named, output).await,
        Pause { job, store } => pause(&job, &store, output).await,
        Retry { job, store, named } => retry(&job, &store, &named, output).await,
        Cancel { job, store, named } => cancel(&job, &store, &named, output).await,
        File { job, to, force, store } => {
            files::check_stdout(to.as_deref(), output)?;
            let jobs = open_for_reading(&store).await?;
            let written = files::copy(&jobs, job.find(&jobs).await?, to.as_deref(), force).await?;
            written.tell(output);
            Ok(Exit::Done)
        }
        Passwords { job, to, force, store } => {
            let jobs = Jobs::new(store::Store::open(&store.dir()?).await?, None);
            files::passwords(&jobs, job.find(&jobs).await?, &to, force).await?.tell(output);
            Ok(Exit::Done)
        }
        Prune { older_than, store } => prune(older_than, &store, output).await,
        Watch(arguments) => watch::run(arguments, output).await,
        Rejects { job, to, force, store } => rejects(&job, to.as_deref(), force, &store, output).await,
    }
}

async fn list(store: &Store, output: Output) -> Result<Exit, Failure> {
    let jobs = open_for_reading(store).await?;
    let list = jobs.list(u32::MAX, None).await?;
    if output.json {
        output::json(&list);
    } else if list.is_empty() {
        output::say("There are no jobs yet.");
    }
    for job in list.iter().filter(|_| !output.json) {
        output::say(&report::listed(job));
    }
    Ok(Exit::Done)
}

async fn prune(days: u32, store: &Store, output: Output) -> Result<Exit, Failure> {
    let store = store::Store::open(&store.dir()?).await?;
    let pruned = Jobs::new(store.clone(), None).prune(days).await?;
    store.close().await;
    if output.json {
        output::json(&pruned);
    } else {
        let jobs = output::counted(pruned.len() as u64, "job", "jobs");
        let days = output::counted(days.into(), "day", "days");
        output::say(&format!("Deleted {jobs} that finished more than {days} ago."));
    }
    Ok(Exit::Done)
}

async fn show(job: &JobRef, store: &Store, output: Output) -> Result<Exit, Failure> {
    let jobs = open_for_reading(store).await?;
    let details = jobs.details(job.find(&jobs).await?).await?;
    if output.json {
        output::json(&details.job);
    } else {
        report::show(&jobs, &details, &Hint::new(store)).await?;
    }
    Ok(Exit::Done)
}

async fn resume(
    asked: Option<JobRef>,
    store: &Store,
    named: &Named,
    output: Output,
) -> Result<Exit, Failure> {
    let hint = Hint::new(store).connecting(named);
    let store = match (store::Store::open(&store.dir()?).await, &asked) {
        (Err(StoreError::InUse { .. }), Some(job)) => {
            return remote::order(Order::Resume, job, store, output, &hint).await;
        }
        (Err(StoreError::InUse { server: Some(address), .. }), None) => {
            return Err(Failure::GoesOn { address });
        }
        (opened, _) => opened?,
    };
    let reader = Jobs::new(store.clone(), None);
    let unfinished = match &asked {
        Some(job) => vec![reader.job(job.find(&reader).await?).await?],
        None => reader.unfinished().await?,
    };
    if unfinished.is_empty() {
        report::no_job(output);
    }
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let mut exit = Exit::Done;
    for job in unfinished {
        let one = match resume_one(&store, &job, named, &mut interrupts, output, &hint).await {
            Ok(exit) => exit,
            Err(failure) if asked.is_some() => return Err(failure),
            // What is wrong with one job does not keep the others from going on.
            Err(failure) => {
                output::remark(&format!("job {} is not resumed:", job.id));
                output::complain(&failure);
                if output.json {
                    report::failure_of(&job, &failure);
                }
                failure.exit()
            }
        };
        exit = exit.max(one);
        if one == Exit::Stopped {
            break;
        }
    }
    reader.close().await;
    Ok(exit)
}

async fn resume_one(
    store: &store::Store,
    job: &JobView,
    named: &Named,
    interrupts: &mut Interrupts,
    output: Output,
    hint: &Hint,
) -> Result<Exit, Failure> {
    let connected = connect::of(job.simulator, named).await?;
    let jobs = Jobs::new(store.clone(), Some(connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    jobs.resume(job.id).await?;
    let job = follow::to_the_end(&jobs, job.id, job.last_seq, interrupts).await?;
    report::job(&jobs, &job, None, output, hint).await?;
    Ok(Exit::of_job(&job))
}

async fn pause(asked: &JobRef, store: &Store, output: Output) -> Result<Exit, Failure> {
    let hint = Hint::new(store);
    let reading = store::Store::open_for_reading(&store.dir()?).await?;
    if !reading.dir().is_held() {
        return remote::order(Order::Pause, asked, store, output, &hint).await;
    }
    let jobs = Jobs::new(reading, None);
    let job = jobs.pause(asked.find(&jobs).await?).await?;
    report::job(&jobs, &job, None, output, &hint).await?;
    jobs.close().await;
    Ok(Exit::Done)
}

async fn retry(asked: &JobRef, store: &Store, named: &Named, output: Output) -> Result<Exit, Failure> {
    let hint = Hint::new(store).connecting(named);
    let store = match store::Store::open(&store.dir()?).await {
        Err(StoreError::InUse { .. }) => {
            return remote::order(Order::Retry, asked, store, output, &hint).await;
        }
        opened => opened?,
    };
    let reader = Jobs::new(store.clone(), None);
    let failed = reader.job(asked.find(&reader).await?).await?;
    let connected = connect::of(failed.simulator, named).await?;
    let jobs = Jobs::new(store, Some(connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let retry = jobs.retry(failed.id).await?;
    let job = follow::to_the_end(&jobs, retry, 0, &mut interrupts).await?;
    report::job(&jobs, &job, None, output, &hint).await?;
    jobs.close().await;
    Ok(Exit::of_job(&job))
}

async fn cancel(asked: &JobRef, store: &Store, named: &Named, output: Output) -> Result<Exit, Failure> {
    let hint = Hint::new(store).connecting(named);
    let store = match store::Store::open(&store.dir()?).await {
        Err(StoreError::InUse { .. }) => {
            return remote::order(Order::Cancel, asked, store, output, &hint).await;
        }
        opened => opened?,
    };
    let reader = Jobs::new(store.clone(), None);
    let job = reader.job(asked.find(&reader).await?).await?;
    let connected: Option<Connected> = match job.simulator {
        true => Some(connect::to_simulator().await?),
        // Only a job with rows in doubt needs one, and says so itself.
        false => connect::configured(named)?,
    };
    let jobs = Jobs::new(store, connected.as_ref().map(|connected| connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    jobs.cancel(job.id).await?;
    let job = follow::to_the_end(&jobs, job.id, job.last_seq, &mut interrupts).await?;
    report::job(&jobs, &job, None, output, &hint).await?;
    jobs.close().await;
    Ok(if job.status == JobStatus::Cancelled { Exit::Done } else { Exit::of_job(&job) })
}

async fn rejects(
    job: &JobRef,
    path: Option<&Path>,
    force: Force,
    store: &Store,
    output: Output,
) -> Result<Exit, Failure> {
    files::check_stdout(Some(path.unwrap_or_else(|| Path::new("-"))), output)?;
    let jobs = open_for_reading(store).await?;
    let id = job.find(&jobs).await?;
    match path.filter(|path| !files::is_stdout(Some(path))) {
        None => {
            let printed = jobs.rejects(id, &mut tokio::io::stdout()).await;
            printed.map_err(|error| files::out_failed(error, Path::new("standard output")))?;
        }
        Some(path) => {
            let draft = files::Draft::create(path, force)?;
            let written = jobs.rejects(id, &mut tokio::fs::File::from_std(draft.writer()?)).await;
            written.map_err(|error| files::out_failed(error, path))?;
            draft.finish()?;
            output::remark(&format!("wrote {}", path.display()));
            Written::new(id, path).tell(output);
        }
    }
    Ok(Exit::Done)
}

/// Opens the jobs even while another process works on them.
async fn open_for_reading(store: &Store) -> Result<Jobs, Failure> {
    Ok(Jobs::new(store::Store::open_for_reading(&store.dir()?).await?, None))
}
