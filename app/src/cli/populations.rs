//! `pingone-import populations` and `pingone-import connections`.

use pingone::{NewPopulation, Population, PopulationChange};
use pingone_import::jobs::{Connection, Error};
use pingone_import::plan::suggest_name;
use serde::Serialize;

use super::args::{Connections, Named, Output, Populations};
use super::connect;
use super::exit::{Exit, Failure};
use super::output;

/// A population as it is printed.
#[derive(Serialize)]
struct Shown<'a> {
    id: String,
    name: &'a str,
    description: Option<&'a str>,
    default: bool,
    user_count: Option<u64>,
}

/// A connection as it is printed.
#[derive(Serialize)]
struct ShownConnection<'a> {
    /// Its name in the file of settings; null for the one that the environment describes.
    name: Option<&'a str>,
    environment: &'a str,
    region: Option<&'a str>,
    api_host: &'a str,
    simulator: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    works: Option<bool>,
}

/// Lists or changes populations.
pub(super) async fn run(command: Populations, output: Output) -> Result<Exit, Failure> {
    match command {
        Populations::List { simulator } => {
            let connected = connect::required(&simulator).await?;
            let populations = connected.connection.populations().await?;
            list(&populations, output);
        }
        Populations::Create { name, description, simulator } => {
            let connected = connect::required(&simulator).await?;
            let population = NewPopulation { description, ..NewPopulation::new(name) };
            show(&connected.connection.add_population(&population).await?, output);
        }
        Populations::Rename { population, name, simulator } => {
            let connected = connect::required(&simulator).await?;
            let change = PopulationChange { name: Some(name), ..PopulationChange::default() };
            change_one(&connected.connection, &population, &change, output).await?;
        }
        Populations::SetDefault { population, simulator } => {
            let connected = connect::required(&simulator).await?;
            let change = PopulationChange { default: Some(true), ..PopulationChange::default() };
            change_one(&connected.connection, &population, &change, output).await?;
        }
        Populations::Delete { population, simulator } => {
            let connected = connect::required(&simulator).await?;
            let found = find(&connected.connection, &population).await?;
            connected.connection.delete_population(found.id).await?;
            show(&found, output);
        }
    }
    Ok(Exit::Done)
}

/// Shows or tests the connection.
pub(super) async fn connections(command: Connections, output: Output) -> Result<Exit, Failure> {
    match command {
        Connections::List { named } => {
            let unnamed = Named { connection: None, ..named.clone() };
            let (connected, with_names) = (connect::configured(&unnamed)?, connect::with_names(&named)?);
            let first = connected.iter().map(|it| shown_connection(&it.connection, None));
            let others = with_names.iter().map(|(name, it)| ShownConnection {
                name: Some(name),
                ..shown_connection(&it.connection, None)
            });
            let is_wanted = |it: &ShownConnection<'_>| {
                named.connection.is_none() || it.name == named.connection.as_deref()
            };
            let shown: Vec<_> = first.chain(others).filter(is_wanted).collect();
            if output.json {
                output::json(&shown);
            } else if shown.is_empty() {
                output::say("No connection is configured.");
            }
            for it in shown.iter().filter(|_| !output.json) {
                output::say(&connection_line(it));
            }
        }
        Connections::Test { simulator } => {
            let connected = connect::required(&simulator).await?;
            connected.connection.directory().await?;
            let name = simulator.named.connection.as_deref();
            let shown = ShownConnection { name, ..shown_connection(&connected.connection, Some(true)) };
            match output.json {
                true => output::json(&shown),
                false => output::say(&format!("{}: works", connection_line(&shown))),
            }
        }
    }
    Ok(Exit::Done)
}

async fn change_one(
    connection: &Connection,
    asked: &str,
    change: &PopulationChange,
    output: Output,
) -> Result<(), Failure> {
    let found = find(connection, asked).await?;
    show(&connection.change_population(found.id, change).await?, output);
    Ok(())
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

fn show(population: &Population, output: Output) {
    if output.json { output::json(&shown(population)) } else { output::say(&line(population)) }
}

fn line(population: &Population) -> String {
    let users = population.user_count.map(|users| format!(", {users} users")).unwrap_or_default();
    let default = if population.default { ", default" } else { "" };
    format!("{}  {}{default}{users}", population.id, population.name)
}

fn shown(population: &Population) -> Shown<'_> {
    Shown {
        id: population.id.to_string(),
        name: &population.name,
        description: population.description.as_deref(),
        default: population.default,
        user_count: population.user_count,
    }
}

fn shown_connection(connection: &Connection, works: Option<bool>) -> ShownConnection<'_> {
    ShownConnection {
        name: None,
        environment: &connection.environment,
        region: connection.region.as_deref(),
        api_host: &connection.api_host,
        simulator: connection.simulator,
        works,
    }
}

fn connection_line(connection: &ShownConnection<'_>) -> String {
    let name = connection.name.map(|name| format!("{name}: ")).unwrap_or_default();
    format!("{name}environment {} at {}", connection.environment, connection.api_host)
}
