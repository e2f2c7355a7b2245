//! Adaptive sessions in virtual time.

mod model;
mod properties;
mod scenarios;
mod vectors;
