//! How a file becomes a job.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::connection::Connection;
use super::dispatch::Intent;
use super::error::Error;
use super::incoming::Incoming;
use super::options::JobOptions;
use super::population;
use super::run::reading;
use super::service::Jobs;
use super::view::{Counts, JobId, JobStatus, PopulationRef};
use crate::plan::{self, Directory, FileError, Preview, UserFile};
use crate::store::JobRecord;

/// A job that was created, or the one that the same idempotency key created before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub id: JobId,
    /// Whether it is the earlier job of the same key.
    pub repeated: bool,
}

impl Jobs {
    /// Begins to receive a file called `name`.
    ///
    /// # Errors
    /// When the data directory cannot be written to.
    pub async fn receive(&self, name: &str) -> Result<Incoming, Error> {
        Incoming::open(self.inner.store.dir().incoming(), name.to_owned(), self.inner.max_upload).await
    }

    /// How `incoming` would be understood; nothing is kept and nothing is written to PingOne.
    ///
    /// # Errors
    /// When the file cannot be imported at all, or PingOne cannot be asked for its attributes.
    pub async fn preview(&self, mut incoming: Incoming, options: &JobOptions) -> Result<Preview, Error> {
        incoming.finish().await?;
        let connection = self.inner.connection.as_ref().ok_or(Error::NotConnected)?;
        let directory = connection.directory().await?;
        let population = match population::resolve(options, &directory, connection) {
            Ok(population) => Some(population),
            // A preview without a choice yet is how somebody comes to choose.
            Err(Error::NoPopulation { .. }) => None,
            Err(error) => return Err(error),
        };
        let reading = reading(options, population.as_ref().and_then(id));
        let preview =
            blocking(move || plan::preview(incoming.path(), &reading, population, directory)).await?;
        Ok(preview)
    }

    /// Makes a job of `incoming` and starts it. The same `key` again gives the same job.
    ///
    /// # Errors
    /// When the file cannot be imported as a whole, the population does not exist, or PingOne cannot be reached;
    /// then there is no job.
    pub async fn create(
        &self,
        incoming: Incoming,
        options: &JobOptions,
        key: Option<&str>,
    ) -> Result<Created, Error> {
        if let Some(key) = key
            && let Some(id) = self.inner.store.job_of_key(key).await?
        {
            return Ok(Created { id, repeated: true });
        }
        self.create_new(incoming, options, key, None).await
    }

    pub(super) async fn create_new(
        &self,
        mut incoming: Incoming,
        options: &JobOptions,
        key: Option<&str>,
        retry_of: Option<JobId>,
    ) -> Result<Created, Error> {
        incoming.finish().await?;
        check_alone(incoming.path(), options).await?;
        let connection = self.inner.connection.as_ref().ok_or(Error::NotConnected)?;
        let mut directory = connection.directory().await?;
        let mut population = population::resolve(options, &directory, connection)?;
        let total = count(incoming.path(), options, id(&population), Arc::clone(&directory)).await?;
        if !options.dry_run {
            population::ensure(&mut population, &mut directory, connection).await?;
        }
        let mut record = draft(incoming.name(), options, population, connection);
        record.total = total;
        record.retry_of = retry_of;
        tokio::fs::rename(incoming.path(), self.inner.store.dir().input(record.id)).await?;
        let id = self.inner.store.insert_job(&record, key).await?;
        if id != record.id {
            tokio::fs::remove_file(self.inner.store.dir().input(record.id)).await?;
            return Ok(Created { id, repeated: true });
        }
        self.start(id, connection.clone(), directory, Intent::Run).await?;
        Ok(Created { id, repeated: false })
    }
}

fn draft(file: &str, options: &JobOptions, population: PopulationRef, connection: &Connection) -> JobRecord {
    JobRecord {
        number: 0,
        id: JobId::new(),
        status: JobStatus::Queued,
        file: file.to_owned(),
        options: options.clone(),
        population: Some(population),
        environment: connection.environment.clone(),
        simulator: connection.simulator,
        total: 0,
        counts: Counts::default(),
        dispatched_through: 0,
        elapsed_ms: 0,
        last_seq: 0,
        created_at: Timestamp::now(),
        started_at: None,
        finished_at: None,
        error: None,
        retry_of: None,
    }
}

/// Finds what is wrong with a file whatever PingOne says, so that it is told even when PingOne cannot be reached.
async fn check_alone(path: &Path, options: &JobOptions) -> Result<(), Error> {
    let (path, mut reading) = (path.to_owned(), reading(options, None));
    reading.ignore_unknown_columns = true;
    Ok(blocking(move || UserFile::open(&path, &reading, Arc::default()).map(drop)).await?)
}

/// Checks the header against PingOne's attributes and counts the rows.
async fn count(
    path: &Path,
    options: &JobOptions,
    population: Option<Uuid>,
    directory: Arc<Directory>,
) -> Result<u64, Error> {
    let (path, reading) = (path.to_owned(), reading(options, population));
    Ok(blocking(move || UserFile::open(&path, &reading, directory)?.count()).await?)
}

fn id(population: &PopulationRef) -> Option<Uuid> {
    population.id.as_ref()?.parse().ok()
}

/// Does `work` where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    let gone = |error: tokio::task::JoinError| FileError::Interrupted { line: 0, source: error.into() };
    tokio::task::spawn_blocking(work).await.map_err(gone)?
}
