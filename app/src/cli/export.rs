//! `pingone-import export`.

use pingone_import::jobs::{self, JobOptions, Jobs, Kind};
use pingone_import::store::Store;

use super::args::{Export, Format, Output};
use super::exit::{Exit, Failure};
use super::hint::Hint;
use super::import::start;
use super::interrupts::Interrupts;
use super::{connect, files, report};

/// Writes users to a file.
pub(super) async fn run(arguments: Export, output: Output) -> Result<Exit, Failure> {
    files::check_stdout(arguments.to.as_deref(), output)?;
    files::check(arguments.to.as_deref(), arguments.force)?;
    let format = match (arguments.format, arguments.to.as_deref()) {
        (None, Some(to)) => Format::of(to)?,
        (format, _) => format,
    };
    let options = JobOptions {
        kind: Kind::Export,
        population: arguments.population,
        filter: arguments.filter,
        attributes: arguments.attributes,
        format: format.map(Into::into).unwrap_or_default(),
        ..JobOptions::default()
    };
    let connected = connect::required(&arguments.simulator).await?;
    let store = Store::open(&arguments.store.dir()?).await?;
    let jobs = Jobs::new(store, Some(connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let mut job = start(&jobs, None, &options, None, &mut interrupts).await?;
    let to = arguments.to.as_deref();
    let hint = Hint::new(&arguments.store).connecting(&arguments.simulator.named);
    let written = match job.output {
        Some(_) => files::copy_of(&jobs, &mut job, to, arguments.force, &hint).await?,
        None => None,
    };
    if !files::is_stdout(to) {
        report::job(&jobs, &job, written.as_ref(), output, &hint).await?;
    }
    jobs.close().await;
    Ok(Exit::of_job(&job))
}
