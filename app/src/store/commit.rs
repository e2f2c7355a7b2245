//! The one way a job changes after it was created.

use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::record::{outcome_number, signed, welcome_mails_text};
use super::{JobRecord, Store, StoreError};
use crate::jobs::{EventBody, LedgerRow, Outcome};
use crate::metrics::Timed;

/// What is written together: rows, then events, then the job's own state.
#[derive(Clone, Copy, Debug, Default)]
pub struct Commit<'a> {
    /// Rows that got their outcome; they are told in `row` events of at most 250 rows and about 64 KiB.
    pub rows: &'a [LedgerRow],
    /// Other events, told after the rows. A `row` event here is a mistake and is not stored.
    pub events: &'a [EventBody],
    /// Rows that are about to be sent, each with the outcome that it has if that arrives.
    pub announced: &'a [(u64, Outcome)],
    /// Rows that are not sent after all, though they may be announced.
    pub withdrawn: &'a [u64],
}

/// How many rows one `row` event tells of at most; a page of events stays small.
const ROWS_PER_EVENT: usize = 250;

/// How many bytes of rows one `row` event tells of at most, unless a single row has more.
const BYTES_PER_EVENT: usize = 64 * 1024;

impl Store {
    /// Writes `commit` and the state of `record` in one transaction, and numbers the new events.
    ///
    /// When this fails nothing was written, and `record.last_seq` is as before.
    ///
    /// # Errors
    /// When the database fails, or a row of the job already has an outcome.
    pub async fn commit(&self, record: &mut JobRecord, commit: Commit<'_>) -> Result<(), StoreError> {
        let _timed = Timed::store("commit");
        let now = Timestamp::now().as_millisecond();
        let mut seq = record.last_seq;
        let mut transaction = self.writer.begin().await?;
        for rows in portions(commit.rows) {
            let last = insert_rows(&mut transaction, record.number, rows).await?;
            let first = last + 1 - signed(rows.len() as u64);
            seq += 1;
            insert_row_event(&mut transaction, record.number, seq, now, (first, last)).await?;
        }
        for event in commit.events.iter().filter(|event| !matches!(event, EventBody::Row(_))) {
            seq += 1;
            insert_event(&mut transaction, record.number, seq, now, event).await?;
        }
        insert_announced(&mut transaction, record.number, commit.announced).await?;
        delete_announced(&mut transaction, record.number, commit.withdrawn).await?;
        update(&mut transaction, record, seq).await?;
        transaction.commit().await?;
        record.last_seq = seq;
        Ok(())
    }
}

/// Rows in portions that one event can tell of.
fn portions(mut rows: &[LedgerRow]) -> impl Iterator<Item = &[LedgerRow]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |row: &&LedgerRow| {
            bytes += row.weight();
            bytes <= BYTES_PER_EVENT
        };
        let count = rows.iter().take(ROWS_PER_EVENT).take_while(fits).count().max(1).min(rows.len());
        let (portion, rest) = rows.split_at(count);
        rows = rest;
        (!portion.is_empty()).then_some(portion)
    })
}

/// Inserts `rows`, which are not empty, and gives the position of the last; positions of a transaction are adjacent.
async fn insert_rows(
    transaction: &mut Transaction<'_, Sqlite>,
    job: i64,
    rows: &[LedgerRow],
) -> Result<i64, StoreError> {
    let mut last = 0;
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO ledger (job, row, line, key, outcome, code, message, target, correlation_id, user_id, \
             generated, file_column, column_name) ",
        );
        query.push_values(chunk, |mut values, row| {
            values
                .push_bind(job)
                .push_bind(signed(row.row))
                .push_bind(signed(row.line))
                .push_bind(&row.key)
                .push_bind(outcome_number(row.outcome))
                .push_bind(row.code.as_deref())
                .push_bind(row.message.as_deref())
                .push_bind(row.target.as_deref())
                .push_bind(row.correlation_id.as_deref())
                .push_bind(row.user_id.as_deref())
                .push_bind(row.has_generated_password)
                .push_bind(row.column.map(signed))
                .push_bind(row.column_name.as_deref());
        });
        // Only the full statement recurs often enough to stay prepared.
        let recurs = chunk.len() == ROWS_PER_INSERT;
        last = query.build().persistent(recurs).execute(&mut **transaction).await?.last_insert_rowid();
    }
    Ok(last)
}

