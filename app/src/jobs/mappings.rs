//! Mappings of columns that are saved under a name.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::error::Error;
use super::options::JobOptions;
use super::service::Jobs;
use crate::plan::same_column;

/// Names of columns and paths of attributes.
pub(super) type Mapping = BTreeMap<String, String>;

impl Jobs {
    /// The names of the saved mappings, sorted.
    ///
    /// # Errors
    /// When the data directory cannot be read.
    pub fn mappings(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.inner.store.dir().mappings())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            names.extend(name.strip_suffix(".json").map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The mapping that was saved as `name`.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn mapping(&self, name: &str) -> Result<Mapping, Error> {
        match std::fs::read(self.mapping_path(name)?) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                Error::Options(format!("the mapping {name:?} is damaged: {error}; save it anew"))
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let known = self.mappings()?;
                let known = if known.is_empty() {
                    "none is saved yet".to_owned()
                } else {
                    format!("there are: {}", known.join(", "))
                };
                Err(Error::NoMapping { name: name.to_owned(), known })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Saves `mapping` as `name`; one of that name is replaced.
    ///
    /// # Errors
    /// When the name is unusable, or the disk fails.
    pub fn save_mapping(&self, name: &str, mapping: &Mapping) -> Result<(), Error> {
        let path = self.mapping_path(name)?;
        let text = serde_json::to_vec_pretty(mapping).unwrap_or_default();
        // Whoever reads meanwhile finds the old one or the new one.
        let partial = path.with_extension("partial");
        std::fs::write(&partial, text)?;
        Ok(std::fs::rename(partial, path)?)
    }

    /// Whether a mapping can be saved as `name`.
    ///
    /// # Errors
    /// When the name is unusable.
    pub fn check_mapping_name(&self, name: &str) -> Result<(), Error> {
        self.mapping_path(name).map(drop)
    }

    /// Deletes a saved mapping.
    ///
    /// # Errors
    /// When there is none, the name is unusable, or the disk fails.
    pub fn delete_mapping(&self, name: &str) -> Result<(), Error> {
        // Whoever mistypes a name learns which there are.
        self.mapping(name).map(drop).or_else(|error| match error {
            Error::NoMapping { .. } => Err(error),
            _ => Ok(()),
        })?;
        Ok(std::fs::remove_file(self.mapping_path(name)?)?)
    }

    /// Brings the saved mapping that `options` name together with what they say themselves.
    ///
    /// # Errors
    /// When no such mapping is saved.
    pub fn with_saved_mapping(&self, options: &JobOptions) -> Result<JobOptions, Error> {
        let mut options = options.clone();
        if let Some(name) = options.saved_mapping.take() {
            let own = std::mem::replace(&mut options.mapping, self.mapping(&name)?);
            // One column may be written in several ways; the saved way must not come back beside the new one.
            options.mapping.retain(|known, _| !own.keys().any(|column| same_column(column, known)));
            options.mapping.extend(own);
        }
        Ok(options)
    }

    fn mapping_path(&self, name: &str) -> Result<PathBuf, Error> {
        let is_plain = |c: char| c.is_alphanumeric() || "-_ ".contains(c);
        match (1..=64).contains(&name.chars().count()) && name.chars().all(is_plain) {
            true => Ok(self.inner.store.dir().mappings().join(format!("{name}.json"))),
            false => Err(Error::Options(format!(
                "{name:?} cannot name a mapping; use 1 to 64 letters, digits, blanks, - and _"
            ))),
        }
    }
}
