//! Views of a job's event log: Socket.IO, the plain WebSocket, server-sent events and the cursor.
//!
//! The only module that knows the names of events on the wire.
//! A subscriber is a position in the log, so what it costs does not depend on how slow it is.

mod cursor;
mod direct;
mod encoded;
mod feed;
mod outbox;
mod reader;
mod refusal;
mod rooms;
mod server;
mod socketio;
mod sse;
mod subscriptions;

pub use cursor::{MAX_WAIT, Page, page};
pub use direct::{MAX_MESSAGE, open_direct, serve as serve_direct};
pub use encoded::Encoded;
pub use feed::{Feed, Feeds};
pub use reader::Reader;
pub use refusal::Refusal;
pub use server::Realtime;
pub use socketio::PATH;
pub use sse::respond;
pub(crate) use sse::{farewell, over};
