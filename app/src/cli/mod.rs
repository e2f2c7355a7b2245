//! The command line.

mod again;
mod args;
mod connect;
mod connections;
mod delete;
mod demo;
mod doctor;
mod exit;
mod export;
mod files;
mod follow;
mod hint;
mod import;
mod interrupts;
mod job_ref;
mod jobs;
mod kinds;
mod login_link;
mod mails;
mod mappings;
mod output;
mod populations;
mod preview;
mod remote;
mod report;
mod rows;
mod serve;
mod setup;
mod token;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use pingone_import::config::{ProcessEnvironment, Variables as _};
use pingone_import::logging::{self, LogSettings};
use pingone_import::program;

use args::{Arguments, Command, Output};
use exit::{Exit, Failure};

/// Does what the command line asks for, and gives the process's exit code.
pub(crate) async fn main() -> ExitCode {
    let Arguments { output, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    // What a server says is read on other machines, too.
    if !matches!(command, Command::Serve(_)) {
        hint::called().into_iter().for_each(program::called);
    }
    let (is_job, is_dry_run) = (command.is_job(), command.is_dry_run());
    let outcome = match command {
        Command::Serve(serve) => serve::start(serve, output).await,
        other => {
            logging::init(&log_settings());
            run(other, output).await.map_err(Untold::from)
        }
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(Untold { failure, is_logged }) => {
            if output.json {
                match is_job {
                    true => report::failure(&failure, is_dry_run),
                    false => output::json_error(failure.code(), &failure.to_string()),
                }
            }
            if !is_logged {
                output::complain(&failure);
            }
            failure.exit().into()
        }
    }
}

/// A failure that people have yet to be told of, unless they read it in the log.
struct Untold {
    failure: Failure,
    is_logged: bool,
}

impl From<Failure> for Untold {
    fn from(failure: Failure) -> Self {
        Self { failure, is_logged: false }
    }
}

/// What the parser says: help, the version, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|word| word == "--json") {
        let text = error.render().to_string();
        let message = text.split("\n\nUsage:").next().unwrap_or(&text).trim().trim_start_matches("error: ");
        output::json_error("usage", message);
    }
    // Without standard error there is nobody to tell.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

impl Command {
    /// Whether its result is that of a job, so that what failed is told in the same form.
    fn is_job(&self) -> bool {
        use args::Jobs::{Cancel, Pause, Resume, Retry, Watch};
        match self {
            Self::Import(import) => !import.reading.preview,
            Self::Modify(modify) => !modify.reading.preview,
            Self::Delete(_) | Self::Export(_) => true,
            Self::Jobs { command } => {
                matches!(command, Resume { .. } | Cancel { .. } | Pause { .. } | Retry { .. } | Watch(_))
            }
            _ => false,
        }
    }

    /// Whether it was asked to write nothing to PingOne.
    fn is_dry_run(&self) -> bool {
        match self {
            Self::Import(import) => import.reading.dry_run,
            Self::Modify(modify) => modify.reading.dry_run,
            Self::Delete(delete) => delete.dry_run,
            _ => false,
        }
    }
}

/// The system gives no threads.
pub(crate) fn no_runtime(error: &std::io::Error) -> ExitCode {
    let failure = Failure::NoRuntime(error.to_string());
    output::complain(&failure);
    failure.exit().into()
}

async fn run(command: Command, output: Output) -> Result<Exit, Failure> {
    match command {
        Command::Import(import) => import::run(import, output).await,
        Command::Modify(modify) => import::modify(modify, output).await,
        Command::Delete(delete) => delete::run(delete, output).await,
        Command::Export(export) => export::run(export, output).await,
        Command::Populations { command } => populations::run(command, output).await,
        Command::Mappings { command } => mappings::run(command, output).await,
        Command::Connections { command } => connections::run(command, output).await,
        Command::Jobs { command } => jobs::run(command, output).await,
        Command::Serve(_) => unreachable!("it is started above, with its settings"),
        Command::Demo(demo) => demo::run(demo, output).await,
        Command::Doctor(doctor) => doctor::run(doctor, output).await,
        Command::LoginLink { store } => login_link::run(&store, output),
        Command::Openapi => Ok(doctor::openapi()),
        Command::Migrate { store } => setup::migrate(&store, output).await,
        Command::Completions { shell } => setup::completions(shell, output),
        Command::Man { directory } => setup::man(&directory, output),
    }
}

/// Commands that have no file of settings are told by the environment; what cannot be used is not.
fn log_settings() -> LogSettings {
    let value = |name| ProcessEnvironment.value(name);
    let format = value("PINGONE_IMPORT_LOG_FORMAT").and_then(|format| format.parse().ok());
    let filter = value("PINGONE_IMPORT_LOG").unwrap_or_else(|| LogSettings::default().filter);
    LogSettings { filter, format: format.unwrap_or_default() }
}
