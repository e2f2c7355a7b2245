//! The rows of a job's input, planned on a thread of their own.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::bits::Bits;
use super::dispatch::Stop;
use super::event::{ErrorEvent, LedgerRow};
use super::recorder::Entry;
use crate::background;
use crate::plan::{Directory, FileError, PlannedRow, Planner, Reading, Rows, Suspicion, UserFile};

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
    /// Whether rows that are right are only counted: nothing has to be asked to plan them, and nothing is sent.
    pub(super) counts_only: bool,
    /// Who is told what is odd about the file as a whole; it is not held up by a file that cannot be read.
    pub(super) recorder: mpsc::WeakSender<Entry>,
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
    /// So many rows up to this one that are right, where these are only counted.
    Right { row: u64, rows: u64 },
    /// A user that a plan names.
    Delete { row: u64, line: u64, key: String, id: Uuid },
}

impl Item {
    pub(super) fn row(&self) -> u64 {
        match self {
            Self::Planned(planned) => planned.row,
            Self::Settled(settled) => settled.row,
            Self::Delete { row, .. } | Self::Right { row, .. } => *row,
        }
    }
}

impl Feed {
    /// Starts to read; the channel ends with the file, or when its receiver is dropped.
    pub(super) fn start(self) -> mpsc::Receiver<Batch> {
        let (sender, receiver) = mpsc::channel(BATCHES);
        background::spawn("reading the file of a job", move || {
            if let Err(error) = self.plan(&sender) {
                // The receiver may be gone because the job was paused.
                let _ = sender.blocking_send(Err(Stop::Input(error)));
            }
        });
        receiver
    }

    /// Plans rows while the next ones are read on another thread.
    fn plan(&self, sender: &mpsc::Sender<Batch>) -> Result<(), FileError> {
        let mut file = UserFile::open(&self.input, &self.reading, Arc::clone(&self.directory))?;
        file.expect_rows(self.rows);
        let planner = file.planner();
        let (full, filled) = sync_channel(READ_AHEAD);
        let (used, spare) = channel();
        background::spawn("reading the file of a job", move || read(file, &full, &spare));
        self.plan_rows(&planner, &filled, &used, sender)
    }

    /// Plans what a reader sends, and gives it back to be filled again.
    fn plan_rows(
        &self,
        planner: &Planner,
        filled: &Receiver<Read>,
        used: &Sender<Rows>,
        sender: &mpsc::Sender<Batch>,
    ) -> Result<(), FileError> {
        loop {
            let rows = match filled.recv() {
                Ok(Read::Rows(rows)) => rows,
                Ok(Read::End { suspicions }) => {
                    self.warn(suspicions);
                    break;
                }
                Ok(Read::Failed(error)) => return Err(error),
                // What is left must not be taken for done.
                Err(_) => {
                    return Err(FileError::Interrupted { line: 0, source: ErrorKind::Interrupted.into() });
                }
            };
            let batch = self.batch(planner, &rows);
            // The reader may be at the end of the file.
            let _ = used.send(rows);
            // Where nothing is sent, nothing else tells that nobody wants any more.
            let is_wanted =
                if batch.is_empty() { !sender.is_closed() } else { sender.blocking_send(Ok(batch)).is_ok() };
            if !is_wanted {
                break;
            }
        }
        Ok(())
    }

    fn warn(&self, suspicions: Vec<Suspicion>) {
        // A recorder that is gone has failed, and needs no warning.
        let Some(recorder) = self.recorder.upgrade() else { return };
        for Suspicion { code, message } in suspicions {
            drop(recorder.blocking_send(Entry::Warn(ErrorEvent::warning(code, message))));
        }
    }

    fn batch(&self, planner: &Planner, rows: &Rows) -> Vec<Item> {
        let mut batch = Vec::new();
        let (mut last, mut right) = (0, 0);
        for row in rows.iter().filter(|row| !self.settled.contains(row.number())) {
            if !self.counts_only {
                batch.push(Item::Planned(planner.plan(row)));
            } else if let Some(planned) = planner.rehearse(row) {
                batch.push(Item::Planned(planned));
            } else {
                (last, right) = (row.number(), right + 1);
            }
        }
        if right > 0 {
            batch.push(Item::Right { row: last, rows: right });
        }
        batch
    }
}

/// What a reader tells whoever plans.
enum Read {
    Rows(Rows),
    /// There are no more, and this is to be said of them all.
    End {
        suspicions: Vec<Suspicion>,
    },
    Failed(FileError),
}

/// Reads rows into those that were planned, until nobody wants any more.
fn read(mut file: UserFile, full: &SyncSender<Read>, spare: &Receiver<Rows>) {
    loop {
        let mut rows = spare.try_recv().unwrap_or_default();
        let (read, is_last) = match file.read_rows(&mut rows, ROWS) {
            Ok(true) => (Read::Rows(rows), false),
            Ok(false) => (Read::End { suspicions: file.suspicions() }, true),
            Err(error) => (Read::Failed(error), true),
        };
        // Whoever plans may be gone because the job was paused.
        if full.send(read).is_err() || is_last {
            return;
        }
    }
}

pub(super) const BATCHES: usize = 4;
const READ_AHEAD: usize = 2;
const ROWS: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a file of which a reader tells the first row, and then this.
    fn planned_before(last: Option<Read>) -> (usize, Result<(), FileError>) {
        let input = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(input.path(), "username\nada\nbob\n").unwrap();
        let (reading, directory) = (Reading::default(), Arc::new(Directory::default()));
        let mut file = UserFile::open(input.path(), &reading, Arc::clone(&directory)).unwrap();
        let (planner, mut rows) = (file.planner(), Rows::default());
        file.read_rows(&mut rows, 1).unwrap();
        let feed = Feed {
            input: input.path().to_owned(),
            reading,
            directory,
            settled: Bits::default(),
            rows: 2,
            counts_only: false,
            recorder: mpsc::channel(1).0.downgrade(),
        };
        let (full, filled) = sync_channel(2);
        full.send(Read::Rows(rows)).unwrap();
        last.into_iter().for_each(|last| full.send(last).unwrap());
        drop(full);
        let (sender, mut receiver) = mpsc::channel(BATCHES);
        let ended = feed.plan_rows(&planner, &filled, &channel().0, &sender);
        let batch = receiver.try_recv().unwrap().unwrap();
        assert!(receiver.try_recv().is_err(), "one batch");
        (batch.len(), ended)
    }

    #[test]
    fn a_reader_that_stops_in_the_middle_is_not_the_end_of_the_file() {
        assert!(matches!(planned_before(Some(Read::End { suspicions: Vec::new() })), (1, Ok(()))));
        let stopped = planned_before(None);
        assert!(matches!(stopped, (1, Err(FileError::Interrupted { .. }))), "{stopped:?}");
    }
}
