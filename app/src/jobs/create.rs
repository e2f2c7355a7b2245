//! How a file becomes a job.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use pingone::Schema;
use tokio::task::JoinError;
use uuid::Uuid;

use super::connection::Connection;
use super::control::check_environment;
use super::deletion::confirm;
use super::error::Error;
use super::incoming::Incoming;
use super::mails::WelcomeMails;
use super::once::Once;
use super::options::JobOptions;
use super::passwords::Passwords;
use super::population;
use super::run::reading;
use super::selection::Selection;
use super::service::Jobs;
use super::view::{Counts, JobId, JobStatus, Kind, PopulationRef};
use crate::background;
use crate::export;
use crate::plan::{self, Directory, FileError, Format, Preview, Reading, UserFile, suggest_attribute};
use crate::store::{JobRecord, disk};

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
    pub async fn preview(&self, incoming: Incoming, options: &JobOptions) -> Result<Preview, Error> {
        let required = options.mapping.keys().cloned().collect();
        let options = self.with_saved_mapping(options)?;
        let (incoming, options, format) = understood(incoming, &options).await?;
        let options = &options;
        let connection = self.inner.connection.as_ref().ok_or(Error::NotConnected)?;
        let mut directory = connection.directory().await?;
        let population = match population::resolve(options, &directory, connection) {
            Ok(population) => Some(population),
            // A preview without a choice yet is how somebody comes to choose.
            Err(Error::NoPopulation { .. }) => None,
            Err(error) => return Err(error),
        };
        if options.create_population {
            population::pretend(incoming.path().to_owned(), options, &mut directory).await?;
        }
        let reading = Reading { required, ..reading(options, population.as_ref().and_then(id)) };
        let mut preview =
            blocking(move || plan::preview(incoming.path(), &reading, population, directory)).await?;
        format.as_str().clone_into(&mut preview.format);
        Ok(preview)
    }

    /// Makes a job of `incoming` and starts it. The same `key` again gives the same job.
    ///
    /// # Errors
    /// When `key` was used for another file or other options; when the file cannot be used as a whole, the population
    /// does not exist, or PingOne cannot be reached; then there is no job.
    pub async fn create(
        &self,
        incoming: Incoming,
        options: &JobOptions,
        key: Option<&str>,
    ) -> Result<Created, Error> {
        self.create_from(Some(incoming), options, key).await
    }

    /// As [`Self::create`], with or without a file, as the kind of job wants it.
    ///
    /// # Errors
    /// As [`Self::create`]; also when a file is missing, or there are two sources of users.
    pub async fn create_from(
        &self,
        mut incoming: Option<Incoming>,
        options: &JobOptions,
        key: Option<&str>,
    ) -> Result<Created, Error> {
        let once = match key {
            Some(key) => Some(Once::request(key, incoming.as_mut(), options).await?),
            None => None,
        };
        let once = once.as_ref();
        if let Some(once) = once
            && let Some(earlier) = self.earlier(once).await?
        {
            return Ok(earlier);
        }
        options.check(incoming.is_some())?;
        match (incoming, options.plan) {
            (Some(incoming), _) => self.create_new(incoming, options, once, None).await,
            (None, Some(plan)) => self.carry_out(plan, options, once).await,
            (None, None) => self.create_selected(options, once).await,
        }
    }

    pub(super) async fn create_new(
        &self,
        incoming: Incoming,
        options: &JobOptions,
        once: Option<&Once>,
        retry_of: Option<JobId>,
    ) -> Result<Created, Error> {
        options.check(true)?;
        // A saved mapping is for many files, and a file of rejects is one of ours.
        let required =
            if retry_of.is_none() { options.mapping.keys().cloned().collect() } else { Vec::new() };
        let options = self.with_saved_mapping(options)?;
        let (incoming, mut options, _) = understood(incoming, &options).await?;
        let kept = incoming.keep();
        let file = check_alone(incoming.path(), &options, required).await?;
        options.mapping.retain(|column, _| file.has_column(column));
        let options = &options;
        let connection = self.inner.connection.as_ref().ok_or(Error::NotConnected)?;
        // What PingOne knows is awaited meanwhile.
        let counting = background::spawn("counting rows", move || file.count());
        let mut directory = connection.directory().await?;
        self.check_welcome(options, &directory)?;
        let mut population = match options.kind {
            Kind::Delete => None,
            _ => Some(population::resolve(options, &directory, connection)?),
        };
        let id = population.as_ref().and_then(id);
        check(incoming.path(), options, id, Arc::clone(&directory)).await?;
        let total = counting.await.map_err(gone)??;
        // Nothing is changed at PingOne for a job whose input may not last.
        kept.await.map_err(std::io::Error::from)??;
        if let Some(population) = &mut population
            && !options.dry_run
        {
            population::ensure(population, &mut directory, connection).await?;
        }
        let mut record = draft(incoming.name(), options, population, connection);
        record.total = total;
        record.retry_of = retry_of;
        if let Err(error) = self.place(&incoming, &record).await {
            self.discard(&record).await;
            return Err(error);
        }
        self.admit(&record, once, connection, directory).await
    }

    /// Puts the files of a job where they belong.
    async fn place(&self, incoming: &Incoming, record: &JobRecord) -> Result<(), Error> {
        if record.options.generate_passwords && !record.options.dry_run {
            self.make_key(record, record.retry_of)?;
        }
        let (from, to) = (incoming.path().to_owned(), self.inner.store.dir().input(record.id));
        // The job that is stored after this refers to it, and must not outlive it in a power cut.
        Ok(background::spawn("keeping a file", move || disk::adopt(&from, &to))
            .await
            .map_err(std::io::Error::from)??)
    }

    /// A job whose users come from a search.
    async fn create_selected(&self, options: &JobOptions, once: Option<&Once>) -> Result<Created, Error> {
        let connection = self.inner.connection.as_ref().ok_or(Error::NotConnected)?;
        let directory = connection.directory().await?;
        let population = match &options.population {
            Some(_) => Some(population::resolve(options, &directory, connection)?),
            None => None,
        };
        let attributes = columns(&options.attributes, &directory.schema)?;
        let options = &JobOptions { attributes, ..options.clone() };
        Selection::new(options, population.as_ref())?.check(&connection.client).await?;
        let name = selected_name(options, population.as_ref());
        let record = draft(&name, options, population, connection);
        self.admit(&record, once, connection, directory).await
    }

    /// A job that deletes whom `plan` names. A plan is carried out once: asking again gives the same job.
    async fn carry_out(
        &self,
        plan: JobId,
        options: &JobOptions,
        once: Option<&Once>,
    ) -> Result<Created, Error> {
        let _stays = self.inner.holds.need(plan).ok_or(Error::NotFound(plan))?;
        let planned = self.record(plan).await?;
        confirm(&planned, options.confirm.as_deref())?;
        let connection = self.inner.connection.as_ref().ok_or(Error::NotConnected)?;
        check_environment(&planned, connection)?;
        let directory = connection.directory().await?;
        check_population_goes(&planned, options, &directory)?;
        let mut options = options.clone();
        // What was confirmed is the plan; only what happens around it is the caller's to say.
        options.protect.clone_from(&planned.options.protect);
        // Its rows are named as the plan names them, which tells the jobs that name the same users.
        options.match_by = planned.options.named_by();
        let mut record = draft(&planned.file, &options, planned.population.clone(), connection);
        record.total = planned.total;
        self.admit(&record, Some(&Once::plan(plan, once)), connection, directory).await
    }

    /// The key of generated passwords: a retry goes on with that of the job it repeats.
    fn make_key(&self, record: &JobRecord, retry_of: Option<JobId>) -> Result<(), Error> {
        let dir = self.inner.store.dir();
        let earlier = retry_of.map(|earlier| dir.secret(earlier)).filter(|path| path.exists());
        let path = dir.secret(record.id);
        match earlier {
            Some(earlier) => drop(std::fs::copy(earlier, &path)?),
            None => Passwords::create(&path)?,
        }
        Ok(disk::keep(&path)?)
    }
}

