//! Socket.IO for load generators.

use anyhow::Result;
use clap::Args;
use socketio::{Ack, Config, Data, Event, Parsers, SocketIo, SocketRef};

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
            .on("broadcast-ack", async |socket: SocketRef, event: Event, ack: Ack| {
                let answers = socket.within(ROOM).emit_with_ack::<u32>("msg", &event.args).await;
                ack.send(&answers.map_or(0, |answers| answers.answered.len()))
            })
            .on("join", async |socket: SocketRef, Data(room): Data<String>, ack: Ack| {
                socket.join(&*room);
                ack.send(&())
            })
            .on("leave", async |socket: SocketRef, Data(room): Data<String>, ack: Ack| {
                socket.leave(&*room);
                ack.send(&())
            })
            .on("room", async |socket: SocketRef, Data((room, text)): Data<(String, String)>| {
                socket.within(&*room).emit("msg", &text);
            })
            .on_connect(async |socket: SocketRef| socket.join(ROOM));
        io.service()
    })
}
