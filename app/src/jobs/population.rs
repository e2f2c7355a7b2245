//! Which population a job's rows go to when they name none.

use std::sync::Arc;

use super::connection::Connection;
use super::error::Error;
use super::options::JobOptions;
use super::view::PopulationRef;
use crate::plan::Directory;

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
    let hint = match directory.suggest(asked) {
        Some(name) => format!("; did you mean {name:?}?"),
        None => String::new(),
    };
    Err(Error::UnknownPopulation {
        asked: asked.to_owned(),
        environment: connection.environment.clone(),
        hint,
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

pub(super) fn reference(population: &pingone::Population) -> PopulationRef {
    PopulationRef { id: Some(population.id.to_string()), name: population.name.clone() }
}
