//! Reading the event log.

use std::collections::HashMap;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::record::{signed, timestamp, unsigned};
use super::{JobRecord, Store, StoreError};
use crate::jobs::{ErrorEvent, Event, EventBody, JobWarning, LedgerRow, Rows, WARNINGS};
use crate::metrics::Timed;

/// Events are read in pages of about so many bytes, whatever their number: a reader that begins far back, and there may
/// be many of them, keeps no more in memory.
pub(super) const PAGE_BYTES: usize = 256 * 1024;

impl Store {
    /// At most `limit` events of a job with a number above `after`, in order; fewer when they take more than
    /// 256 KiB, and at least one if there is any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events(&self, job: &JobRecord, after: u64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let _timed = Timed::store("read");
        let rows = sqlx::query("SELECT * FROM events WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?")
            .bind(job.number)
            .bind(signed(after))
            .bind(limit)
            .fetch_all(&self.reader)
            .await?;
        self.materialise(job, &rows).await
    }

    /// As [`Self::events`], without the `row` events.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn headlines(&self, job: &JobRecord, after: u64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM events WHERE job = ? AND seq > ? AND type <> 'row' ORDER BY seq LIMIT ?",
        )
        .bind(job.number)
        .bind(signed(after))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        self.materialise(job, &rows).await
    }

    /// As [`Self::events`], without the `progress` events that a newer one replaces.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events_coalesced(
        &self,
        job: &JobRecord,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM events
             WHERE job = ?1 AND seq > ?2
               AND (type <> 'progress'
                    OR seq = (SELECT max(seq) FROM events WHERE job = ?1 AND seq > ?2 AND type = 'progress'))
             ORDER BY seq LIMIT ?3",
        )
        .bind(job.number)
        .bind(signed(after))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        self.materialise(job, &rows).await
    }

    /// What each of `jobs` was warned of, each once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn warnings(&self, jobs: &[JobRecord]) -> Result<HashMap<i64, Vec<JobWarning>>, StoreError> {
        let mut warnings = HashMap::<i64, Vec<JobWarning>>::new();
        let numbers = jobs.iter().map(|job| job.number);
        let (Some(first), Some(last)) = (numbers.clone().min(), numbers.max()) else { return Ok(warnings) };
        let codes = serde_json::json!(WARNINGS).to_string();
        let rows = sqlx::query(
            "SELECT job, body FROM events
             WHERE type = 'error' AND job BETWEEN ? AND ? AND body ->> 'code' IN (SELECT value FROM json_each(?))
             ORDER BY job, seq",
        )
        .bind(first)
        .bind(last)
        .bind(codes)
        .fetch_all(&self.reader)
        .await?;
        for row in rows {
            let event: ErrorEvent = serde_json::from_str(row.try_get("body")?)
                .map_err(|error| StoreError::Damaged(error.to_string()))?;
            let ErrorEvent { code, message, other_job, .. } = event;
            let known = warnings.entry(row.try_get("job")?).or_default();
            // A job that goes on is warned again, and what was said last is what is true.
            known.retain(|warning| warning.code != code || warning.other_job != other_job);
            known.push(JobWarning { code, message, other_job });
        }
        Ok(warnings)
    }

    async fn materialise(&self, job: &JobRecord, rows: &[SqliteRow]) -> Result<Vec<Event>, StoreError> {
        let (mut events, mut bytes) = (Vec::new(), 0);
        for row in rows {
            if bytes >= PAGE_BYTES {
                break;
            }
            let body: Option<&str> = row.try_get("body")?;
            let body = match body {
                Some(body) => {
                    bytes += body.len();
                    serde_json::from_str(body).map_err(|error| StoreError::Damaged(error.to_string()))?
                }
                None => {
                    let rows =
                        self.rows_at(row.try_get("first_position")?, row.try_get("last_position")?).await?;
                    bytes += rows.iter().map(LedgerRow::weight).sum::<usize>();
                    EventBody::Row(Rows { rows })
                }
            };
            let seq = unsigned(row.try_get("seq")?);
            events.push(Event { job: job.id, seq, at: timestamp(row.try_get("at")?)?, body });
        }
        Ok(events)
    }
}
