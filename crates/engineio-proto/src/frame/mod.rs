//! The framing of WebSocket, [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455), for both sides.

mod close;
pub use close::CloseCode;

mod decoder;
pub mod deflate;
pub use decoder::{Decoder, FrameError, WebSocketEvent};

mod encoder;
pub use encoder::{close_frame, control_frame, masked_frame};
pub(crate) use encoder::{compressed_frame, frame_len, header_len, is_binary, write_header};

mod header;
pub use header::{Header, Opcode};

mod key;
pub use key::{accept_key, is_key};

mod mask;
mod utf8;
