//! Reading the ledger.

use std::collections::HashMap;
use std::io;

use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::record::{outcome, outcome_number, signed, unsigned};
use super::{JobRecord, Store, StoreError};
use crate::jobs::{LedgerRow, Outcome};

impl Store {
    /// At most `limit` rows of a job with a number above `after` and, if given, this outcome; in the order of the file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows(
        &self,
        job: &JobRecord,
        wanted: Option<Outcome>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let query = match wanted {
            None => sqlx::query("SELECT * FROM ledger WHERE job = ?1 AND row > ?2 ORDER BY row LIMIT ?3"),
            // The condition of the partial index has to stand in the query for the index to be used.
            Some(Outcome::Skipped | Outcome::Failed) => sqlx::query(
                "SELECT * FROM ledger WHERE job = ?1 AND row > ?2 AND outcome = ?4 AND outcome >= 4
                 ORDER BY row LIMIT ?3",
            ),
            Some(_) => sqlx::query(
                "SELECT * FROM ledger WHERE job = ?1 AND row > ?2 AND outcome = ?4 ORDER BY row LIMIT ?3",
            ),
        };
        let query = query.bind(job.number).bind(signed(after)).bind(limit);
        let query = match wanted {
            Some(wanted) => query.bind(outcome_number(wanted)),
            None => query,
        };
        let rows = query.fetch_all(&self.reader).await?;
        rows.iter().map(ledger_row).collect()
    }

    /// As [`Self::rows`], of the rows whose users were created with a password that the tool made up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows_with_generated_passwords(
        &self,
        job: &JobRecord,
        after: u64,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM ledger WHERE job = ? AND row > ? AND generated ORDER BY row LIMIT ?")
                .bind(job.number)
                .bind(signed(after))
                .bind(limit)
                .fetch_all(&self.reader)
                .await?;
        rows.iter().map(ledger_row).collect()
    }

    /// Calls `each` with the number of every row of a job that has an outcome, in the order of the file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settled_rows(&self, job: &JobRecord, mut each: impl FnMut(u64)) -> Result<(), StoreError> {
        let mut rows = sqlx::query_scalar::<_, i64>("SELECT row FROM ledger WHERE job = ? ORDER BY row")
            .bind(job.number)
            .fetch(&self.reader);
        while let Some(row) = rows.try_next().await? {
            each(unsigned(row));
        }
        Ok(())
    }

    /// Calls `each` with the number of every row above `after` that has created its user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn created_rows(
        &self,
        job: &JobRecord,
        after: u64,
        mut each: impl FnMut(u64),
    ) -> Result<(), StoreError> {
        let query = "SELECT row FROM ledger WHERE job = ? AND row > ? AND outcome = ? ORDER BY row";
        let mut rows = sqlx::query_scalar::<_, i64>(query)
            .bind(job.number)
            .bind(signed(after))
            .bind(outcome_number(Outcome::Created))
            .fetch(&self.reader);
        while let Some(row) = rows.try_next().await? {
            each(unsigned(row));
        }
        Ok(())
    }

    /// Rows of a job without an outcome that were about to be sent, each with the outcome that it then has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn announced(&self, job: &JobRecord) -> Result<HashMap<u64, Outcome>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT row, outcome FROM announced WHERE job = ?1
             AND NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.job = ?1 AND ledger.row = announced.row)",
        )
        .bind(job.number)
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(|(row, number)| Ok((unsigned(row), outcome(number)?))).collect()
    }

    /// Calls `each` with the id of every user that a job's ledger names; gives the number of its last row.
    ///
    /// # Errors
    /// When the database fails, or `each`.
    pub async fn users_of(
        &self,
        job: &JobRecord,
        mut each: impl FnMut(Uuid) -> io::Result<()>,
    ) -> Result<u64, StoreError> {
        let mut rows =
            sqlx::query_as::<_, (i64, Option<String>)>("SELECT row, user_id FROM ledger WHERE job = ?")
                .bind(job.number)
                .fetch(&self.reader);
        let mut last = 0;
        while let Some((row, id)) = rows.try_next().await? {
            last = last.max(unsigned(row));
            if let Some(id) = id.and_then(|id| id.parse().ok()) {
                each(id).map_err(|error| self.unwritable(error))?;
            }
        }
        Ok(last)
    }

    /// Calls `each` with what every row of a job's ledger names its user by.
    ///
    /// # Errors
    /// When the database fails, or `each`.
    pub async fn keys(
        &self,
        job: &JobRecord,
        mut each: impl FnMut(&str) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let mut keys = sqlx::query_scalar::<_, String>("SELECT key FROM ledger WHERE job = ?")
            .bind(job.number)
            .fetch(&self.reader);
        while let Some(key) = keys.try_next().await? {
            each(&key).map_err(|error| self.unwritable(error))?;
        }
        Ok(())
    }

    fn unwritable(&self, source: io::Error) -> StoreError {
        StoreError::Directory { dir: self.dir().database(), source }
    }

    /// How many rows of a job up to `row` have an outcome.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settled_through(&self, job: &JobRecord, row: u64) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger WHERE job = ? AND row <= ?")
            .bind(job.number)
            .bind(signed(row))
            .fetch_one(&self.reader)
            .await?;
        Ok(unsigned(count))
    }

    /// The rows at positions `first` to `last`, in the order in which they got their outcomes.
    pub(super) async fn rows_at(&self, first: i64, last: i64) -> Result<Vec<LedgerRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM ledger WHERE position BETWEEN ? AND ? ORDER BY position")
            .bind(first)
            .bind(last)
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(ledger_row).collect()
    }
}

fn ledger_row(row: &SqliteRow) -> Result<LedgerRow, StoreError> {
    Ok(LedgerRow {
        row: unsigned(row.try_get("row")?),
        line: unsigned(row.try_get("line")?),
        column: row.try_get::<Option<i64>, _>("file_column")?.map(unsigned),
        column_name: row.try_get("column_name")?,
        key: row.try_get("key")?,
        outcome: outcome(row.try_get("outcome")?)?,
        code: row.try_get("code")?,
        message: row.try_get("message")?,
        target: row.try_get("target")?,
        correlation_id: row.try_get("correlation_id")?,
        user_id: row.try_get("user_id")?,
        has_generated_password: row.try_get("generated")?,
    })
}
