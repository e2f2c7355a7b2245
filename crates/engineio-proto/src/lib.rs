#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(test, expect(clippy::indexing_slicing, reason = "a test that panics is a test that fails"))]

mod error;
pub use error::{CloseReason, DecodeError, RequestError};

pub mod frame;

mod handshake;
pub use handshake::{Handshake, Offer};

mod message;
pub use message::{Message, Prepared, TextBuilder};

mod packet;
pub use packet::Packet;

pub mod payload;

mod query;
pub use query::{Protocol, Query, Transport};

pub mod session;
pub use session::{
    AdaptiveConfig, Delivery, Event, Sent, Session, SessionConfig, Transmit,
    adaptive::ladder::{Tier, Tiers},
};

mod sid;
pub use sid::{InvalidSid, Sid};

pub mod v3;
