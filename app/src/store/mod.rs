//! Where jobs live: an SQLite file in the data directory.
//!
//! SQL stands in this module only, so that another database can be added beside it.

mod error;

use std::path::Path;

pub use error::StoreError;

/// The store of one data directory, held by one process at a time.
#[derive(Clone, Debug)]
pub struct Store {}

impl Store {
    /// Opens the store in `dir`, creating both when they do not exist.
    ///
    /// # Errors
    /// When another process holds the directory, or the file cannot be opened or migrated.
    pub async fn open(_dir: &Path) -> Result<Self, StoreError> {
        todo!()
    }
}
