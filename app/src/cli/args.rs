//! What can be typed.
#![expect(
    clippy::doc_markdown,
    reason = "these comments are printed as help, where backticks would be noise"
)]

use std::path::PathBuf;
use std::time::Duration;

pub(super) use super::job_ref::JobRef;
pub(super) use super::kinds::{
    Connections, Delete, Export, FileReading, Format, Import, Mappings, Modify, Populations, Trial, Wanted,
};
use clap::{Args, Parser, Subcommand};
use pingone_import::config::{ProcessEnvironment, settings_file};

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
    #[command(flatten)]
    pub(super) output: Output,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Import the users of a file: CSV, Excel or JSON.
    Import(Import),
    /// Change users as a file says; only what differs is sent.
    Modify(Modify),
    /// Delete users, after they were counted and that was confirmed.
    Delete(Delete),
    /// Write users to a file that can be imported again.
    Export(Export),
    /// List and change populations.
    Populations {
        #[command(subcommand)]
        command: Populations,
    },
    /// List, save and delete mappings of columns, which import and modify take with --use-mapping.
    Mappings {
        #[command(subcommand)]
        command: Mappings,
    },
    /// Show or test the connection to PingOne.
    Connections {
        #[command(subcommand)]
        command: Connections,
    },
    /// List, inspect and continue jobs.
    Jobs {
        #[command(subcommand)]
        command: Jobs,
    },
    /// Serve the web interface and the API on this machine.
    Serve(Serve),
    /// Print a new login link for the server that runs with this data directory; it works once, for ten minutes.
    LoginLink {
        #[command(flatten)]
        store: Store,
    },
    /// Serve with an embedded PingOne and run a sample import.
    Demo(Demo),
    /// Find out which real-time transports work on the way to a server.
    Doctor(Doctor),
    /// Print the OpenAPI description of the API.
    Openapi,
    /// Bring the data directory to the layout of this version, which every command does by itself, and check it.
    Migrate {
        #[command(flatten)]
        store: Store,
    },
    /// Print a script that completes commands for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write manual pages, one for each command.
    Man {
        /// The directory to write them to.
        directory: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Jobs {
    /// List all jobs, newest first.
    List {
        #[command(flatten)]
        store: Store,
    },
    /// Show one job and its first failed and skipped rows.
    Show {
        /// The job's id, or the beginning of it.
        job: JobRef,
        #[command(flatten)]
        store: Store,
    },
    /// Follow a job of a server that runs elsewhere, through whatever proxies do to the connection.
    Watch(Watch),
    /// List the rows of a job with their outcomes and reasons.
    Rows {
        /// The job's id, or the beginning of it.
        job: JobRef,
        /// Only rows with this outcome.
        #[arg(long, value_enum)]
        outcome: Option<Wanted>,
        /// Only rows after the one with this number.
        #[arg(long, value_name = "ROW", default_value_t = 0)]
        after: u64,
        /// At most so many rows. Default: all.
        #[arg(long, value_name = "NUMBER")]
        limit: Option<u64>,
        #[command(flatten)]
        store: Store,
    },
    /// Continue a job, or every unfinished one, and wait for the end.
    Resume {
        /// The job's id, or the beginning of it.
        job: Option<JobRef>,
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        named: Named,
    },
    /// Stop a job so that it can be resumed; one that a server runs is paused there.
    Pause {
        /// The job's id, or the beginning of it.
        job: JobRef,
        #[command(flatten)]
        store: Store,
    },
    /// Do the failed rows of a job once more, as a new job, and wait for its end.
    Retry {
        /// The job's id, or the beginning of it.
        job: JobRef,
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        named: Named,
    },
    /// Stop a job for good.
    Cancel {
        /// The job's id, or the beginning of it.
        job: JobRef,
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        named: Named,
    },
    /// Write the file that a job wrote: an export, or the backup of a delete.
    File {
        /// The job's id, or the beginning of it.
        job: JobRef,
        /// The file to write. Default: the job's own name for it, in this directory; - is standard output.
        #[arg(long = "output", short = 'o', value_name = "FILE")]
        to: Option<PathBuf>,
        #[command(flatten)]
        force: Force,
        #[command(flatten)]
        store: Store,
    },
    /// Write the generated passwords of a job to a file that only you may read, and forget them.
    Passwords {
        /// The job's id, or the beginning of it.
        job: JobRef,
        /// The file to write.
        #[arg(long = "output", short = 'o', value_name = "FILE")]
        to: PathBuf,
        #[command(flatten)]
        force: Force,
        #[command(flatten)]
        store: Store,
    },
    /// Delete finished jobs with everything that belongs to them.
    Prune {
        /// How many days ago a job must have finished.
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        older_than: u32,
        #[command(flatten)]
        store: Store,
    },
    /// Write the failed rows of a job, with reasons, as a CSV file that can be mended and imported again.
    Rejects {
        /// The job's id, or the beginning of it.
        job: JobRef,
        /// The file to write. Default: standard output.
        #[arg(long = "output", short = 'o', value_name = "FILE")]
        to: Option<PathBuf>,
        #[command(flatten)]
        force: Force,
        #[command(flatten)]
        store: Store,
    },
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Only check the settings and print them, without the secret.
    #[arg(long)]
    pub(super) check_config: bool,
    /// The address to listen on; only this machine can be let in. Default: 127.0.0.1:4000.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// The address that browsers use, when a proxy stands in front; the self-test also goes through it.
    #[arg(long, value_name = "URL")]
    pub(super) public_url: Option<String>,
    /// Turn further connections away with 503. Default: what the system's limit of open files allows.
    #[arg(long, value_name = "NUMBER")]
    pub(super) max_connections: Option<String>,
    /// Be gone so long after being told to stop. Default: 10s.
    #[arg(long, value_name = "DURATION")]
    pub(super) stop_within: Option<String>,
    /// Delete jobs that have been over for so many days, at the start and daily; 0 is never. Default: 90.
    #[arg(long, value_name = "DAYS")]
    pub(super) prune_after: Option<String>,
    /// What is logged, such as info or warn,pingone_import=debug. Default: warn.
    #[arg(long, value_name = "FILTER")]
    pub(super) log: Option<String>,
    /// How it is logged: human or json. Default: human.
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<String>,
    #[command(flatten)]
    pub(super) simulator: Simulator,
    #[command(flatten)]
    pub(super) store: Store,
}

impl Serve {
    /// The flags that were given, by the keys of the settings.
    pub(super) fn flags(&self) -> Vec<(&'static str, String)> {
        let data_dir = self.store.data_dir.as_ref().map(|dir| dir.to_string_lossy().into_owned());
        let flags = [
            ("server.listen", self.listen.clone()),
            ("server.public_url", self.public_url.clone()),
            ("server.max_connections", self.max_connections.clone()),
            ("server.stop_within", self.stop_within.clone()),
            ("store.data_dir", data_dir),
            ("store.prune_after", self.prune_after.clone()),
            ("log.filter", self.log.clone()),
            ("log.format", self.log_format.clone()),
        ];
        flags.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
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
pub(super) struct Watch {
    /// The job's id, or the beginning of it. Default: the server's newest job.
    pub(super) job: Option<JobRef>,
    /// The address of the server; without http:// or https:// it is http.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4000")]
    pub(super) server: String,
    /// A file with the token of a login link, which is spent by this, or of POST /api/login; - is standard input.
    /// Default: what the variable PINGONE_IMPORT_TOKEN holds.
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// Also trust the authorities in this file of PEM certificates.
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// The address of this program or of any Socket.IO server; without http:// or https:// it is http.
    #[arg(default_value = "http://127.0.0.1:4000")]
    pub(super) url: String,
    /// The token of a login link, which is spent by this, or of POST /api/login; for what needs a login. Others on this
    /// machine can read it in the list of processes, but not in the variable or in a file.
    #[arg(long, env = "PINGONE_IMPORT_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// A file that holds this token and nothing else; - is standard input. It wins over the token itself.
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// Also find out whether connections live so long that carry nothing, for example 60s.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) idle: Option<Duration>,
    /// Requests come from a page of this site, as https://app.example.com. Default: the server's own pages.
    #[arg(long, value_name = "ORIGIN")]
    pub(super) origin: Option<String>,
    /// Go through this forward proxy, as http://proxy.example.com:3128.
    #[arg(long, value_name = "URL")]
    pub(super) proxy: Option<String>,
    /// Also trust the authorities in this file of PEM certificates.
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// The path of Socket.IO. Default: /socket.io/.
    #[arg(long, value_name = "PATH")]
    pub(super) path: Option<String>,
    /// How long each probe may take. Default: 3s.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) deadline: Option<Duration>,
}

/// Which PingOne.
#[derive(Clone, Debug, Args)]
pub(super) struct Simulator {
    /// Use an embedded PingOne that forgets everything at the end.
    #[arg(long, conflicts_with = "connection")]
    pub(super) simulator: bool,
    #[command(flatten)]
    pub(super) named: Named,
}

/// Which of the connections that are configured. Default: the one that the environment describes.
#[derive(Clone, Debug, Args)]
pub(super) struct Named {
    /// The connection of this name in the file of settings; the environment says nothing of it then.
    #[arg(long, value_name = "NAME")]
    pub(super) connection: Option<String>,
    /// A file of settings (TOML); the environment and flags win over it. docs/operations.md lists them. Default:
    /// pingone-import/settings.toml in the platform's directory for configuration, if it is there.
    #[arg(long, value_name = "FILE", env = "PINGONE_IMPORT_CONFIG")]
    pub(super) config: Option<PathBuf>,
}

impl Named {
    /// The file of settings, if there is one.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| settings_file(&ProcessEnvironment))
    }
}

#[derive(Clone, Debug, Args)]
pub(super) struct Store {
    /// Where jobs are kept. Default: what PINGONE_IMPORT_DATA_DIR says, or pingone-import in the platform's data
    /// directory.
    #[arg(long, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Output {
    /// Print JSON instead of text for people, errors too: one line with an object, or with an array where a list is
    /// asked for; of rows, and of several jobs that are resumed, one line for each.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Force {
    /// Overwrite a file that exists.
    #[arg(long)]
    pub(super) force: bool,
}

/// A number of seconds, or a number with a unit.
fn duration(text: &str) -> Result<Duration, String> {
    pingone_import::config::duration(text).map_err(|reason| format!("it {reason}"))
}

pub(super) fn delimiter(text: &str) -> Result<char, String> {
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
