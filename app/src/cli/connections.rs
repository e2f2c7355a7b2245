//! `pingone-import connections`.

use pingone_import::jobs::Connection;
use serde::Serialize;

use super::args::{Connections, Named, Output};
use super::connect;
use super::exit::{Exit, Failure};
use super::output;

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

/// Shows or tests the connection.
pub(super) async fn run(command: Connections, output: Output) -> Result<Exit, Failure> {
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
