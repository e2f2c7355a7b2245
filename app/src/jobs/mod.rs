//! Jobs: created from a file, executed row by row, watched through their event log.

mod bits;
mod connection;
mod control;
mod create;
mod dispatch;
mod error;
mod event;
mod feed;
mod incoming;
mod options;
mod population;
mod rate;
mod recorder;
mod rejects;
mod run;
mod service;
mod settle;
mod view;
mod watchdog;

pub use connection::Connection;
pub use create::Created;
pub use error::{Error, Fault};
pub use event::{Completion, ErrorEvent, Event, EventBody, LedgerRow, Progress, Rows};
pub use incoming::Incoming;
pub use options::JobOptions;
pub use service::{Jobs, RowPage, RowQuery};
pub use view::{Counts, JobId, JobStatus, JobTrouble, JobView, Kind, Mode, Outcome, PopulationRef};

#[cfg(test)]
mod tests;
