//! Socket.IO as the official suite wants it, and further events that reach the rest of the protocol.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use clap::Args;
use serde_json::{Value, json};
use socketio::{
    Ack, Auth, Config, Data, DisconnectReason, Event, NamespaceBuilder, Parsers, Recovery, Refusal, SocketIo,
    SocketRef,
};

use crate::{numbers, server};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Leave clients on a busy machine the time that they need to answer
    #[arg(long)]
    relaxed: bool,
    /// Let in clients of Socket.IO 2
    #[arg(long)]
    allow_eio3: bool,
    /// Give clients that come back their session, if they are back within a second
    #[arg(long)]
    recovery: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let mut config = config(options.relaxed);
    config.engine.allow_eio3 = options.allow_eio3;
    if options.recovery {
        config.engine.ping_timeout = Duration::from_secs(2);
        let max_disconnection_duration = Duration::from_secs(1);
        config.recovery = Some(Recovery { max_disconnection_duration, ..Recovery::default() });
    }
    // One thread, as the suite expects what it sends on one connection to be seen before what it then sends on another.
    server::run(options.port, 1, || {
        let io = SocketIo::new(config);
        let greeting = if options.relaxed { Greeting::AtOnce } else { Greeting::Apart };
        open(&io, "/", greeting);
        open(&io, "/custom", greeting);
        quiet(&io, "/quiet").open();
        refuse(&io, "/refused");
        numbers::open(&io);
        io.service()
    })
}

fn config(relaxed: bool) -> Config {
    let mut config = Config { parsers: Parsers::Both, ..Config::default() };
    config.engine.max_payload = 1_000_000;
    if relaxed {
        // python-socketio may leave without a word on polling, and then waits for the next PING.
        config.engine.ping_interval = Duration::from_secs(1);
        return config;
    }
    config.engine.ping_interval = Duration::from_millis(300);
    config.engine.ping_timeout = Duration::from_millis(200);
    config.connect_timeout = Duration::from_secs(1);
    config
}

/// `auth`, `message` and `message-with-ack` are the suite's; the others are ours.
fn open(io: &SocketIo, path: &str, greeting: Greeting) {
    quiet(io, path).on_connect(async move |socket: SocketRef, Auth(auth): Auth<Value>| {
        connect(socket, auth, greeting).await;
    });
}

/// When `auth` is sent to a client that joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Greeting {
    /// Together with the answer to CONNECT, as applications do.
    AtOnce,
    /// Once the answer to CONNECT has been taken. The suite begins to listen for `auth` only then, and never sees what
    /// its WebSocket read together with that answer.
    Apart,
}

/// A namespace in which no client gets an event that it did not ask for.
fn quiet(io: &SocketIo, path: &str) -> NamespaceBuilder {
    io.namespace(path)
        .on("message", async |socket: SocketRef, event: Event| socket.emit("message-back", &event.args))
        .on("message-with-ack", async |event: Event, ack: Ack| ack.send(&event.args))
        .on("ask", ask::<Value>)
        .on("ask-binary", ask::<Bytes>)
        .on("join", async |socket: SocketRef, Data(room): Data<String>, ack: Ack| {
            socket.join(room);
            ack.send(&())
        })
        .on("leave", async |socket: SocketRef, Data(room): Data<String>, ack: Ack| {
            socket.leave(room);
            ack.send(&())
        })
        .on("to-rooms", to_rooms::<Value>)
        .on("to-rooms-binary", to_rooms::<Bytes>)
        .on("burst", async |socket: SocketRef, Data((first, count)): Data<(u64, u64)>| {
            for number in first..first.saturating_add(count.min(MOST_TICKS)) {
                socket.emit("tick", &number);
            }
        })
        .on("fleeting", async |socket: SocketRef, Data(value): Data<Value>| {
            socket.volatile().emit("fleeting", &value);
        })
        .on("disconnect-me", async |socket: SocketRef, Data(close): Data<bool>| socket.disconnect(close))
}

/// Nobody without the right token gets in.
fn refuse(io: &SocketIo, path: &str) {
    io.namespace(path)
        .middleware(async |Auth(auth): Auth<Value>| {
            if auth["token"] == "right" {
                Ok(())
            } else {
                Err(Refusal::new("not authorised").with_data(json!({ "code": "wrong_token" })))
            }
        })
        .on_connect(async |socket: SocketRef, Auth(auth): Auth<Value>| {
            connect(socket, auth, Greeting::AtOnce).await;
        });
}

async fn connect(socket: SocketRef, auth: Value, greeting: Greeting) {
    socket.on_disconnect(async |socket: SocketRef, reason: DisconnectReason| {
        socket.to("observers").emit("gone", &(socket.id(), reason.to_string()));
    });
    if socket.recovered() || (greeting == Greeting::Apart && !socket.delivered().await) {
        return;
    }
    // A client that sent no credentials has none, not `null`.
    let auth = if auth.is_null() { json!({}) } else { auth };
    socket.emit("auth", &auth);
}

/// Asks the client back and sends it its own answer.
async fn ask<T>(socket: SocketRef, Data(question): Data<T>)
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static,
{
    if let Ok(answer) = socket.emit_with_ack::<T>("question", &question).await {
        socket.emit("answered", &answer);
    }
}

async fn to_rooms<T>(socket: SocketRef, Data((rooms, value)): Data<(Vec<String>, T)>)
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static,
{
    socket.within(rooms).emit("room", &value);
}

/// What one request may ask for, so that a mistaken one does not fill the client's queue.
const MOST_TICKS: u64 = 1_000;