/// Refuses, before anybody is deleted, to delete a population that is not there or that PingOne keeps.
fn check_population_goes(
    planned: &JobRecord,
    options: &JobOptions,
    directory: &Directory,
) -> Result<(), Error> {
    if !options.delete_population {
        return Ok(());
    }
    let refuse = |reason: &str| Err(Error::Options(format!("{reason}, or leave out \"delete_population\"")));
    let default = directory.default_population().map(|population| population.id);
    match planned.population.as_ref().and_then(id) {
        None => refuse("the plan is not that of one population; plan with \"population\""),
        Some(id) if default == Some(id) => {
            refuse("PingOne keeps the default population; make another one the default before")
        }
        Some(_) => Ok(()),
    }
}

/// The columns of an export that are asked for, each once, under their own names.
fn columns(asked: &[String], schema: &Schema) -> Result<Vec<String>, Error> {
    let mut columns = Vec::new();
    for name in asked {
        let Some(path) = export::column(name, schema) else {
            let hint = match suggest_attribute(name, schema, |_| false) {
                Some(similar) => format!("; did you mean {similar}?"),
                None => String::new(),
            };
            let message = format!("{name:?} is no attribute of a user in this environment{hint}");
            return Err(Error::Options(message));
        };
        if !columns.contains(&path) {
            columns.push(path);
        }
    }
    Ok(columns)
}

