//! Socket.IO for load generators.

mod bus;
mod workers;

use anyhow::Result;
use clap::Args;
use engineio::EngineIo;
use socketio::{Ack, Builder, Config, Data, Event, Gateway, Parsers, SocketIo, SocketRef};

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
    /// Instead: so many servers in this process, which act as one; each may have as many files open as a process may (Linux)
    #[arg(long, conflicts_with = "threads")]
    workers: Option<usize>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    match options.workers {
        Some(count) => workers::run(options.port, count, service),
        None => server::run(options.port, options.threads, || service(SocketIo::builder())),
    }
}

fn service(builder: Builder) -> EngineIo<Gateway> {
    let io = builder.config(Config { parsers: Parsers::Both, ..Config::default() }).build();
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
}
