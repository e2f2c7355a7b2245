//! How fast requests may go: a controller that is a pure state machine, and the limiter that obeys it.

mod controller;
mod lanes;
mod limiter;
mod throttling;
mod window;

pub(crate) use controller::Outcome;
pub(crate) use lanes::Lane;
pub(crate) use limiter::{Limiter, Permit};
