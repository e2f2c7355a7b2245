//! Self-test of every real-time tier, through the real listener or from outside.
//!
//! [`probe`] opens a tier as a client would and carries data both ways.
//! [`Health`] runs the probes at start, on a schedule and on demand; [`examine`](fn@examine) runs them from outside.

mod cause;
mod client;
mod examine;
mod health;
mod probe;
mod report;

pub use cause::{Cause, Failure};
pub use client::{InvalidTarget, Target};
pub use examine::{Examination, examine};
pub use health::{Health, HealthChanges};
pub use probe::{Carried, Probe, Tier};
pub use report::{CauseReport, HealthReport, Status, TierReport, Tiers};
