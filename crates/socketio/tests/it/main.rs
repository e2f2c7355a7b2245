//! The server, driven through its HTTP service by clients that poll.

mod acks;
mod adaptive;
mod binary;
#[cfg(feature = "client")]
mod bundle;
mod cluster;
mod compression;
mod dynamic;
mod events;
mod failures;
mod joining;
mod observing;
mod recovery;
mod rooms;
mod shutdown;
mod support;
