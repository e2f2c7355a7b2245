//! The command line.

mod args;
mod connect;
mod delete;
mod demo;
mod doctor;
mod exit;
mod export;
mod files;
mod follow;
mod import;
mod interrupts;
mod jobs;
mod kinds;
mod output;
mod populations;
mod report;
mod serve;
mod setup;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// Does what the command line asks for, and gives the process's exit code.
pub(crate) async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Import(import) => import::run(import).await,
        Command::Modify(modify) => import::modify(modify).await,
        Command::Delete(delete) => delete::run(delete).await,
        Command::Export(export) => export::run(export).await,
        Command::Populations { command } => populations::run(command).await,
        Command::Connections { command } => populations::connections(command).await,
        Command::Jobs { command } => jobs::run(command).await,
        Command::Serve(serve) => serve::run(serve).await,
        Command::Demo(demo) => demo::run(demo).await,
        Command::Doctor(doctor) => doctor::run(doctor).await,
        Command::Openapi => Ok(doctor::openapi()),
        Command::Migrate { store, output } => setup::migrate(&store, output).await,
        Command::Completions { shell } => setup::completions(shell),
        Command::Man { directory } => setup::man(&directory),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::complain(&failure);
            failure.exit().into()
        }
    }
}
