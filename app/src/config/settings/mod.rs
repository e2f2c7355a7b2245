//! How the server is set: by flags, the environment and a file, in this order, with every mistake told at once.

mod errors;
mod keys;
mod named;
mod sources;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::{ConnectionError, Variables, connection};
use crate::jobs::PRUNED_AFTER;
use crate::logging::{Format, LogSettings};
pub use errors::{SettingError, SettingErrors};
use keys::{CONNECTION, Key, SERVER};
pub use named::{Connections, NamedError};
use sources::{Merged, Sources};
pub use values::duration;
use values::{days, positive};

/// How `serve` is set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `server.listen`: the address to listen on. Default `127.0.0.1:4000`.
    pub listen: SocketAddr,
    /// `server.public_url`: the address that browsers use, behind a proxy. Default none.
    pub public_url: Option<Url>,
    /// `server.max_connections`: more are turned away with 503. Default: what the system's limit of open files allows.
    pub max_connections: Option<usize>,
    /// `server.stop_within`: a server that was told to stop is gone after this long. Default 10 s.
    pub stop_within: Duration,
    /// `health.interval`: how often the self-test runs. Default 60 s.
    pub health_interval: Duration,
    /// `health.deadline`: how long each of its probes may take. Default 3 s.
    pub health_deadline: Duration,
    /// `store.data_dir`: where jobs are kept. Default: in the platform's data directory.
    pub data_dir: Option<PathBuf>,
    /// `store.prune_after`: after how many days jobs that are over are deleted; 0 is never. Default 90.
    pub prune_after: u32,
    /// `log.filter` and `log.format`.
    pub log: LogSettings,
    /// `pingone.*`: the connection that jobs run against. Default none.
    pub connection: Option<pingone::Config>,
}

/// What was said by flags: the key, and the value as it was typed.
pub type Flags<'a> = &'a [(&'static str, String)];

impl Settings {
    /// Reads everything and checks it.
    ///
    /// # Errors
    /// With every mistake of every source.
    pub fn load(
        file: Option<&Path>,
        variables: &impl Variables,
        flags: Flags<'_>,
    ) -> Result<Self, SettingErrors> {
        let mut errors = SettingErrors::default();
        let sources = Sources::read(file, variables, flags, &mut errors);
        let settings = Self::from_sources(&sources, &mut errors);
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }

    fn from_sources(sources: &Sources<'_, impl Variables>, errors: &mut SettingErrors) -> Self {
        let mut get = Reader { sources, errors };
        let listen = get.value("server.listen", |text| {
            text.parse::<SocketAddr>()
                .map_err(|_| "is no address with a port, such as 127.0.0.1:4000".to_owned())
        });
        let log = LogSettings {
            filter: get.value("log.filter", values::filter).unwrap_or_else(|| LogSettings::default().filter),
            format: get.value("log.format", str::parse::<Format>).unwrap_or_default(),
        };
        Self {
            listen: listen.unwrap_or_else(default_listen),
            public_url: get.value("server.public_url", values::web_address),
            max_connections: get.value("server.max_connections", positive),
            stop_within: get.value("server.stop_within", duration).unwrap_or(Duration::from_secs(10)),
            health_interval: get.value("health.interval", duration).unwrap_or(Duration::from_secs(60)),
            health_deadline: get.value("health.deadline", duration).unwrap_or(Duration::from_secs(3)),
            prune_after: get.value("store.prune_after", days).unwrap_or(PRUNED_AFTER),
            data_dir: get.value("store.data_dir", |text| Ok(PathBuf::from(text))),
            log,
            connection: get.connection(),
        }
    }

    /// The settings as people may see them: without the secret.
    pub fn describe(&self) -> serde_json::Value {
        let connection = self.connection.as_ref().map(|connection| {
            serde_json::json!({
                "api_url": connection.api_url.as_str(),
                "auth_url": connection.auth_url.as_str(),
                "custom_auth_domain": connection.custom_auth_domain,
                "environment_id": connection.environment.to_string(),
                "auth_environment_id": connection.auth_environment.map(|id| id.to_string()),
                "client_id": connection.client_id,
                "client_secret": "…",
            })
        });
        serde_json::json!({
            "server": {
                "listen": self.listen.to_string(),
                "public_url": self.public_url.as_ref().map(Url::as_str),
                "max_connections": self.max_connections,
                "stop_within": self.stop_within.as_secs_f64(),
            },
            "health": {
                "interval": self.health_interval.as_secs_f64(),
                "deadline": self.health_deadline.as_secs_f64(),
            },
            "store": {
                "data_dir": self.data_dir.as_ref().map(|dir| dir.display().to_string()),
                "prune_after": self.prune_after,
            },
            "log": { "filter": self.log.filter, "format": self.log.format.as_str() },
            "pingone": connection,
        })
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 4000))
}

/// Takes values out of the sources and collects what is wrong with them.
struct Reader<'a, 'b, V> {
    sources: &'a Sources<'b, V>,
    errors: &'a mut SettingErrors,
}

impl<V: Variables> Reader<'_, '_, V> {
    fn value<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let found = self.sources.find(key)?;
        match parse(found.value.trim()) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.errors.push(SettingError::Invalid { name: found.name, value: found.value, reason });
                None
            }
        }
    }

    fn connection(&mut self) -> Option<pingone::Config> {
        match connection(&Merged(self.sources)) {
            Ok(connection) => connection,
            Err(ConnectionError::Several(errors)) => {
                errors.into_iter().for_each(|error| self.errors.push(SettingError::Connection(error)));
                None
            }
            Err(error) => {
                self.errors.push(SettingError::Connection(error));
                None
            }
        }
    }
}

/// All keys with their variables, for the documentation and its test.
pub fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    SERVER.iter().chain(&CONNECTION).map(|Key { name, variable }| (*name, *variable))
}

#[cfg(test)]
mod tests;
