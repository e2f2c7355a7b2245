//! Connections that a file of settings has under names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pingone::Config;
use thiserror::Error;

use super::errors::SettingErrors;
use super::keys::{CONNECTION, by_variable};
use super::sources::{NAMED, in_connection, read_file};
use crate::config::{Variables, connection};

/// The key of a connection that names the variable which holds its secret.
pub(super) const SECRET_VARIABLE: &str = "client_secret_env";

/// The connections of a file of settings, by name.
#[derive(Debug)]
pub struct Connections {
    file: String,
    values: BTreeMap<String, String>,
}

/// A connection of that name cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NamedError {
    /// The file has no such connection.
    #[error("{file} has no connection {name:?}; {known}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The file.
        file: String,
        /// `it has: …`, or how to add one.
        known: String,
    },
    /// Its description is incomplete or makes no sense.
    #[error("connection {name:?} in {file}: {reason}")]
    Wrong {
        /// The name.
        name: String,
        /// The file.
        file: String,
        /// What is wrong, by the keys of the file.
        reason: String,
    },
}

impl Connections {
    /// Reads a file of settings.
    ///
    /// # Errors
    /// With everything that is wrong with the file.
    pub fn read(file: &Path) -> Result<Self, SettingErrors> {
        let mut errors = SettingErrors::default();
        let name = file.display().to_string();
        let values = read_file(file, &name, &mut errors);
        if errors.is_empty() { Ok(Self { file: name, values }) } else { Err(errors) }
    }

    /// The names, sorted.
    pub fn names(&self) -> BTreeSet<&str> {
        self.values.keys().filter_map(|key| in_connection(key)).map(|(name, _)| name).collect()
    }

    /// The connection called `name`; its secret is in a file, or in one of `variables`, which say nothing else of it.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn get(&self, name: &str, variables: &impl Variables) -> Result<Config, NamedError> {
        let names = self.names();
        if !names.contains(name) {
            let known = match names.is_empty() {
                true => format!("add a table [connections.{name}]"),
                false => format!("it has: {}", names.into_iter().collect::<Vec<_>>().join(", ")),
            };
            return Err(NamedError::Unknown { name: name.to_owned(), file: self.file.clone(), known });
        }
        let wrong = |reason| NamedError::Wrong { name: name.to_owned(), file: self.file.clone(), reason };
        let described = Described { connections: self, name, variables };
        if let Some(variable) = described.key(SECRET_VARIABLE)
            && variables.value(variable).is_none()
        {
            return Err(wrong(format!("the variable {variable} is to hold its secret, and is not set")));
        }
        let config = connection(&described).map_err(|error| wrong(by_keys(&error.to_string())))?;
        config.ok_or_else(|| wrong("it says nothing of a connection; name its environment_id".to_owned()))
    }
}

/// One connection under the names of the environment, for code that knows only these.
struct Described<'a, V> {
    connections: &'a Connections,
    name: &'a str,
    variables: &'a V,
}

impl<V> Described<'_, V> {
    fn key(&self, key: &str) -> Option<&str> {
        self.connections.values.get(&format!("{NAMED}{}.{key}", self.name)).map(String::as_str)
    }
}

impl<V: Variables> Variables for Described<'_, V> {
    fn value(&self, variable: &str) -> Option<String> {
        if variable == "PINGONE_CLIENT_SECRET" {
            return self.variables.value(self.key(SECRET_VARIABLE)?);
        }
        let key = by_variable(variable)?.name.strip_prefix("pingone.")?;
        self.key(key).map(str::to_owned).filter(|value| !value.trim().is_empty())
    }
}

/// A message with the keys of the file in the place of variables.
fn by_keys(message: &str) -> String {
    let mut keys: Vec<(&str, &str)> = CONNECTION.iter().map(|key| (key.variable, key.name)).collect();
    keys.push(("PINGONE_CLIENT_SECRET", "pingone.client_secret_file (or client_secret_env)"));
    // A name that begins with another one comes before it.
    keys.sort_by_key(|(variable, _)| std::cmp::Reverse(variable.len()));
    keys.iter().fold(message.to_owned(), |message, (variable, key)| {
        message.replace(variable, key.trim_start_matches("pingone."))
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::Connections;

    const TEXT: &str = "[connections.staging]\nregion = 'EU'\nenvironment_id = '0c0b4b6e-5d4f-4a5c-9d8f-1f2e3d4c5b6a'\n\
                        client_id = 'worker'\nclient_secret_env = 'STAGING_SECRET'\n\
                        [connections.\"Production EU\"]\nregion = 'EU'\nenvironment_id = 'none'\n\
                        client_secret_file = '/nowhere/secret'\n";

    fn file(text: &str) -> (TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    #[test]
    fn a_connection_is_found_by_its_name_and_nothing_else_counts() {
        let (_dir, path) = file(TEXT);
        let connections = Connections::read(&path).unwrap();
        assert_eq!(connections.names().into_iter().collect::<Vec<_>>(), ["Production EU", "staging"]);
        let variables: &[(&str, &str)] =
            &[("STAGING_SECRET", "hunter2"), ("PINGONE_CLIENT_ID", "another"), ("PINGONE_REGION", "NA")];
        let config = connections.get("staging", &variables).unwrap();
        assert_eq!(
            (config.api_url.as_str(), config.client_id.as_str()),
            ("https://api.pingone.eu/v1", "worker")
        );
    }

    #[test]
    fn a_connection_may_have_a_custom_domain_and_a_worker_of_another_environment() {
        const OWNER: &str = "7a3c5e0d-1b2c-4d3e-8f4a-5b6c7d8e9f0a";
        let text = TEXT.replacen(
            "region = 'EU'",
            &format!("region = 'EU'\nauth_domain = 'auth.example.com'\nauth_environment_id = '{OWNER}'"),
            1,
        );
        let (_dir, path) = file(&text);
        let variables: &[(&str, &str)] = &[("STAGING_SECRET", "hunter2")];
        let config = Connections::read(&path).unwrap().get("staging", &variables).unwrap();
        assert!(config.custom_auth_domain && config.auth_url.host_str() == Some("auth.example.com"));
        assert_eq!(config.auth_environment.unwrap().to_string(), OWNER);
    }

    #[test]
    fn what_is_wrong_is_told_by_the_keys_of_the_file() {
        let (_dir, path) = file(TEXT);
        let connections = Connections::read(&path).unwrap();
        let nothing: &[(&str, &str)] = &[("PINGONE_CLIENT_SECRET", "of another environment")];
        let told = |name| connections.get(name, &nothing).unwrap_err().to_string();
        assert!(told("prod").ends_with("has no connection \"prod\"; it has: Production EU, staging"));
        assert!(told("staging").contains("STAGING_SECRET"), "{}", told("staging"));
        let wrong = told("Production EU");
        assert!(
            wrong.contains("environment_id cannot be used") && wrong.contains("client_secret_file"),
            "{wrong}"
        );
        assert!(!wrong.contains("PINGONE_"), "{wrong}");
    }

    #[test]
    fn a_secret_in_the_file_and_an_unknown_key_are_refused() {
        let (_dir, path) = file("[connections.a]\nclient_secret = 'hunter2'\nregoin = 'EU'\n");
        let message = Connections::read(&path).unwrap_err().to_string();
        assert!(message.contains("connections.a.client_secret,") && message.contains("client_secret_file"));
        assert!(message.contains("connections.a.regoin") && message.contains("pingone.region"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}
