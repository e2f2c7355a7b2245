//! Faults on purpose: a seeded share of all requests, and those that a test asks for.

mod gate;
mod kind;
mod plan;
mod share;

pub use gate::Gate;
pub use kind::FaultKind;
pub use plan::{Fault, RequestInfo, RetryAfter};

pub(crate) use plan::Plan;
pub(crate) use share::Share;
