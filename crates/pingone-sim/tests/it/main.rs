//! The simulator as any HTTP client sees it.

mod bodies;
mod faults;
mod groups;
mod peer;
mod reading;
mod tls;
mod writing;
