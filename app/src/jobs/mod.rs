//! Jobs: created from a file, executed row by row, watched through their event log.

mod error;
mod event;
mod incoming;
mod options;
mod service;
mod view;

pub use error::{Error, Fault};
pub use event::{Completion, ErrorEvent, Event, EventBody, LedgerRow, Progress, Rows};
pub use incoming::Incoming;
pub use options::JobOptions;
pub use service::{Connection, Created, Jobs, RowPage, RowQuery};
pub use view::{Counts, JobId, JobStatus, JobTrouble, JobView, Kind, Mode, Outcome, PopulationRef};