/// What a job is called that has no file.
fn selected_name(options: &JobOptions, population: Option<&PopulationRef>) -> String {
    match (population, &options.filter) {
        (Some(population), Some(filter)) => format!("users of {} with {filter}", population.name),
        (Some(population), None) => format!("users of {}", population.name),
        (None, Some(filter)) => format!("users with {filter}"),
        (None, None) => "all users of the environment".to_owned(),
    }
}

fn draft(
    file: &str,
    options: &JobOptions,
    population: Option<PopulationRef>,
    connection: &Connection,
) -> JobRecord {
    JobRecord {
        number: 0,
        id: JobId::new(),
        status: JobStatus::Queued,
        file: file.to_owned(),
        options: options.clone(),
        population,
        environment: connection.environment.clone(),
        simulator: connection.simulator,
        total: 0,
        counts: Counts::default(),
        dispatched_through: 0,
        elapsed_ms: 0,
        last_seq: 0,
        created_at: Timestamp::now(),
        started_at: None,
        remote_started_at: None,
        welcomed_through: 0,
        welcome_mails: options.writes_to_users().then(WelcomeMails::default),
        finished_at: None,
        error: None,
        retry_of: None,
    }
}

/// A file that is delimited text, made of a workbook or of JSON where it is not, and options that fit it.
async fn understood(
    mut incoming: Incoming,
    options: &JobOptions,
) -> Result<(Incoming, JobOptions, Format), Error> {
    incoming.finish().await?;
    let mut options = options.clone();
    let path = incoming.path().to_owned();
    let format = background::spawn("looking at a file", move || Format::of(&path))
        .await
        .map_err(std::io::Error::from)??;
    if format == Format::Text {
        return Ok((incoming, options, format));
    }
    options.delimiter = Some(',');
    options.encoding = Some("utf-8".to_owned());
    let (from, to) = (incoming.path().to_owned(), incoming.path().with_extension("converted"));
    let converted = to.clone();
    blocking(move || plan::convert(&from, &to, format)).await?;
    tokio::fs::rename(converted, incoming.path()).await?;
    Ok((incoming, options, format))
}

/// Finds what is wrong with a file whatever PingOne says, so that it is told even when PingOne cannot be reached.
async fn check_alone(path: &Path, options: &JobOptions, required: Vec<String>) -> Result<UserFile, Error> {
    let path = path.to_owned();
    let reading = Reading { ignore_unknown_columns: true, required, ..reading(options, None) };
    Ok(blocking(move || UserFile::open(&path, &reading, Arc::default())).await?)
}

/// Checks the header against PingOne's attributes.
async fn check(
    path: &Path,
    options: &JobOptions,
    population: Option<Uuid>,
    directory: Arc<Directory>,
) -> Result<(), Error> {
    let (path, reading) = (path.to_owned(), reading(options, population));
    Ok(blocking(move || UserFile::open(&path, &reading, directory).map(drop)).await?)
}

fn id(population: &PopulationRef) -> Option<Uuid> {
    population.id.as_ref()?.parse().ok()
}

/// Does `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    background::spawn("checking a file", work).await.map_err(gone)?
}

/// The thread is gone that read the file.
fn gone(error: JoinError) -> FileError {
    FileError::Interrupted { line: 0, source: error.into() }
}
