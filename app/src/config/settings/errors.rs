//! Everything that is wrong with the settings.

use std::fmt;

use thiserror::Error;

use crate::config::ConnectionError;

/// One mistake.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The file cannot be read.
    #[error("{file} cannot be read: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{file} is no TOML: {reason}")]
    Syntax {
        /// The file.
        file: String,
        /// Where and why.
        reason: String,
    },
    /// The file sets something that does not exist.
    #[error("{file} sets {name}, which does not exist{}", nearest.map(|it| format!("; did you mean {it}?")).unwrap_or_default())]
    Unknown {
        /// The file.
        file: String,
        /// The name.
        name: String,
        /// A name that exists and resembles it.
        nearest: Option<&'static str>,
    },
    /// The file holds the secret.
    #[error(
        "{file} holds {name}, and files of settings are copied and shared; \
         put the secret alone into a file and name that with {name}_file"
    )]
    Secret {
        /// The file.
        file: String,
        /// The key.
        name: String,
    },
    /// A value cannot be used.
    #[error("{name}: {value:?} {reason}")]
    Invalid {
        /// Who set it: a flag, a variable, or a key of the file.
        name: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The connection to PingOne is described wrongly.
    #[error(transparent)]
    Connection(ConnectionError),
}

/// Every mistake of every source.
#[derive(Debug, Default)]
pub struct SettingErrors(Vec<SettingError>);

impl SettingErrors {
    pub(super) fn push(&mut self, error: SettingError) {
        self.0.push(error);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mistakes.
    pub fn iter(&self) -> impl Iterator<Item = &SettingError> {
        self.0.iter()
    }
}

impl fmt::Display for SettingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "{one}"),
            several => {
                write!(f, "{} settings are wrong:", several.len())?;
                several.iter().try_for_each(|error| write!(f, "\n  - {error}"))
            }
        }
    }
}

impl std::error::Error for SettingErrors {}
