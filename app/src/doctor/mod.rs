//! Self-test of every real-time tier, through the real listener or from outside.
//!
//! [`probe`] opens a tier as a client would and carries data both ways.
//! [`Health`] runs the probes at start, on a schedule and on demand; [`examine`](fn@examine) runs them from outside and
//! looks at the way to the server ([`check`]), and [`advice`] says what to change.

mod advice;
mod cause;
mod check;
mod client;
mod examine;
mod failure;
mod health;
mod login;
mod probe;
mod report;
mod table;

pub use advice::{Advice, Setting};
pub use cause::Cause;
pub use check::{Check, CheckState, Fingerprints, Product};
pub use client::{InvalidTarget, Target};
pub use examine::{Examination, Verdict, examine};
pub use failure::Failure;
pub use health::{Health, HealthChange, HealthChanges, HealthHistory, HealthRun};
pub use probe::{Carried, Carrier, Probe, Probed, Tier};
pub use report::{CarrierReport, CauseReport, HealthReport, PublicReport, Status, TierReport, Tiers};
