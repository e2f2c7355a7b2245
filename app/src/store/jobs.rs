//! Jobs and idempotency keys.

use jiff::Timestamp;
use sqlx::{Sqlite, Transaction};

use super::record::{signed, welcome_mails_text};
use super::{JobRecord, Store, StoreError};
use crate::jobs::JobId;
use crate::metrics::Timed;

/// What a job is stored under, so that the same request makes one job only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub text: String,
    /// A digest of what was asked for, if that may differ.
    pub request: Option<Vec<u8>>,
}

/// What a key was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// The job.
    pub job: JobId,
    /// The digest of what was asked for, if there was one.
    pub request: Option<Vec<u8>>,
}

impl Store {
    /// Stores a new job under `keys`; when one of them was used before, stores no job, ties the keys before that one to
    /// the earlier job, and gives `false`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_job(&self, record: &JobRecord, keys: &[Key]) -> Result<bool, StoreError> {
        let mut transaction = self.writer.begin().await?;
        for key in keys {
            if !claim_key(&mut transaction, key, record.id).await? {
                yield_keys(&mut transaction, record.id, &key.text).await?;
                transaction.commit().await?;
                return Ok(false);
            }
        }
        insert(&mut transaction, record).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// What `key` was used for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job_of_key(&self, key: &str) -> Result<Option<Keyed>, StoreError> {
        let found: Option<(String, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT job, request FROM idempotency_keys WHERE key = ?")
                .bind(key)
                .fetch_optional(&self.reader)
                .await?;
        let Some((id, request)) = found else { return Ok(None) };
        let job = id.parse().map_err(|_| StoreError::Damaged(format!("job id {id:?}")))?;
        Ok(Some(Keyed { job, request }))
    }

    /// One job.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(&self, id: JobId) -> Result<Option<JobRecord>, StoreError> {
        let row = sqlx::query("SELECT * FROM jobs WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(JobRecord::from_row).transpose()
    }

    /// At most `limit` ids of jobs that begin with `prefix`, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ids_like(&self, prefix: &str, limit: u32) -> Result<Vec<JobId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM jobs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY number LIMIT ?2",
        )
        .bind(prefix)
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        ids.iter().map(|id| id.parse().map_err(|_| StoreError::Damaged(format!("job id {id:?}")))).collect()
    }

    /// At most `limit` jobs, newest first, created before `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs(&self, limit: u32, before: Option<JobId>) -> Result<Vec<JobRecord>, StoreError> {
        let _timed = Timed::store("read");
        let before = before.map(|id| id.to_string());
        let rows = sqlx::query(
            "SELECT * FROM jobs
             WHERE ?1 IS NULL OR number < (SELECT number FROM jobs WHERE id = ?1)
             ORDER BY number DESC LIMIT ?2",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(JobRecord::from_row).collect()
    }

    /// Every job that has not reached its final status, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_jobs(&self) -> Result<Vec<JobRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM jobs WHERE finished_at IS NULL ORDER BY number")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(JobRecord::from_row).collect()
    }
}

impl Store {
    /// Jobs that finished before `before` and that no other job needs: as its plan, or as what it retries. With `id`
    /// that one alone, if it is one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finished_before(
        &self,
        before: Timestamp,
        id: Option<JobId>,
    ) -> Result<Vec<JobRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM jobs WHERE finished_at < ?1 AND (?2 IS NULL OR id = ?2)
               AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.number <> jobs.number
                               AND (other.finished_at IS NULL OR other.finished_at >= ?1)
                               AND (other.retry_of = jobs.id OR other.options ->> 'plan' = jobs.id))
             ORDER BY number",
        )
        .bind(before.as_millisecond())
        .bind(id.map(|id| id.to_string()))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(JobRecord::from_row).collect()
    }

    /// Deletes a job with its ledger, its events and its key; a large one piece by piece, so that nobody waits long.
    ///
    /// # Errors
    /// When the database fails; then some of it may be gone.
    pub async fn delete_job(&self, job: &JobRecord) -> Result<(), StoreError> {
        // Events name places in the ledger, which others may take when they are free.
        sqlx::query("DELETE FROM events WHERE job = ?").bind(job.number).execute(&self.writer).await?;
        let piece =
            "DELETE FROM ledger WHERE position IN (SELECT position FROM ledger WHERE job = ? LIMIT ?)";
        while sqlx::query(piece).bind(job.number).bind(PIECE).execute(&self.writer).await?.rows_affected() > 0
        {
        }
        let mut transaction = self.writer.begin().await?;
        sqlx::query("DELETE FROM announced WHERE job = ?")
            .bind(job.number)
            .execute(&mut *transaction)
            .await?;
        let id = job.id.to_string();
        sqlx::query("DELETE FROM idempotency_keys WHERE job = ?")
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM jobs WHERE number = ?").bind(job.number).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// Ties `key` to `job`, unless it is tied already.
async fn claim_key(
    transaction: &mut Transaction<'_, Sqlite>,
    key: &Key,
    job: JobId,
) -> Result<bool, StoreError> {
    let claimed = sqlx::query(
        "INSERT INTO idempotency_keys (key, job, created_at, request) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&key.text)
    .bind(job.to_string())
    .bind(Timestamp::now().as_millisecond())
    .bind(key.request.as_deref())
    .execute(&mut **transaction)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Ties the keys of `job` to the one that `key` is tied to.
async fn yield_keys(
    transaction: &mut Transaction<'_, Sqlite>,
    job: JobId,
    key: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE idempotency_keys SET job = (SELECT job FROM idempotency_keys WHERE key = ?2) WHERE job = ?1",
    )
    .bind(job.to_string())
    .bind(key)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn insert(transaction: &mut Transaction<'_, Sqlite>, record: &JobRecord) -> Result<(), StoreError> {
    let options =
        serde_json::to_string(&record.options).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let population = record.population.as_ref();
    sqlx::query(
        "INSERT INTO jobs (id, status, file, options, population_id, population_name, environment, simulator,
                           total, dispatched_through, created_at, retry_of, welcome_mails)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(record.id.to_string())
    .bind(record.status.as_str())
    .bind(&record.file)
    .bind(options)
    .bind(population.and_then(|population| population.id.as_deref()))
    .bind(population.map(|population| &population.name))
    .bind(&record.environment)
    .bind(record.simulator)
    .bind(signed(record.total))
    .bind(signed(record.dispatched_through))
    .bind(record.created_at.as_millisecond())
    .bind(record.retry_of.map(|id| id.to_string()))
    .bind(welcome_mails_text(record.welcome_mails.as_ref())?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Rows of a ledger that are deleted at a time.
const PIECE: i64 = 5_000;
