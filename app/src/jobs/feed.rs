//! The rows of a job's input, planned on a thread of their own.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::bits::Bits;
use super::dispatch::Stop;
use super::event::LedgerRow;
use crate::background;
use crate::plan::{Directory, FileError, PlannedRow, Reading, UserFile};

/// What is read, and which of its rows are done already.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) input: PathBuf,
    pub(super) reading: Reading,
    pub(super) directory: Arc<Directory>,
    /// Rows that have an outcome; they are planned once more, for the sake of repeated users, and left out.
    pub(super) settled: Bits,
    /// How many rows there are.
    pub(super) rows: u64,
}

/// Some rows, or why there are no more.
pub(super) type Batch = Result<Vec<Item>, Stop>;

/// One row on its way to the dispatcher.
#[derive(Debug)]
pub(super) enum Item {
    /// A row of a file.
    Planned(PlannedRow),
    /// A row whose outcome is known.
    Settled(LedgerRow),
    /// A user that a plan names.
    Delete { row: u64, line: u64, key: String, id: Uuid },
}

impl Item {
    pub(super) fn row(&self) -> u64 {
        match self {
            Self::Planned(planned) => planned.row,
            Self::Settled(settled) => settled.row,
            Self::Delete { row, .. } => *row,
        }
    }
}

impl Feed {
    /// Starts to read; the channel ends with the file, or when its receiver is dropped.
    pub(super) fn start(self) -> mpsc::Receiver<Batch> {
        let (sender, receiver) = mpsc::channel(BATCHES);
        background::spawn("reading the file of a job", move || {
            if let Err(error) = self.read(&sender) {
                // The receiver may be gone because the job was paused.
                let _ = sender.blocking_send(Err(Stop::Input(error)));
            }
        });
        receiver
    }

    fn read(&self, sender: &mpsc::Sender<Batch>) -> Result<(), FileError> {
        let mut file = UserFile::open(&self.input, &self.reading, Arc::clone(&self.directory))?;
        file.expect_rows(self.rows);
        let mut batch = Vec::with_capacity(ROWS);
        while let Some(planned) = file.next_row()? {
            if self.settled.contains(planned.row) {
                // Nothing is sent here, which is what else tells that nobody wants any more.
                if sender.is_closed() {
                    return Ok(());
                }
                continue;
            }
            batch.push(Item::Planned(planned));
            if batch.len() == ROWS
                && sender.blocking_send(Ok(std::mem::replace(&mut batch, Vec::with_capacity(ROWS)))).is_err()
            {
                return Ok(());
            }
        }
        let _ = sender.blocking_send(Ok(batch));
        Ok(())
    }
}

pub(super) const BATCHES: usize = 4;
const ROWS: usize = 128;
