//! `pingone-import export`.

use pingone_import::jobs::{self, JobOptions, Jobs, Kind};
use pingone_import::store::Store;

use super::args::Export;
use super::exit::{Exit, Failure};
use super::import::{reported, start};
use super::interrupts::Interrupts;
use super::{connect, files, report};

/// Writes users to a file.
pub(super) async fn run(arguments: Export) -> Result<Exit, Failure> {
    let output = arguments.output;
    reported(output, export(arguments).await)
}

async fn export(arguments: Export) -> Result<Exit, Failure> {
    let options = JobOptions {
        kind: Kind::Export,
        population: arguments.population,
        filter: arguments.filter,
        attributes: arguments.attributes,
        format: arguments.format.into(),
        ..JobOptions::default()
    };
    let connected = connect::required(arguments.simulator.simulator).await?;
    let store = Store::open(&arguments.store.dir()?).await?;
    let jobs = Jobs::new(store, Some(connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let job = start(&jobs, None, &options, None, &mut interrupts).await?;
    let is_on_stdout = arguments.to.as_deref().is_some_and(|path| path.as_os_str() == "-");
    if job.output.is_some() {
        files::copy(&jobs, job.id, arguments.to.as_deref()).await?;
    }
    if !is_on_stdout {
        report::job(&jobs, &job, arguments.output).await?;
    }
    jobs.close().await;
    Ok(Exit::of_job(&job))
}
