//! The server, called through its router and through real sockets, each test with a store of its own.

mod api;
mod auth;
mod doctor;
mod events;
mod health;
mod kinds;
mod logout;
mod operations;
mod pages;
mod panics;
mod process;
mod realtime;
mod stopping;
mod support;
