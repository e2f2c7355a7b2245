//! Several servers in one process that act as one, each with a table of open files of its own.
//!
//! The limit on open files is one on the length of a table. Threads share the table of their process until they ask for
//! one of their own; then the same number means another file in each, so that a connection may only be touched by the
//! thread that accepted it. Servers keep to that when each runs on one thread and hears of the others through a
//! [`bus`].

use std::{
    net::{Ipv4Addr, TcpListener},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};

use anyhow::{Context as _, Result, bail};
use engineio::{EngineIo, serve};
use socketio::{Builder, Gateway, SocketIo};
use tokio::{
    net::TcpSocket,
    runtime::{self, Runtime},
};

use super::bus::{self, Stop};
use crate::server::announce;

/// Serves until the process is ended or one of the servers fails.
pub(super) fn run(port: u16, count: usize, service: fn(Builder) -> EngineIo<Gateway>) -> Result<()> {
    // A port that is shared from the start would be shared with a server that is there already.
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    let port = free.local_addr()?.port();
    drop(free);
    let reserved = socket(port)?;
    let (reports, news) = mpsc::channel();
    // One thread wakes another by writing to a file, which therefore has to have the same number in both tables: the
    // runtimes are there before the tables part.
    let runtimes: Vec<_> = (0..count)
        .map(|_| runtime::Builder::new_current_thread().enable_all().build())
        .collect::<Result<_, _>>()?;
    for (runtime, stop) in runtimes.into_iter().zip(bus::stops(count)) {
        let reports = reports.clone();
        thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let work = AssertUnwindSafe(|| work(&runtime, port, stop, service, &reports));
            let failed = catch_unwind(work).unwrap_or_else(|_| bail!("a worker panicked"));
            // Nobody hears it only when the process ends anyway.
            let _ = reports.send(Report::Ended(failed));
        })?;
    }
    drop(reports);
    let mut listening = 0;
    for report in news {
        match report {
            Report::Listens => listening += 1,
            Report::Ended(result) => return result,
        }
        if listening == count {
            announce(reserved.local_addr()?)?;
        }
    }
    bail!("there are no workers; ask for one at least")
}

/// What a worker says.
enum Report {
    Listens,
    Ended(Result<()>),
}

fn work(
    runtime: &Runtime,
    port: u16,
    stop: Stop,
    service: fn(Builder) -> EngineIo<Gateway>,
    reports: &mpsc::Sender<Report>,
) -> Result<()> {
    part_with_table()?;
    runtime.block_on(async {
        let listener = socket(port)?.listen(BACKLOG)?;
        let service = service(SocketIo::builder().adapter(move |local| stop.connect(local)));
        reports.send(Report::Listens)?;
        serve(listener, service).await.context("the listener failed")
    })
}

/// The kernel spreads connections over all sockets of the same port.
fn socket(port: u16) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(target_os = "linux")]
    socket.set_reuseport(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn part_with_table() -> Result<()> {
    use nix::sched::{CloneFlags, unshare};

    unshare(CloneFlags::CLONE_FILES).context("the kernel gives this thread no table of open files of its own")
}

#[cfg(not(target_os = "linux"))]
fn part_with_table() -> Result<()> {
    bail!("only Linux gives a thread a table of open files of its own; leave out --workers")
}

/// Connections that wait to be accepted.
const BACKLOG: u32 = 4096;
