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
use pingone_import::config::{ProcessEnvironment, Variables as _};
use pingone_import::logging::{self, LogSettings};

use args::{Arguments, Command};
use exit::{Exit, Failure};

/// Does what the command line asks for, and gives the process's exit code.
pub(crate) async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Serve(serve) => match serve::settings(&serve) {
            Ok(settings) => {
                logging::init(&settings.log);
                // Whoever watches the log learns why there is no process any more.
                serve::run(serve, settings).await.inspect_err(|failure| {
                    tracing::error!(critical = true, code = failure.code(), "the process ends: {failure}");
                })
            }
            Err(errors) => Err(errors.into()),
        },
        other => {
            logging::init(&log_settings());
            run(other).await
        }
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::complain(&failure);
            failure.exit().into()
        }
    }
}

async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Import(import) => import::run(import).await,
        Command::Modify(modify) => import::modify(modify).await,
        Command::Delete(delete) => delete::run(delete).await,
        Command::Export(export) => export::run(export).await,
        Command::Populations { command } => populations::run(command).await,
        Command::Connections { command } => populations::connections(command).await,
        Command::Jobs { command } => jobs::run(command).await,
        Command::Serve(_) => unreachable!("it is started above, with its settings"),
        Command::Demo(demo) => demo::run(demo).await,
        Command::Doctor(doctor) => doctor::run(doctor).await,
        Command::Openapi => Ok(doctor::openapi()),
        Command::Migrate { store, output } => setup::migrate(&store, output).await,
        Command::Completions { shell } => setup::completions(shell),
        Command::Man { directory } => setup::man(&directory),
    }
}

/// Commands that have no file of settings are told by the environment; what cannot be used is not.
fn log_settings() -> LogSettings {
    let value = |name| ProcessEnvironment.value(name);
    let format = value("PINGONE_IMPORT_LOG_FORMAT").and_then(|format| format.parse().ok());
    let filter = value("PINGONE_IMPORT_LOG").unwrap_or_else(|| LogSettings::default().filter);
    LogSettings { filter, format: format.unwrap_or_default() }
}
