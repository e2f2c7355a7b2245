//! The server through real sockets, with peers that send exactly what the tests say.

mod adaptive;
mod bad_input;
mod delivered;
mod options;
mod revision3;
mod server;
mod support;
