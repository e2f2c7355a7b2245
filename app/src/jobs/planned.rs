//! The rows of a delete: those of the dry run that planned it.

use tokio::sync::mpsc;
use tracing::Instrument as _;
use uuid::Uuid;

use super::bits::Bits;
use super::dispatch::Stop;
use super::event::LedgerRow;
use super::feed::{BATCHES, Batch, Item};
use super::view::Outcome;
use crate::store::{JobRecord, Store, StoreError};

/// Reads a plan's ledger.
#[derive(Debug)]
pub(super) struct PlannedFeed {
    pub(super) store: Store,
    pub(super) plan: JobRecord,
    /// Rows that have an outcome already.
    pub(super) settled: Bits,
}

impl PlannedFeed {
    /// Starts to read; the channel ends with the plan, or when its receiver is dropped.
    pub(super) fn start(self) -> mpsc::Receiver<Batch> {
        let (sender, receiver) = mpsc::channel(BATCHES);
        let reading = async move {
            let mut after = 0;
            loop {
                let page = self.store.rows(&self.plan, None, after, ROWS).await;
                let batch = match page {
                    Ok(page) if page.is_empty() => return,
                    Ok(page) => {
                        after = page.last().map_or(after, |row| row.row);
                        let left = page.into_iter().filter(|row| !self.settled.contains(row.row));
                        Ok(left.map(item).collect())
                    }
                    Err(error) => {
                        tracing::error!(%error, "a plan cannot be read");
                        Err(Stop::Unrecorded)
                    }
                };
                let is_last = batch.is_err();
                if sender.send(batch).await.is_err() || is_last {
                    return;
                }
            }
        };
        tokio::spawn(reading.in_current_span());
        receiver
    }
}

/// Some of the users that a plan deletes, those of rows after `after`, with their rows; none at the end.
///
/// # Errors
/// When the store fails.
pub(super) async fn doomed(
    store: &Store,
    plan: &JobRecord,
    after: u64,
) -> Result<Vec<(u64, Uuid)>, StoreError> {
    let page = store.rows(plan, Some(Outcome::Deleted), after, ROWS).await?;
    Ok(page.iter().filter_map(|row| Some((row.row, row.user_id.as_ref()?.parse().ok()?))).collect())
}

fn item(row: LedgerRow) -> Item {
    let id = row.user_id.as_ref().and_then(|id| id.parse().ok());
    match (row.outcome, id) {
        (Outcome::Deleted, Some(id)) => Item::Delete { row: row.row, line: row.line, key: row.key, id },
        _ => Item::Settled(row),
    }
}

const ROWS: u32 = 500;
