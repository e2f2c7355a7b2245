//! The client against our own server, in one process and through real sockets.

mod adaptive;
mod faults;
mod message_pack;
mod namespaces;
mod reconnection;
mod support;
mod tls;
mod transports;
