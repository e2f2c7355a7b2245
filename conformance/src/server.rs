//! Listening, and saying where.
#![expect(clippy::print_stdout, reason = "the address on stdout is part of the contract")]

use std::{io::Write, net::Ipv4Addr};

use anyhow::{Context, Result};
use engineio::{EngineIo, Handler, serve};
use tokio::{net::TcpListener, runtime::Builder};

/// Serves until the process is ended; the service is made inside of a runtime with this many worker threads.
pub(crate) fn run<H: Handler>(
    port: u16,
    threads: usize,
    service: impl FnOnce() -> EngineIo<H>,
) -> Result<()> {
    let runtime = Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
        let service = service();
        announce(&listener)?;
        serve(listener, service).await.context("the listener failed")
    })
}

/// Prints the address, which other programs wait for.
pub(crate) fn announce(listener: &TcpListener) -> Result<()> {
    println!("listening on http://{}", listener.local_addr()?);
    Ok(std::io::stdout().flush()?)
}
