//! `pingone-import`: import PingOne users in bulk.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::no_runtime(&error),
    };
    let exit = runtime.block_on(cli::main());
    // Whatever had to end has ended; a thread that hangs in a read must not keep the process.
    runtime.shutdown_background();
    exit
}
