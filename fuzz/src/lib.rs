#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod choices;
pub use choices::Choices;

mod input;
pub use input::from_seed;

mod targets;
pub use targets::{ALL, Target};
