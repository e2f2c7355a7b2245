//! Mappings of columns that are saved under a name.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::error::Error;
use super::service::Jobs;

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
                let known = self.mappings()?.join(", ");
                Err(Error::Options(format!("no mapping is saved as {name:?}; there are: {known}")))
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

    /// Deletes a saved mapping; one that is not there is none already.
    ///
    /// # Errors
    /// When the name is unusable, or the disk fails.
    pub fn delete_mapping(&self, name: &str) -> Result<(), Error> {
        match std::fs::remove_file(self.mapping_path(name)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
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
