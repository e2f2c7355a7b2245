//! A number for each socket at once and then every few milliseconds, to see for how long a client is blind.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use socketio::{Config, SocketIo, SocketRef};
use tokio::time::{MissedTickBehavior, interval};

use crate::server;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 3500)]
    port: u16,
    /// Milliseconds between two numbers
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    period: u64,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let period = Duration::from_millis(options.period);
    server::run(options.port, 1, || {
        let io = SocketIo::new(Config::default());
        io.namespace("/").on_connect(move |socket: SocketRef| async move {
            socket.emit("tick", &0_u64);
            tokio::spawn(beat(socket, period));
        });
        io.service()
    })
}

async fn beat(socket: SocketRef, period: Duration) {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first comes at once.
    interval.tick().await;
    let mut number = 1_u64;
    while socket.is_connected() {
        interval.tick().await;
        socket.emit("tick", &number);
        number += 1;
    }
}
