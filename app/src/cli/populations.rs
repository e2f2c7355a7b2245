//! `pingone-import populations`.

use pingone::{NewPopulation, Population, PopulationChange};
use pingone_import::jobs::{Connection, Error};
use pingone_import::plan::suggest_name;
use serde::Serialize;

use super::args::{Output, Populations, Trial};
use super::connect;
use super::exit::{Exit, Failure};
use super::output;

/// A population as it is printed.
#[derive(Serialize)]
struct Shown<'a> {
    /// None of one that would be created.
    id: Option<String>,
    name: &'a str,
    description: Option<&'a str>,
    default: bool,
    user_count: Option<u64>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<&'a str>,
    /// What would be done, in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    would: Option<&'a str>,
}

/// Lists or changes populations.
pub(super) async fn run(command: Populations, output: Output) -> Result<Exit, Failure> {
    match command {
        Populations::List { simulator } => {
            let connected = connect::required(&simulator).await?;
            let populations = connected.connection.populations().await?;
            list(&populations, output);
        }
        Populations::Create { name, description, trial, simulator } => {
            let connected = connect::required(&simulator).await?;
            let population = NewPopulation { description, ..NewPopulation::new(name) };
            create(&connected.connection, &population, trial, output).await?;
        }
        Populations::Rename { population, name, trial, simulator } => {
            let connected = connect::required(&simulator).await?;
            let change = PopulationChange { name: Some(name), ..PopulationChange::default() };
            change_one(&connected.connection, &population, &change, trial, output).await?;
        }
        Populations::SetDefault { population, trial, simulator } => {
            let connected = connect::required(&simulator).await?;
            let change = PopulationChange { default: Some(true), ..PopulationChange::default() };
            change_one(&connected.connection, &population, &change, trial, output).await?;
        }
        Populations::Delete { population, trial, simulator } => {
            let connected = connect::required(&simulator).await?;
            delete(&connected.connection, &population, trial, output).await?;
        }
    }
    Ok(Exit::Done)
}

async fn create(
    connection: &Connection,
    population: &NewPopulation,
    trial: Trial,
    output: Output,
) -> Result<(), Failure> {
    if !trial.dry_run {
        let created = connection.add_population(population).await?;
        let line = format!("Population {:?} was created, with the id {}.", created.name, created.id);
        done(&created, "create", &line, output);
        return Ok(());
    }
    connection.check_population_name(&population.name, None).await?;
    let (name, description) = (population.name.trim(), population.description.as_deref());
    let draft = Shown {
        id: None,
        name,
        description,
        default: false,
        user_count: None,
        done: None,
        would: Some("create"),
    };
    tell(&draft, &format!("Population {name:?} would be created."), output);
    Ok(())
}

async fn change_one(
    connection: &Connection,
    asked: &str,
    change: &PopulationChange,
    trial: Trial,
    output: Output,
) -> Result<(), Failure> {
    let found = find(connection, asked).await?;
    if !trial.dry_run {
        let changed = connection.change_population(found.id, change).await?;
        let (what, line) = match &change.name {
            Some(_) => ("rename", format!("Population {:?} is called {:?} now.", found.name, changed.name)),
            None => ("set_default", format!("Population {:?} is the default now.", changed.name)),
        };
        done(&changed, what, &line, output);
        return Ok(());
    }
    let old = &found.name;
    let (would, line, name) = match &change.name {
        Some(name) => {
            connection.check_population_name(name, Some(found.id)).await?;
            match name.trim() {
                name if name == old => {
                    ("nothing", format!("Population {old:?} has this name already."), name)
                }
                name => ("rename", format!("Population {old:?} would be called {name:?}."), name),
            }
        }
        None if found.default => ("nothing", format!("Population {old:?} is the default already."), &**old),
        None => {
            let before = connection.populations().await?.into_iter().find(|it| it.default);
            let before = before.map(|it| format!(", and {:?} no longer", it.name)).unwrap_or_default();
            let line = format!("Population {old:?} would be the default{before}.");
            ("set_default", line, &**old)
        }
    };
    let default = found.default || change.default == Some(true);
    tell(&Shown { name, default, would: Some(would), ..shown(&found) }, &line, output);
    Ok(())
}

async fn delete(connection: &Connection, asked: &str, trial: Trial, output: Output) -> Result<(), Failure> {
    let found = find(connection, asked).await?;
    if !trial.dry_run {
        connection.delete_population(found.id).await?;
        let line = format!("Population {:?} was deleted; it had no users.", found.name);
        done(&found, "delete", &line, output);
        return Ok(());
    }
    connection.check_population_goes(&found).await?;
    let line = format!("Population {:?} would be deleted; it has no users.", found.name);
    tell(&Shown { would: Some("delete"), ..shown(&found) }, &line, output);
    Ok(())
}

/// Prints what a dry run has found.
fn tell(would_be: &Shown<'_>, line: &str, output: Output) {
    match output.json {
        true => output::json(would_be),
        false => output::say(&format!("{line} Nothing was changed.")),
    }
}

async fn find(connection: &Connection, asked: &str) -> Result<Population, Failure> {
    let populations = connection.populations().await?;
    let is_asked = |population: &Population| population.name == asked || population.id.to_string() == asked;
    if let Some(found) = populations.iter().find(|population| is_asked(population)) {
        return Ok(found.clone());
    }
    let similar = suggest_name(asked, populations.iter().map(|population| population.name.as_str()));
    let similar = similar.map(str::to_owned);
    let (asked, environment) = (asked.to_owned(), connection.environment.clone());
    Err(Error::UnknownPopulation { asked, environment, similar, may_create: false }.into())
}

fn list(populations: &[Population], output: Output) {
    if output.json {
        return output::json(&populations.iter().map(shown).collect::<Vec<_>>());
    }
    for population in populations {
        output::say(&line(population));
    }
}

/// Prints what was done, and for programs the population as it is now, or was.
fn done(population: &Population, done: &str, line: &str, output: Output) {
    match output.json {
        true => output::json(&Shown { done: Some(done), ..shown(population) }),
        false => output::say(line),
    }
}

fn line(population: &Population) -> String {
    let users = population.user_count.map(|users| format!(", {}", output::counted(users, "user", "users")));
    let users = users.unwrap_or_default();
    let default = if population.default { ", default" } else { "" };
    format!("{}  {}{default}{users}", population.id, population.name)
}

fn shown(population: &Population) -> Shown<'_> {
    Shown {
        id: Some(population.id.to_string()),
        name: &population.name,
        description: population.description.as_deref(),
        default: population.default,
        user_count: population.user_count,
        done: None,
        would: None,
    }
}
