//! Engine.IO that sends every message back.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use engineio::{CloseReason, Config, Connection, Cors, EngineIo, Handler, Message, Socket};
use http::request::Parts;

use crate::server;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Let in clients of revision 3, those of Socket.IO 2
    #[arg(long)]
    allow_eio3: bool,
    /// Leave clients on a busy machine the time that they need to answer
    #[arg(long)]
    relaxed: bool,
    /// Let pages of this origin in
    #[arg(long)]
    cors: Option<http::HeaderValue>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    // In order, as the suite expects what it sends on one connection to be seen before what it then sends on another.
    server::run(options.port, 0, || EngineIo::new(config(options), Echo))
}

/// What the official suite asks for.
fn config(options: &Options) -> Config {
    let mut config = Config::default();
    config.allow_eio3 = options.allow_eio3;
    config.ping_interval = Duration::from_millis(300);
    if !options.relaxed {
        config.ping_timeout = Duration::from_millis(200);
    }
    config.max_payload = 1_000_000;
    config.strict_polling = true;
    config.cors = options.cors.clone().map(|origin| Cors::Origins(vec![origin]));
    config
}

struct Echo;

impl Handler for Echo {
    type Connection = EchoConnection;

    fn open(&self, socket: Socket, _: Parts) -> EchoConnection {
        EchoConnection(socket)
    }
}

struct EchoConnection(Socket);

impl Connection for EchoConnection {
    fn message(&self, message: Message) {
        // A client that left has no use for its echo.
        let _ = self.0.send(&message);
    }

    fn close(&self, _: CloseReason) {}
}
