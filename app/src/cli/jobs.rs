//! `pingone-import jobs`.

use std::path::Path;

use pingone_import::jobs::{self, JobId, JobStatus, JobView, Jobs};
use pingone_import::store;

use super::args::{self, Output, Store};
use super::connect::{self, Connected};
use super::exit::{Exit, Failure};
use super::interrupts::Interrupts;
use super::{files, follow, output, report};

/// Lists, shows, resumes or cancels jobs, or writes their failed rows.
pub(super) async fn run(command: args::Jobs) -> Result<Exit, Failure> {
    match command {
        args::Jobs::List { store, output } => list(&store, output).await,
        args::Jobs::Show { job, store, output } => show(job, &store, output).await,
        args::Jobs::Resume { job, store, output } => resume(job, &store, output).await,
        args::Jobs::Cancel { job, store, output } => cancel(job, &store, output).await,
        args::Jobs::File { job, output, store } => {
            files::copy(&open_for_reading(&store).await?, job, output.as_deref()).await?;
            Ok(Exit::Done)
        }
        args::Jobs::Passwords { job, output, store } => {
            let store = store::Store::open(&store.dir()?).await?;
            files::passwords(&Jobs::new(store, None), job, &output).await?;
            Ok(Exit::Done)
        }
        args::Jobs::Prune { older_than, store, output } => prune(older_than, &store, output).await,
        args::Jobs::Rejects { job, output, store } => rejects(job, output.as_deref(), &store).await,
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
        output::say(&format!("{}  {}", report::headline(job), job.file));
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
        output::say(&format!("Deleted {} jobs that finished more than {days} days ago.", pruned.len()));
    }
    Ok(Exit::Done)
}

async fn show(id: JobId, store: &Store, output: Output) -> Result<Exit, Failure> {
    let jobs = open_for_reading(store).await?;
    let job = jobs.job(id).await?;
    if output.json {
        output::json(&job);
    } else {
        report::job(&jobs, &job, output).await?;
    }
    Ok(Exit::Done)
}

async fn resume(id: Option<JobId>, store: &Store, output: Output) -> Result<Exit, Failure> {
    let store = store::Store::open(&store.dir()?).await?;
    let reader = Jobs::new(store.clone(), None);
    let unfinished = match id {
        Some(id) => vec![reader.job(id).await?],
        None => reader.unfinished().await?,
    };
    if unfinished.is_empty() {
        report::no_job(output);
    }
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let mut exit = Exit::Done;
    for job in unfinished {
        let one = match resume_one(&store, &job, &mut interrupts, output).await {
            Ok(exit) => exit,
            Err(failure) if id.is_some() => return Err(failure),
            // What is wrong with one job does not keep the others from going on.
            Err(failure) => {
                output::remark(&format!("job {} is not resumed:", job.id));
                output::complain(&failure);
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
    interrupts: &mut Interrupts,
    output: Output,
) -> Result<Exit, Failure> {
    let connected = connect::required(job.simulator).await?;
    let jobs = Jobs::new(store.clone(), Some(connected.connection.clone()));
    jobs.resume(job.id).await?;
    let job = follow::to_the_end(&jobs, job.id, interrupts).await?;
    report::job(&jobs, &job, output).await?;
    Ok(Exit::of_job(&job))
}

async fn cancel(id: JobId, store: &Store, output: Output) -> Result<Exit, Failure> {
    let store = store::Store::open(&store.dir()?).await?;
    let job = Jobs::new(store.clone(), None).job(id).await?;
    let connected: Option<Connected> = match job.simulator {
        true => Some(connect::to_simulator().await?),
        // Only a job with rows in doubt needs one, and says so itself.
        false => connect::from_environment()?,
    };
    let jobs = Jobs::new(store, connected.as_ref().map(|connected| connected.connection.clone()));
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    jobs.cancel(id).await?;
    let job = follow::to_the_end(&jobs, id, &mut interrupts).await?;
    report::job(&jobs, &job, output).await?;
    jobs.close().await;
    Ok(if job.status == JobStatus::Cancelled { Exit::Done } else { Exit::of_job(&job) })
}

async fn rejects(id: JobId, path: Option<&Path>, store: &Store) -> Result<Exit, Failure> {
    let jobs = open_for_reading(store).await?;
    match path {
        None => jobs.rejects(id, &mut tokio::io::stdout()).await?,
        Some(path) => {
            let failed = |source| Failure::Output { path: path.display().to_string(), source };
            jobs.job(id).await?;
            let mut file = tokio::fs::File::create(path).await.map_err(failed)?;
            jobs.rejects(id, &mut file).await?;
        }
    }
    Ok(Exit::Done)
}

/// Opens the jobs even while another process works on them.
async fn open_for_reading(store: &Store) -> Result<Jobs, Failure> {
    Ok(Jobs::new(store::Store::open_for_reading(&store.dir()?).await?, None))
}
