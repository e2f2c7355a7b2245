//! Jobs and idempotency keys.

use jiff::Timestamp;
use sqlx::{Sqlite, Transaction};

use super::record::signed;
use super::{JobRecord, Store, StoreError};
use crate::jobs::JobId;

impl Store {
    /// Stores a new job; when `key` was used before, stores nothing and gives the earlier job's id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_job(&self, record: &JobRecord, key: Option<&str>) -> Result<JobId, StoreError> {
        let mut transaction = self.writer.begin().await?;
        if let Some(key) = key {
            let earlier = claim_key(&mut transaction, key, record.id).await?;
            if let Some(earlier) = earlier {
                return Ok(earlier);
            }
        }
        insert(&mut transaction, record).await?;
        transaction.commit().await?;
        Ok(record.id)
    }

    /// The job that `key` was used for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job_of_key(&self, key: &str) -> Result<Option<JobId>, StoreError> {
        let id: Option<String> = sqlx::query_scalar("SELECT job FROM idempotency_keys WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.reader)
            .await?;
        id.map(|id| id.parse().map_err(|_| StoreError::Damaged(format!("job id {id:?}")))).transpose()
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

    /// At most `limit` jobs, newest first, created before `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs(&self, limit: u32, before: Option<JobId>) -> Result<Vec<JobRecord>, StoreError> {
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

/// Ties `key` to `job`, or gives the job that it is tied to.
async fn claim_key(
    transaction: &mut Transaction<'_, Sqlite>,
    key: &str,
    job: JobId,
) -> Result<Option<JobId>, StoreError> {
    let claimed = sqlx::query("INSERT INTO idempotency_keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(key)
        .bind(job.to_string())
        .bind(Timestamp::now().as_millisecond())
        .execute(&mut **transaction)
        .await?;
    if claimed.rows_affected() == 1 {
        return Ok(None);
    }
    let id: String = sqlx::query_scalar("SELECT job FROM idempotency_keys WHERE key = ?")
        .bind(key)
        .fetch_one(&mut **transaction)
        .await?;
    id.parse().map(Some).map_err(|_| StoreError::Damaged(format!("job id {id:?}")))
}

async fn insert(transaction: &mut Transaction<'_, Sqlite>, record: &JobRecord) -> Result<(), StoreError> {
    let options =
        serde_json::to_string(&record.options).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let population = record.population.as_ref();
    sqlx::query(
        "INSERT INTO jobs (id, status, file, options, population_id, population_name, environment, simulator,
                           total, dispatched_through, created_at, retry_of)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
