#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod options;
mod simulator;

pub use options::Options;
pub use simulator::Simulator;
