//! What can be typed for each kind of job.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use pingone_import::jobs::{self, Outcome};
use pingone_import::plan;

use super::args::{Force, JobRef, Named, Simulator, Store, delimiter};
use super::exit::Failure;

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    pub(super) reading: FileReading,
    /// What to do with a row whose user exists.
    #[arg(long, value_enum, default_value_t = Mode::Create)]
    pub(super) mode: Mode,
    /// Create users disabled whose row does not say.
    #[arg(long)]
    pub(super) default_disabled: bool,
    /// Give users without a password one, and write these passwords to this file, which only you may read.
    #[arg(long, value_name = "FILE")]
    pub(super) generate_passwords: Option<PathBuf>,
    /// Send each user that is created, and has an address, the mail in this file: a line "Subject: …", a blank line, and
    /// the text, with {username}, {name.given} and so on. The mail server is that of notifications.
    #[arg(long, value_name = "FILE")]
    pub(super) welcome_mail: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: Force,
    /// Have passwords changed at the next sign-on where the row does not say.
    #[arg(long)]
    pub(super) force_password_change: bool,
    #[command(flatten)]
    pub(super) simulator: Simulator,
    #[command(flatten)]
    pub(super) store: Store,
}

#[derive(Debug, Args)]
pub(super) struct Modify {
    #[command(flatten)]
    pub(super) reading: FileReading,
    /// Create users that do not exist instead of failing their rows.
    #[arg(long)]
    pub(super) create_missing: bool,
    /// Create users disabled whose row does not say; needs --create-missing.
    #[arg(long, requires = "create_missing")]
    pub(super) default_disabled: bool,
    /// Give users who are created without a password one, and write these passwords to this file, which only you may
    /// read; needs --create-missing.
    #[arg(long, value_name = "FILE", requires = "create_missing")]
    pub(super) generate_passwords: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: Force,
    /// Have passwords changed at the next sign-on where the row does not say.
    #[arg(long)]
    pub(super) force_password_change: bool,
    #[command(flatten)]
    pub(super) simulator: Simulator,
    #[command(flatten)]
    pub(super) store: Store,
}

/// A file of users and how to understand it.
#[derive(Debug, Args)]
pub(super) struct FileReading {
    /// The file: CSV, an Excel workbook, or JSON.
    pub(super) file: PathBuf,
    /// The population of rows that name none, by name or id. Default: the environment's default population.
    #[arg(long, value_name = "NAME|ID")]
    pub(super) population: Option<String>,
    /// Create populations that do not exist, whether named here or in a row.
    #[arg(long)]
    pub(super) create_population: bool,
    /// By what a row and a user of PingOne are the same.
    #[arg(long, value_enum, default_value_t = MatchBy::Username)]
    pub(super) match_by: MatchBy,
    /// A cell with exactly this text clears its attribute; blank cells change nothing.
    #[arg(long, value_name = "TEXT")]
    pub(super) clear_marker: Option<String>,
    /// What a column means: its name and the path of an attribute; without a path the column is left out.
    #[arg(long = "map", value_name = "COLUMN=ATTRIBUTE", value_parser = mapping)]
    pub(super) mapping: Vec<(String, String)>,
    /// Use the mapping that was saved under this name; --map comes before it.
    #[arg(long, value_name = "NAME")]
    pub(super) use_mapping: Option<String>,
    /// Save the mapping of this run under this name, once the file was accepted.
    #[arg(long, value_name = "NAME")]
    pub(super) save_mapping: Option<String>,
    /// Only show how the file is understood: what its columns mean, what is wrong with its rows, and the first rows as
    /// they would be sent. There is no job.
    #[arg(long, conflicts_with_all = ["save_mapping", "dry_run"])]
    pub(super) preview: bool,
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
}

/// Who is deleted: a file, a population, a filter or everybody; exactly one of them.
#[derive(Debug, Args)]
pub(super) struct Delete {
    /// A file that names the users.
    pub(super) file: Option<PathBuf>,
    /// The users of this population, by name or id.
    #[arg(long, value_name = "NAME|ID")]
    pub(super) population: Option<String>,
    /// The users that this SCIM filter selects, for example 'email ew "@example.com"'.
    #[arg(long, value_name = "FILTER")]
    pub(super) filter: Option<String>,
    /// Every user of the environment.
    #[arg(long)]
    pub(super) whole_environment: bool,
    /// The users of an earlier dry run, which has said who is protected.
    #[arg(long, value_name = "JOB", conflicts_with_all = OF_A_PLAN)]
    pub(super) plan: Option<JobRef>,
    /// By what a row of the file names a user.
    #[arg(long, value_enum, default_value_t = MatchBy::Username)]
    pub(super) match_by: MatchBy,
    /// A user that is never deleted, by username or id; may be repeated.
    #[arg(long, value_name = "USER")]
    pub(super) protect: Vec<String>,
    /// A file with one such user on each line.
    #[arg(long, value_name = "FILE")]
    pub(super) protect_file: Option<PathBuf>,
    /// Export the users to this file before the first one is deleted, in the format of its ending, or CSV.
    #[arg(long, value_name = "FILE")]
    pub(super) backup: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: Force,
    /// Also delete the population when it is empty.
    #[arg(long)]
    pub(super) delete_population: bool,
    /// What to type to confirm; asked for on a terminal.
    #[arg(long, value_name = "TEXT")]
    pub(super) confirm: Option<String>,
    /// Only say who would be deleted.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) simulator: Simulator,
    #[command(flatten)]
    pub(super) store: Store,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The file to write. Default: users and the date, in this directory; - is standard output.
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: Force,
    /// Only the users of this population, by name or id.
    #[arg(long, value_name = "NAME|ID")]
    pub(super) population: Option<String>,
    /// Only the users that this SCIM filter selects, for example 'enabled eq false'.
    #[arg(long, value_name = "FILTER")]
    pub(super) filter: Option<String>,
    /// The attributes to write, by path, in this order. Default: every one that a user has and an import takes.
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub(super) attributes: Vec<String>,
    /// The format of the file. Default: that of the file's ending, or CSV.
    #[arg(long, value_enum)]
    pub(super) format: Option<Format>,
    #[command(flatten)]
    pub(super) simulator: Simulator,
    #[command(flatten)]
    pub(super) store: Store,
}

