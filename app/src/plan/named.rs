//! The populations that a file names and the environment does not have.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::file::{Reading, UserFile};
use super::header::Target;
use super::{Directory, FileError};

/// The names in the population columns of the file at `path` that no population of `directory` has; when there are more
/// than `most`, only some of them, one more than that.
///
/// # Errors
/// When the file cannot be read.
pub fn unknown_populations(
    path: &Path,
    reading: &Reading,
    directory: Arc<Directory>,
    most: usize,
) -> Result<BTreeSet<String>, FileError> {
    let known = Arc::clone(&directory);
    let mut file = UserFile::open_leniently(path, reading, directory)?;
    let targets = file.header().targets.iter().enumerate();
    let named = targets.filter(|(_, target)| matches!(target, Target::Population | Target::PopulationName));
    let columns: Vec<usize> = named.map(|(index, _)| index).collect();
    let mut names = BTreeSet::new();
    if columns.is_empty() {
        return Ok(names);
    }
    while names.len() <= most && file.advance()? {
        let is_whole = file.last().record.fault.is_none();
        for index in columns.iter().filter(|_| is_whole) {
            let name = file.text(*index);
            // An id that is not known is a mistake and no name.
            if !name.is_empty()
                && Uuid::try_parse(name).is_err()
                && known.find(name).is_none()
                && !names.contains(name)
            {
                names.insert(name.to_owned());
            }
        }
    }
    Ok(names)
}
