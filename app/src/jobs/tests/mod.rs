//! Jobs run against a simulated PingOne with real HTTP.

mod assumptions;
mod backup;
mod beforehand;
mod control;
mod create;
mod durability;
mod events;
mod faults;
mod faults_of_kinds;
mod kinds;
mod once;
mod partly;
mod prune;
mod retry;
mod round_trip;
mod stopping;
mod welcome;
mod world;
