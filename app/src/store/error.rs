//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::disk::is_full;
use crate::program;

/// The store failed. Nothing that was told before is lost.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the data directory.
    #[error("the data directory {dir} is in use by another process ({holder}){}", way_out(server.as_deref()))]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// What the lock file says about the holder.
        holder: String,
        /// The address of the server that it is, if it is one.
        server: Option<String>,
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
    Database(sqlx::Error),
    /// The database has a schema that this version cannot use.
    #[error("the store cannot be brought to this version's layout: {0}; was it written by a newer version?")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The file is no database, or a damaged one.
    #[error(
        "the database {path} is damaged: {source}; restore a copy of it, or move it away to begin anew \
         (the jobs in it are then forgotten, and what they did in PingOne stays)"
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: sqlx::Error,
    },
    /// Something in the store is not as it was written.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

impl StoreError {
    /// Whether there is no room on the disk.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Directory { source, .. } | Self::Database(sqlx::Error::Io(source)) => is_full(source),
            Self::Database(error) => code(error).is_some_and(|code| code & 0xFF == FULL),
            _ => false,
        }
    }

    /// What failed when the database at `path` was opened.
    pub(super) fn opening(error: sqlx::Error, path: PathBuf) -> Self {
        match is_damage(&error) {
            true => Self::Broken { path, source: error },
            false => Self::Database(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match is_damage(&error) {
            true => Self::Damaged(format!(
                "{error}; stop, restore a copy of the data directory, and look at it with {} migrate",
                program::name()
            )),
            false => Self::Database(error),
        }
    }
}

/// What to do while another process has the data directory.
fn way_out(server: Option<&str>) -> String {
    match server {
        Some(address) => format!(
            ", the server at {address}: work with its page, to which \"{} login-link\" prints a link, or stop it; or use \
             another directory with --data-dir",
            program::name()
        ),
        None => "; wait until it is done, or stop it with Ctrl-C, which pauses its job; or use another directory with \
                 --data-dir"
            .to_owned(),
    }
}

/// Whether the file itself is to blame.
fn is_damage(error: &sqlx::Error) -> bool {
    code(error).is_some_and(tells_of_damage)
}

/// What SQLite calls an error.
fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// `SQLITE_FULL`.
const FULL: u32 = 13;

/// `SQLITE_CORRUPT` and `SQLITE_NOTADB`; the upper bytes of a code say more about the same.
fn tells_of_damage(code: u32) -> bool {
    matches!(code & 0xFF, 11 | 26)
}

#[cfg(test)]
mod tests {
    use super::tells_of_damage;

    #[test]
    fn damage_is_known_in_all_of_its_forms() {
        for code in [11, 26, 267, 523, 779] {
            assert!(tells_of_damage(code), "{code}");
        }
        // Full, read-only, busy, and an error of input and output.
        for code in [13, 8, 5, 10, 266, 1] {
            assert!(!tells_of_damage(code), "{code}");
        }
    }
}
