//! Test helpers that are shared by the workspace; not published.
#![warn(missing_docs)]

pub mod adaptive;
pub use adaptive::AdaptivePair;

mod network;
pub use network::{Network, WebSockets};

mod pair;
pub use pair::{Pair, Parcel, Peer, Side};

pub mod proxy;

pub mod raw;

mod rng;
pub use rng::Rng;
