//! The ladder in virtual time: decisions as tables, networks as simulations, and both as vectors for other languages.

mod network;
mod one_connection;
mod outages;
mod simulations;
mod tables;
mod trace;
mod vectors;
mod waits;

#[path = "../support/vectors.rs"]
mod files;
