//! Jobs: created from a file or a search, executed row by row, watched through their event log.

mod admit;
mod bits;
mod connection;
mod control;
mod create;
mod deletion;
mod dispatch;
mod error;
mod event;
mod export;
mod feed;
mod holds;
mod ignored;
mod incoming;
mod lookup;
mod mails;
mod mappings;
mod once;
mod options;
mod outputs;
mod overlap;
mod own;
mod passwords;
mod planned;
mod population;
mod protect;
mod prune;
mod rate;
mod recorder;
mod rehearse;
mod rejects;
mod run;
mod selection;
mod service;
mod settle;
mod template;
mod update;
mod view;
mod watchdog;
mod welcome;
mod withdraw;

pub use connection::Connection;
pub use create::Created;
pub use error::{Error, Fault};
pub use event::{Completion, ErrorEvent, Event, EventBody, LedgerRow, Progress, Rows};
pub use incoming::Incoming;
pub use mails::WelcomeMails;
pub use options::{Format, JobOptions};
pub use outputs::{GeneratedPasswords, Output};
pub use prune::PRUNED_AFTER;
pub use service::{Jobs, RowPage, RowQuery};
pub use view::{
    Counts, JobDetails, JobId, JobStatus, JobTrouble, JobView, JobWarning, Kind, Mode, Outcome, PopulationRef,
};

pub(crate) use event::WARNINGS;
pub use protect::protected_names;

#[cfg(test)]
mod tests;
