//! The calls of the Platform API.

mod api;

pub use api::{Client, Reconciled, UserPages};
