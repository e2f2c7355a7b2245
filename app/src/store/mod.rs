//! Where jobs live: an SQLite file in the data directory.
//!
//! SQL stands in this module only, so that another database can be added beside it.
//!
//! A [`Commit`] is the unit of writing: ledger rows, the events that tell of them and the job's counters
//! reach the disk together or not at all, and nobody is told before.

mod commit;
mod directory;
pub(crate) mod disk;
mod error;
mod events;
mod jobs;
mod ledger;
mod open;
mod record;

pub use commit::Commit;
pub use directory::DataDir;
pub use error::StoreError;
pub use jobs::{Key, Keyed};
pub use open::Store;
pub use record::JobRecord;

#[cfg(test)]
mod tests;
