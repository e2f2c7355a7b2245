//! Test helpers that are shared by the workspace; not published.
#![warn(missing_docs)]

mod network;
pub use network::{Network, WebSockets};

mod pair;
pub use pair::{Pair, Parcel, Peer, Side};

pub mod proxy;

pub mod raw;
