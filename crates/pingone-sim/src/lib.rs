#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod assumptions;
mod collection;
mod context;
mod environment;
mod errors;
mod exchange;
mod faults;
mod filter;
mod groups;
mod ids;
mod json;
mod limiter;
mod memberships;
mod options;
mod populations;
mod reply;
mod router;
mod schema;
mod server;
mod simulator;
mod state;
mod stats;
mod store;
mod time;
mod tls;
mod token;
mod users;

pub use assumptions::{Assumptions, CursorKind, PasswordPolicy, RateWindow, RetryAfterForm};
pub use exchange::Exchange;
pub use faults::{Fault, FaultKind, Gate, RequestInfo, RetryAfter};
pub use filter::accepts_filter;
pub use options::{Options, TokenAuthMethod};
pub use schema::{CustomAttribute, CustomType};
pub use simulator::Simulator;
pub use state::Access;
pub use stats::Stats;
