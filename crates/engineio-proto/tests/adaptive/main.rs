//! Adaptive sessions in virtual time.

mod model;
mod scenarios;
