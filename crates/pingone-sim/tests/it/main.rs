//! The simulator as any HTTP client sees it.

mod assumptions;
mod bodies;
mod faults;
mod groups;
mod peer;
mod program;
mod reading;
mod tls;
mod writing;
