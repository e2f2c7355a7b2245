//! The PingOne Import Tool: bulk import of PingOne users with live progress that no network can break.

#![warn(missing_docs)]

pub mod jobs;
pub mod plan;
pub mod store;