#[derive(Debug, Subcommand)]
pub(super) enum Populations {
    /// List all populations.
    List {
        #[command(flatten)]
        simulator: Simulator,
    },
    /// Create a population.
    Create {
        /// Its name.
        name: String,
        /// What it is for.
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        trial: Trial,
        #[command(flatten)]
        simulator: Simulator,
    },
    /// Give a population another name.
    Rename {
        /// The population, by name or id.
        population: String,
        /// Its new name.
        name: String,
        #[command(flatten)]
        trial: Trial,
        #[command(flatten)]
        simulator: Simulator,
    },
    /// Make a population the one for users that name none.
    SetDefault {
        /// The population, by name or id.
        population: String,
        #[command(flatten)]
        trial: Trial,
        #[command(flatten)]
        simulator: Simulator,
    },
    /// Delete an empty population. To delete its users first: delete --population NAME --delete-population.
    Delete {
        /// The population, by name or id.
        population: String,
        #[command(flatten)]
        trial: Trial,
        #[command(flatten)]
        simulator: Simulator,
    },
}

/// Whether only to say what would be done.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Trial {
    /// Only say what would be done, or why PingOne would refuse it; write nothing to PingOne.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Mappings {
    /// List the saved mappings.
    List {
        #[command(flatten)]
        store: Store,
    },
    /// Show a saved mapping.
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        store: Store,
    },
    /// Save a mapping; one of that name is replaced.
    Save {
        /// Its name.
        name: String,
        /// What a column means: its name and the path of an attribute; without a path the column is left out.
        #[arg(long = "map", value_name = "COLUMN=ATTRIBUTE", value_parser = mapping, required = true)]
        mapping: Vec<(String, String)>,
        #[command(flatten)]
        store: Store,
    },
    /// Delete a saved mapping.
    Delete {
        /// Its name.
        name: String,
        #[command(flatten)]
        store: Store,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Connections {
    /// Show the connection that the environment describes and those of the file of settings; never their secrets.
    List {
        #[command(flatten)]
        named: Named,
    },
    /// Find out whether PingOne lets us in and shows us users.
    Test {
        #[command(flatten)]
        simulator: Simulator,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Mode {
    /// The row fails.
    Create,
    /// The user is changed.
    Upsert,
    /// The row is skipped.
    SkipExisting,
}

impl From<Mode> for jobs::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Create => Self::Create,
            Mode::Upsert => Self::Upsert,
            Mode::SkipExisting => Self::SkipExisting,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MatchBy {
    Username,
    Email,
    ExternalId,
    Id,
}

impl From<MatchBy> for plan::MatchBy {
    fn from(by: MatchBy) -> Self {
        match by {
            MatchBy::Username => Self::Username,
            MatchBy::Email => Self::Email,
            MatchBy::ExternalId => Self::ExternalId,
            MatchBy::Id => Self::Id,
        }
    }
}

/// The outcome of rows that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Wanted {
    Created,
    Updated,
    Unchanged,
    Deleted,
    Skipped,
    Failed,
}

impl From<Wanted> for Outcome {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Created => Self::Created,
            Wanted::Updated => Self::Updated,
            Wanted::Unchanged => Self::Unchanged,
            Wanted::Deleted => Self::Deleted,
            Wanted::Skipped => Self::Skipped,
            Wanted::Failed => Self::Failed,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Csv,
    Ndjson,
    Xlsx,
}

/// What a plan of a delete has settled already; beside it, it would be for nothing.
const OF_A_PLAN: [&str; 7] =
    ["file", "population", "filter", "whole_environment", "match_by", "protect", "protect_file"];

impl Format {
    /// That of a file with such a name, if its ending says one.
    ///
    /// # Errors
    /// If it says one that cannot be written.
    pub(super) fn of(path: &Path) -> Result<Option<Self>, Failure> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("csv") => Ok(Some(Self::Csv)),
            Some("ndjson" | "jsonl") => Ok(Some(Self::Ndjson)),
            Some("xlsx") => Ok(Some(Self::Xlsx)),
            Some(ending) if OTHERS.contains(&ending) => {
                Err(Failure::Ending { path: path.display().to_string() })
            }
            _ => Ok(None),
        }
    }
}

/// Endings of formats that are not written; a file of CSV that is called so could not be opened.
const OTHERS: [&str; 10] = ["json", "xls", "xlsm", "ods", "tsv", "xml", "yaml", "yml", "gz", "zip"];

impl From<Format> for jobs::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Ndjson => Self::Ndjson,
            Format::Xlsx => Self::Xlsx,
        }
    }
}

fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, path)) if !column.trim().is_empty() => {
            Ok((column.trim().to_owned(), path.trim().to_owned()))
        }
        _ => Err("write COLUMN=ATTRIBUTE, for example \"Dept=title\"".to_owned()),
    }
}
