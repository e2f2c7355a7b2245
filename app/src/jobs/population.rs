//! Which population a job's rows go to when they name none.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use uuid::Uuid;

use super::connection::Connection;
use super::create::blocking;
use super::error::Error;
use super::options::JobOptions;
use super::run::reading;
use super::service::Jobs;
use super::view::{Kind, PopulationRef};
use crate::plan::{self, Directory, Reading};
use crate::store::JobRecord;

/// The population that `options` ask for, or else the environment's default; never a guess.
///
/// # Errors
/// When there is no such population and it is not to be created, or no default.
pub(super) fn resolve(
    options: &JobOptions,
    directory: &Directory,
    connection: &Connection,
) -> Result<PopulationRef, Error> {
    let Some(asked) = options.population.as_deref().map(str::trim).filter(|asked| !asked.is_empty()) else {
        let default = directory.default_population();
        return default
            .map(reference)
            .ok_or_else(|| Error::NoPopulation { environment: connection.environment.clone() });
    };
    if let Some(found) = directory.population(asked) {
        return Ok(reference(found));
    }
    if options.create_population {
        return Ok(PopulationRef { id: None, name: asked.to_owned() });
    }
    Err(Error::UnknownPopulation {
        asked: asked.to_owned(),
        environment: connection.environment.clone(),
        similar: directory.suggest(asked).map(str::to_owned),
        may_create: matches!(options.kind, Kind::Import | Kind::Modify),
    })
}

/// Creates the population of a job when it does not exist yet, and makes it known to `directory`.
///
/// # Errors
/// When PingOne refuses.
pub(super) async fn ensure(
    population: &mut PopulationRef,
    directory: &mut Arc<Directory>,
    connection: &Connection,
) -> Result<(), Error> {
    if population.id.is_none() {
        let created = connection.create_population(&population.name).await?;
        *population = reference(&created);
        Arc::make_mut(directory).add(created);
    }
    Ok(())
}

impl Jobs {
    /// Creates the populations that rows name and that do not exist, if the job is to; a dry run only pretends.
    pub(super) async fn name_populations(
        &self,
        record: &JobRecord,
        directory: &mut Arc<Directory>,
        connection: &Connection,
    ) -> Result<(), Error> {
        if !record.options.create_population {
            return Ok(());
        }
        let path = self.inner.store.dir().input(record.id);
        for name in unknown(path, &record.options, directory).await? {
            let population = match record.options.dry_run {
                true => pretended(name),
                false => connection.create_population(&name).await?,
            };
            Arc::make_mut(directory).add(population);
        }
        Ok(())
    }
}

/// Makes known to `directory` the populations that the rows of the file at `path` name and that a job would create.
///
/// # Errors
/// When the file cannot be read, or names too many.
pub(super) async fn pretend(
    path: PathBuf,
    options: &JobOptions,
    directory: &mut Arc<Directory>,
) -> Result<(), Error> {
    for name in unknown(path, options, directory).await? {
        Arc::make_mut(directory).add(pretended(name));
    }
    Ok(())
}

/// The populations that rows name and that do not exist.
async fn unknown(
    path: PathBuf,
    options: &JobOptions,
    known: &Arc<Directory>,
) -> Result<BTreeSet<String>, Error> {
    // A preview looks at files that name no users, too.
    let reading = Reading { may_name_nobody: true, ..reading(options, None) };
    let known = Arc::clone(known);
    let names = blocking(move || plan::unknown_populations(&path, &reading, known, MOST_POPULATIONS)).await?;
    if names.len() > MOST_POPULATIONS {
        let message = format!(
            "the file names more than {MOST_POPULATIONS} populations that do not exist; is the column right?"
        );
        return Err(Error::Options(message));
    }
    Ok(names)
}

fn pretended(name: String) -> pingone::Population {
    pingone::Population { id: Uuid::new_v4(), name, description: None, default: false, user_count: None }
}

/// PingOne holds ten thousand; a file that would make so many new ones has them in the wrong column.
const MOST_POPULATIONS: usize = 1_000;

pub(super) fn reference(population: &pingone::Population) -> PopulationRef {
    PopulationRef { id: Some(population.id.to_string()), name: population.name.clone() }
}
