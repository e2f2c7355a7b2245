#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(test, expect(clippy::indexing_slicing, reason = "a test that panics is a test that fails"))]

mod args;
pub use args::Args;

mod binary;

mod decoder;
pub use decoder::{Decoder, Limits};

mod encoder;
pub use encoder::{Encoded, Encoder};

mod error;
pub use error::{DecodeError, EncodeError};

pub mod msgpack;

mod offset;
pub use offset::{Offset, Offsets};

mod packet;
pub use packet::{Content, Packet, PacketType, is_reserved};

mod parse;

mod parser;
pub use parser::Parser;

mod raw;

mod spread;

mod value;
pub use value::Value;
