//! What can be typed.
#![expect(
    clippy::doc_markdown,
    reason = "these comments are printed as help, where backticks would be noise"
)]

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use pingone_import::jobs::JobId;
use url::Url;

/// Import PingOne users in bulk, with live progress and nothing lost.
///
/// The connection comes from the environment: PINGONE_ENVIRONMENT_ID, PINGONE_CLIENT_ID, PINGONE_CLIENT_SECRET and
/// PINGONE_REGION (NA, EU, CA, AP, AU, SG), or PINGONE_API_URL and PINGONE_AUTH_URL instead of a region.
///
/// Exit codes: 0 done, 1 some rows failed, 2 wrong usage (file, header, options, port), 3 PingOne cannot be reached
/// or does not let us, 4 stopped before the end.
#[derive(Debug, Parser)]
#[command(name = "pingone-import", version)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Import the users of a CSV file.
    Import(Import),
    /// List, inspect and continue jobs.
    Jobs {
        #[command(subcommand)]
        command: Jobs,
    },
    /// Serve the web interface and the API on this machine.
    Serve(Serve),
    /// Serve with an embedded PingOne and run a sample import.
    Demo(Demo),
    /// Find out which real-time transports work on the way to a server.
    Doctor(Doctor),
    /// Print the OpenAPI description of the API.
    Openapi,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The CSV file.
    pub(super) file: PathBuf,
    /// The population of rows that name none, by name or id. Default: the environment's default population.
    #[arg(long, value_name = "NAME|ID")]
    pub(super) population: Option<String>,
    /// Create the population if it does not exist.
    #[arg(long, requires = "population")]
    pub(super) create_population: bool,
    /// Only say what would be done; write nothing to PingOne.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Leave out columns that name no attribute of a PingOne user.
    #[arg(long)]
    pub(super) ignore_unknown_columns: bool,
    /// The delimiter: a comma, a semicolon, | or "tab". Default: detected.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub(super) delimiter: Option<char>,
    /// The encoding, for example windows-1252. Default: detected.
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<String>,
    #[command(flatten)]
    pub(super) simulator: Simulator,
    #[command(flatten)]
    pub(super) store: Store,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Subcommand)]
pub(super) enum Jobs {
    /// List all jobs, newest first.
    List {
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        output: Output,
    },
    /// Show one job and its first failed rows.
    Show {
        /// The job's id.
        job: JobId,
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        output: Output,
    },
    /// Continue a job, or every unfinished one, and wait for the end.
    Resume {
        /// The job's id.
        job: Option<JobId>,
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        output: Output,
    },
    /// Stop a job for good.
    Cancel {
        /// The job's id.
        job: JobId,
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        output: Output,
    },
    /// Write the failed rows of a job, with reasons, as a CSV file that can be mended and imported again.
    Rejects {
        /// The job's id.
        job: JobId,
        /// The file to write. Default: standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        store: Store,
    },
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The address to listen on; only this machine can be let in.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4000")]
    pub(super) listen: SocketAddr,
    /// The address that browsers use, when a proxy stands in front.
    #[arg(long, value_name = "URL")]
    pub(super) public_url: Option<Url>,
    #[command(flatten)]
    pub(super) simulator: Simulator,
    #[command(flatten)]
    pub(super) store: Store,
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 4000)]
    pub(super) port: u16,
    /// End when the sample import is done.
    #[arg(long)]
    pub(super) once: bool,
    /// Where jobs are kept. Default: a directory that is deleted at the end.
    #[arg(long, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// The server's address, for example http://127.0.0.1:4000.
    pub(super) url: String,
    /// A token, for what only people who are logged in can use.
    #[arg(long, env = "PINGONE_IMPORT_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// Also find out whether idle connections live this many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(super) idle: Option<u64>,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Simulator {
    /// Use an embedded PingOne that forgets everything at the end.
    #[arg(long)]
    pub(super) simulator: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Store {
    /// Where jobs are kept. Default: pingone-import in the platform's data directory.
    #[arg(long, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Output {
    /// Print one line of JSON instead of text for people.
    #[arg(long)]
    pub(super) json: bool,
}

fn delimiter(text: &str) -> Result<char, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok('\t'),
        "comma" => Ok(','),
        "semicolon" => Ok(';'),
        _ => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(delimiter @ (',' | ';' | '|')), None) => Ok(delimiter),
                _ => Err("use a comma, a semicolon, | or \"tab\"".to_owned()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Arguments, delimiter};

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_delimiter_is_one_of_four() {
        assert_eq!(delimiter(";"), Ok(';'));
        assert_eq!(delimiter("tab"), Ok('\t'));
        assert!(delimiter(";;").is_err());
        assert!(delimiter("x").is_err());
    }
}
