//! The server, driven through its HTTP service by clients that poll.

mod acks;
mod binary;
mod events;
mod failures;
mod joining;
mod recovery;
mod rooms;
mod support;
