//! Servers for other people's clients and test suites.
//!
//! Each listens on 127.0.0.1; the first line on stdout is `listening on http://…`, so port 0 can be asked for.

mod bench;
mod client;
mod engine;
mod numbers;
mod oracle;
mod proxies;
mod pulse;
mod server;
mod socket;
mod watch;
mod ws_echo;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Servers for other people's clients and test suites")]
struct Cli {
    #[command(subcommand)]
    server: Server,
}

#[derive(Debug, Subcommand)]
enum Server {
    /// Socket.IO under load: a room of all sockets, echo with acknowledgement, broadcast
    Bench(bench::Options),
    /// Socket.IO, as the JavaScript client's own tests want it, with connection state recovery
    Client(client::Options),
    /// Engine.IO echo, as the official Engine.IO suite wants it
    Engine(engine::Options),
    /// A real proxy in front of a server, for the suites beside this program
    Proxy(proxies::StandingOptions),
    /// No server: runs our own client and server with real proxies between them
    Proxies(proxies::Options),
    /// Socket.IO: a number for each socket every few milliseconds
    Pulse(pulse::Options),
    /// No server: runs our own client against the reference server of npm
    RustClient(oracle::Options),
    /// Socket.IO, as the official Socket.IO suite wants it, with further events for the suites beside this program
    Socket(socket::Options),
    /// No server: our own client, which says what it sees and when
    Watch(watch::Options),
    /// WebSocket echo on the same frame codec, for the Autobahn cases
    WsEcho(ws_echo::Options),
}

fn main() -> Result<()> {
    // Silent unless RUST_LOG asks for more, as stdout belongs to the line with the address.
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().server {
        Server::Bench(options) => bench::run(&options),
        Server::Client(options) => client::run(&options),
        Server::Engine(options) => engine::run(&options),
        Server::Proxy(options) => proxies::stand(&options),
        Server::Proxies(options) => proxies::run(&options),
        Server::Pulse(options) => pulse::run(&options),
        Server::RustClient(options) => oracle::run(&options),
        Server::Socket(options) => socket::run(&options),
        Server::Watch(options) => watch::run(&options),
        Server::WsEcho(options) => ws_echo::run(&options),
    }
}
