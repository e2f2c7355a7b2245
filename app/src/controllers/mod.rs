//! One file for each thing that a request can ask for, by domain and verb.

pub(crate) mod attributes;
pub(crate) mod connection;
pub(crate) mod docs;
mod extract;
pub(crate) mod health;
pub(crate) mod jobs;
pub(crate) mod mappings;
pub(crate) mod metrics;
pub(crate) mod populations;
pub(crate) mod preview;
pub(crate) mod protected;
pub(crate) mod session;
pub(crate) mod socket;
mod upload;
