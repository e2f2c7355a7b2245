//! Jobs run against a simulated PingOne with real HTTP.

mod control;
mod create;
mod events;
mod faults;
mod retry;
mod world;
