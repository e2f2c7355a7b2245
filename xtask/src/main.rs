//! The project's own commands: `cargo xtask bench`, `cargo xtask demo`, `cargo xtask test` and `cargo xtask setup`.

mod as_cargo;
mod bench;
mod cargo;
mod clients;
mod command;
mod demo;
mod deny;
mod interop;
mod openapi;
mod output;
mod python;
mod release;
mod setup;
mod tail;
mod test;
mod web;
mod workspace;

use std::{env, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Builds, shows and checks the whole project")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure the server beside its peers and the floor
    Bench(bench::Options),
    /// Build everything and start the tool with a local PingOne and a sample import
    Demo(demo::Options),
    /// Install what is missing from the system, or say which package and command would
    Setup,
    /// Run every check
    Test(test::Options),
}

fn main() -> ExitCode {
    if env::var_os(as_cargo::SWITCH).is_some() {
        return exit_code(as_cargo::run());
    }
    let workspace = Workspace::locate();
    exit_code(match Cli::parse().command {
        Command::Bench(options) => bench::run(&workspace, &options),
        Command::Demo(options) => demo::run(&workspace, &options),
        Command::Setup => setup::run(&workspace),
        Command::Test(options) => return test::run(&workspace, &options),
    })
}

fn exit_code(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::failure(&error);
            ExitCode::FAILURE
        }
    }
}
