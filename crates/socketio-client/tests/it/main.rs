//! The client against our own server, in one process and through real sockets.

mod adaptive;
mod cookies;
mod faults;
mod message_pack;
mod namespaces;
mod observing;
mod reconnection;
mod retries;
mod support;
mod tls;
mod transports;
