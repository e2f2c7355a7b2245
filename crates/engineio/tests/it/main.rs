//! The server through real sockets, with peers that send exactly what the tests say.

mod options;
mod server;
mod support;
