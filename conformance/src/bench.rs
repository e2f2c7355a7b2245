//! Socket.IO for load generators.

use anyhow::Result;
use clap::Args;
use socketio::{Ack, Config, Event, Parsers, SocketIo, SocketRef};

use crate::server;

const ROOM: &str = "bench";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 3400)]
    port: u16,
    /// Worker threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    server::run(options.port, options.threads, || {
        let io = SocketIo::new(Config { parsers: Parsers::Both, ..Config::default() });
        io.namespace("/")
            .on("echo", async |event: Event, ack: Ack| ack.send(&event.args))
            .on("broadcast", async |socket: SocketRef, event: Event| {
                socket.within(ROOM).emit("msg", &event.args);
            })
            .on_connect(async |socket: SocketRef| socket.join(ROOM));
        io.service()
    })
}
