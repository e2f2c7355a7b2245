//! From arguments and environment to a store and a connection.

use std::path::PathBuf;

use pingone::Config;
use pingone_import::config::{self, Connections, ProcessEnvironment, Settings, Variables as _};
use pingone_import::jobs::{self, Connection};
use pingone_import::notify::Notifier;
use pingone_sim::Options;

use super::args::{Named, Simulator, Store};
use super::exit::Failure;

/// A connection, and the embedded PingOne behind it if it is one.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) connection: Connection,
    /// Stops when it is dropped.
    _simulator: Option<pingone_sim::Simulator>,
}

impl Store {
    /// The directory that was named, by flag or variable, or the platform's.
    pub(super) fn dir(&self) -> Result<PathBuf, Failure> {
        let named = || ProcessEnvironment.value("PINGONE_IMPORT_DATA_DIR").map(PathBuf::from);
        match self.data_dir.clone().or_else(named) {
            Some(dir) => Ok(dir),
            None => Ok(config::data_dir(&ProcessEnvironment)?),
        }
    }
}

/// Whom the environment says to tell of the end of a job.
pub(super) fn notifier() -> Result<Notifier, Failure> {
    Ok(pingone_import::notify::from_variables(&ProcessEnvironment)?)
}

/// The connection that was named, or the one that the environment and the file of settings describe, if they do.
pub(super) fn configured(named: &Named) -> Result<Option<Connected>, Failure> {
    let config = match (&named.connection, named.file()) {
        (Some(name), Some(file)) => Some(Connections::read(&file)?.get(name, &ProcessEnvironment)?),
        (Some(name), None) => return Err(Failure::NoSettings { name: name.clone() }),
        (None, Some(file)) => Settings::load(Some(&file), &ProcessEnvironment, &[])?.connection,
        (None, None) => config::connection(&ProcessEnvironment)?,
    };
    config.map(to).transpose()
}

/// The connections of the file of settings, if there is one: each by its name.
pub(super) fn with_names(named: &Named) -> Result<Vec<(String, Connected)>, Failure> {
    let Some(file) = named.file() else { return Ok(Vec::new()) };
    let connections = Connections::read(&file)?;
    let one = |name: &str| Ok((name.to_owned(), to(connections.get(name, &ProcessEnvironment)?)?));
    connections.names().into_iter().map(one).collect()
}

/// A connection by `config`.
pub(super) fn to(config: Config) -> Result<Connected, Failure> {
    Ok(Connected { connection: connection(config, false)?, _simulator: None })
}

/// A connection to an embedded PingOne, which is started.
pub(super) async fn to_simulator() -> Result<Connected, Failure> {
    start(Options::default()).await
}

/// A connection to an embedded PingOne that behaves as `options` say.
pub(super) async fn start(options: Options) -> Result<Connected, Failure> {
    let simulator = pingone_sim::Simulator::start(options).await.map_err(Failure::Simulator)?;
    let config = simulator_config(&simulator)?;
    Ok(Connected { connection: connection(config, true)?, _simulator: Some(simulator) })
}

/// The one that was asked for; that none is configured is an error.
pub(super) async fn required(asked: &Simulator) -> Result<Connected, Failure> {
    of(asked.simulator, &asked.named).await
}

/// The embedded PingOne or a configured one.
pub(super) async fn of(simulator: bool, named: &Named) -> Result<Connected, Failure> {
    if simulator {
        return to_simulator().await;
    }
    configured(named)?.ok_or_else(|| jobs::Error::NotConnected.into())
}

fn connection(config: Config, simulator: bool) -> Result<Connection, Failure> {
    let misconfigured = |error: pingone::ConfigError| jobs::Error::Misconfigured(error.to_string());
    Ok(Connection::new(config, simulator).map_err(misconfigured)?)
}

fn simulator_config(simulator: &pingone_sim::Simulator) -> Result<Config, Failure> {
    let url = |text: &str| {
        text.parse().map_err(|error| Failure::Simulator(std::io::Error::other(format!("{text}: {error}"))))
    };
    let (api, auth) = (url(&simulator.api_url)?, url(&simulator.auth_url)?);
    let (id, secret) = (simulator.client_id.clone(), simulator.client_secret.clone());
    let mut config = Config::new(api, auth, simulator.environment, id, secret);
    config.rate_ceiling = f64::INFINITY;
    Ok(config)
}
