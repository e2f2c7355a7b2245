//! Revision 3 of the protocol, which clients of Socket.IO 2 speak, where it differs from revision 4.
//!
//! A payload gives the length of each of its packets, a binary packet names its type in its first byte, base64 names
//! it after the `b`, and the client is the one who sends PING.
//!
//! <https://github.com/socketio/engine.io-protocol/tree/v3>

mod packet;
mod payload;

pub use packet::{decode, encode};
pub use payload::{Packets, decode_payload, encode_payload, is_binary};

#[cfg(test)]
mod tests;
