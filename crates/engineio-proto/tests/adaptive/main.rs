//! Adaptive sessions in virtual time.

mod large;
mod ledger;
mod model;
mod outcome;
mod polls;
mod properties;
mod reading;
mod scenarios;
mod schedule;
mod transcripts;
mod vectors;

#[path = "../support/vectors.rs"]
mod files;
