//! The command line.

mod args;
mod connect;
mod demo;
mod doctor;
mod exit;
mod follow;
mod import;
mod interrupts;
mod jobs;
mod output;
mod report;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// Does what the command line asks for, and gives the process's exit code.
pub(crate) async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Import(import) => import::run(import).await,
        Command::Jobs { command } => jobs::run(command).await,
        Command::Serve(serve) => serve::run(serve).await,
        Command::Demo(demo) => demo::run(demo).await,
        Command::Doctor(doctor) => doctor::run(doctor).await,
        Command::Openapi => Ok(doctor::openapi()),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::complain(&failure);
            failure.exit().into()
        }
    }
}
