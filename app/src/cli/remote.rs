//! Asking the server that runs with a data directory, as whoever may write to that directory may.

use std::fs;

use pingone_import::auth::leave_ticket;
use pingone_import::doctor::Target;
use pingone_import::jobs::{JobStatus, JobView, Jobs};
use pingone_import::remote::Remote;
use pingone_import::store::{DataDir, Store};

use super::args::{self, JobRef, Output};
use super::exit::{Exit, Failure};
use super::hint::Hint;
use super::{output, report, watch};

/// What a server is asked to do with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Pause,
    Resume,
    Retry,
    Cancel,
}

/// Has the server that holds the data directory do something with a job, and follows what it begins to the end.
///
/// # Errors
/// When there is no server, or it refuses.
pub(super) async fn order(
    order: Order,
    asked: &JobRef,
    store: &args::Store,
    output: Output,
    hint: &Hint,
) -> Result<Exit, Failure> {
    let store = Store::open_for_reading(&store.dir()?).await?;
    let jobs = Jobs::new(store.clone(), None);
    let id = asked.find(&jobs).await?;
    let server = log_in(store.dir()).await?;
    let answer = match order {
        Order::Pause => server.pause(id).await,
        Order::Resume => server.resume(id).await,
        Order::Retry => server.retry(id).await,
        Order::Cancel => server.cancel(id).await,
    };
    let done = match answer {
        // The server has waited for the rows that were on their way.
        Ok(job) if order == Order::Pause => Ok((job, true)),
        Ok(job) => followed(&server, job).await,
        Err(error) => Err(Failure::Remote(error.to_string())),
    };
    server.log_out().await;
    let (job, stands) = done?;
    if !stands {
        report::elsewhere(&job, output);
        let show = hint.command(&["jobs", "show", &job.id.to_string()]);
        output::remark(&format!("the server goes on with the job; this shows how far it is: {show}"));
        return Ok(Exit::Stopped);
    }
    report::job(&jobs, &job, None, output, hint).await?;
    jobs.close().await;
    let is_done = order == Order::Pause || (order == Order::Cancel && job.status == JobStatus::Cancelled);
    Ok(if is_done { Exit::Done } else { Exit::of_job(&job) })
}

/// The job when it stands, or when somebody does not want to see more of it.
async fn followed(server: &Remote, mut job: JobView) -> Result<(JobView, bool), Failure> {
    let stands = watch::stands(&job) || watch::follow(server, &mut job).await?;
    Ok((job, stands))
}

/// Logs in to the server that has `dir`.
///
/// # Errors
/// When none is there.
pub(super) async fn log_in(dir: &DataDir) -> Result<Remote, Failure> {
    let address = fs::read_to_string(dir.address()).map_err(|_| Failure::Elsewhere)?;
    let failed = |source| Failure::Output { path: dir.tickets().display().to_string(), source };
    let ticket = leave_ticket(&dir.tickets()).map_err(failed)?;
    let target = Target::new(address.trim(), Some(ticket.reveal())).map_err(|_| Failure::Elsewhere)?;
    Ok(Remote::log_in(target, Some(ticket.reveal())).await)
}