async fn insert_row_event(
    transaction: &mut Transaction<'_, Sqlite>,
    job: i64,
    seq: u64,
    at: i64,
    (first, last): (i64, i64),
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO events (job, seq, type, at, first_position, last_position) VALUES (?, ?, 'row', ?, ?, ?)")
        .bind(job)
        .bind(signed(seq))
        .bind(at)
        .bind(first)
        .bind(last)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn insert_event(
    transaction: &mut Transaction<'_, Sqlite>,
    job: i64,
    seq: u64,
    at: i64,
    event: &EventBody,
) -> Result<(), StoreError> {
    let body = serde_json::to_string(event).map_err(|error| StoreError::Damaged(error.to_string()))?;
    sqlx::query("INSERT INTO events (job, seq, type, at, body) VALUES (?, ?, ?, ?, ?)")
        .bind(job)
        .bind(signed(seq))
        .bind(event.name())
        .bind(at)
        .bind(body)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn insert_announced(
    transaction: &mut Transaction<'_, Sqlite>,
    job: i64,
    announced: &[(u64, Outcome)],
) -> Result<(), StoreError> {
    for (row, outcome) in announced {
        sqlx::query(
            "INSERT INTO announced VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET outcome = excluded.outcome",
        )
        .bind(job)
        .bind(signed(*row))
        .bind(outcome_number(*outcome))
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn delete_announced(
    transaction: &mut Transaction<'_, Sqlite>,
    job: i64,
    withdrawn: &[u64],
) -> Result<(), StoreError> {
    for row in withdrawn {
        sqlx::query("DELETE FROM announced WHERE job = ? AND row = ?")
            .bind(job)
            .bind(signed(*row))
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn update(
    transaction: &mut Transaction<'_, Sqlite>,
    record: &JobRecord,
    seq: u64,
) -> Result<(), StoreError> {
    let counts = &record.counts;
    let population = record.population.as_ref();
    sqlx::query(
        "UPDATE jobs SET status = ?, total = ?, created = ?, updated = ?, unchanged = ?, deleted = ?, skipped = ?,
                failed = ?, dispatched_through = ?, welcomed_through = ?, welcome_mails = ?, elapsed_ms = ?,
                last_seq = ?, started_at = ?, remote_started_at = ?, finished_at = ?, error_code = ?,
                error_message = ?, population_id = ?, population_name = ?, environment = ?
         WHERE number = ?",
    )
    .bind(record.status.as_str())
    .bind(signed(record.total))
    .bind(signed(counts.created))
    .bind(signed(counts.updated))
    .bind(signed(counts.unchanged))
    .bind(signed(counts.deleted))
    .bind(signed(counts.skipped))
    .bind(signed(counts.failed))
    .bind(signed(record.dispatched_through))
    .bind(signed(record.welcomed_through))
    .bind(welcome_mails_text(record.welcome_mails.as_ref())?)
    .bind(signed(record.elapsed_ms))
    .bind(signed(seq))
    .bind(record.started_at.map(Timestamp::as_millisecond))
    .bind(record.remote_started_at.map(Timestamp::as_millisecond))
    .bind(record.finished_at.map(Timestamp::as_millisecond))
    .bind(record.error.as_ref().map(|error| &error.code))
    .bind(record.error.as_ref().map(|error| &error.message))
    .bind(population.and_then(|population| population.id.as_deref()))
    .bind(population.map(|population| &population.name))
    .bind(&record.environment)
    .bind(record.number)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

const ROWS_PER_INSERT: usize = 50;
