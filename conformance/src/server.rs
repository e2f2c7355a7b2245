//! Listening, and saying where.
#![expect(clippy::print_stdout, reason = "the address on stdout is part of the contract")]

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::{Context, Result};
use engineio::{EngineIo, Handler, serve};
use tokio::runtime::Builder;

/// Serves until the process is ended; the service is made inside of a runtime with this many worker threads. Without
/// any, tasks run strictly in the order in which they were woken; a worker first runs what was woken last.
pub(crate) fn run<H: Handler>(
    port: u16,
    threads: usize,
    service: impl FnOnce() -> EngineIo<H>,
) -> Result<()> {
    let runtime = match threads {
        0 => Builder::new_current_thread().enable_all().build()?,
        _ => Builder::new_multi_thread().worker_threads(threads).enable_all().build()?,
    };
    runtime.block_on(async {
        let listener = engineio::listen((Ipv4Addr::LOCALHOST, port).into())
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
        let service = service();
        announce(listener.local_addr()?)?;
        serve(listener, service).await.context("the listener failed")
    })
}

/// Prints the address, which other programs wait for.
pub(crate) fn announce(address: SocketAddr) -> Result<()> {
    println!("listening on http://{address}");
    Ok(std::io::stdout().flush()?)
}
