//! Opening the database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Pool, Sqlite};

use super::{DataDir, StoreError};

/// The store of one data directory, written by one process at a time.
///
/// Cloning gives another handle to the same store.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) reader: Pool<Sqlite>,
    /// One connection, so that there is one writer and its statements stay prepared.
    pub(super) writer: Pool<Sqlite>,
    dir: Arc<DataDir>,
}

impl Store {
    /// Opens the store in `dir`, creating both when they do not exist.
    ///
    /// # Errors
    /// When another process holds the directory, or the file cannot be opened or migrated.
    pub async fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::connect(DataDir::hold(dir)?).await
    }

    /// Opens the store for reading, even while another process writes to it.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open_for_reading(dir: &Path) -> Result<Self, StoreError> {
        Self::connect(DataDir::look(dir)?).await
    }

    /// The directory it is in.
    pub fn dir(&self) -> &DataDir {
        &self.dir
    }

    /// Ends all connections, so that the file is whole without its journal.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Sets a pragma of the one connection that writes, to make the disk fail.
    #[cfg(test)]
    pub(crate) async fn pragma(&self, pragma: &'static str) {
        sqlx::query(pragma).execute(&self.writer).await.unwrap();
    }

    /// The journal mode and the synchronous level of the connection that writes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn durability(&self) -> Result<(String, i64), StoreError> {
        let journal = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&self.writer).await?;
        let synchronous = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&self.writer).await?;
        Ok((journal, synchronous))
    }

    /// Looks through the whole database for damage.
    ///
    /// # Errors
    /// When there is some, with what is wrong.
    pub async fn check(&self) -> Result<(), StoreError> {
        let found: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check(10)").fetch_all(&self.reader).await?;
        match found.as_slice() {
            [fine] if fine == "ok" => Ok(()),
            problems => Err(StoreError::Damaged(problems.join("; "))),
        }
    }

    async fn connect(dir: DataDir) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(dir.database())
            .create_if_missing(dir.is_held())
            .journal_mode(SqliteJournalMode::Wal)
            // A commit is on the disk before anybody hears of it: an outcome survives a power cut, not only a kill.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await;
        let writer = writer.map_err(|error| StoreError::opening(error, dir.database()))?;
        if dir.is_held() {
            MIGRATIONS.run(&writer).await.map_err(|error| match error {
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                    StoreError::opening(error, dir.database())
                }
                error => error.into(),
            })?;
            let jobs = sqlx::query_scalar("SELECT id FROM jobs").fetch_all(&writer).await;
            let jobs: Vec<String> = jobs.map_err(|error| StoreError::opening(error, dir.database()))?;
            let jobs = jobs.iter().filter_map(|id| id.parse().ok()).collect();
            dir.clear_orphans(&jobs)
                .map_err(|source| StoreError::Directory { dir: dir.database(), source })?;
        }
        let reader =
            SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options.read_only(true));
        Ok(Self { reader, writer, dir: Arc::new(dir) })
    }
}

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// How long a statement waits for another process that reads or checkpoints.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const READERS: u32 = 4;
