//! A small raw client that shows what happens on the wire: one connection, one request, one WebSocket at a time.

mod answer;
mod deadline;
mod dial;
mod http;
mod notes;
mod target;
mod tls;
mod websocket;

pub(super) use answer::Answer;
pub(super) use deadline::Deadline;
pub(super) use dial::raw;
pub(super) use http::Http;
pub(super) use notes::Notes;
pub use target::{InvalidTarget, Target};
pub(super) use tls::{Certificate, Secured, old_version_accepted, secure};
pub(super) use websocket::WebSocket;
