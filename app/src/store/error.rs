//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// The store failed. Nothing that was told before is lost.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the data directory.
    #[error(
        "the data directory {dir} is in use by another process ({holder}); \
         stop that process, or use another directory with --data-dir"
    )]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// What the lock file says about the holder.
        holder: String,
    },
    /// The data directory cannot be used.
    #[error(
        "the data directory {dir} cannot be used: {source}; check that it exists and that you may write to it"
    )]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The database refused a statement.
    #[error("the store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database has a schema that this version cannot use.
    #[error("the store cannot be brought to this version's layout: {0}; was it written by a newer version?")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Something in the store is not as it was written.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}
