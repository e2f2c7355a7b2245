//! What a caller may ask of a new job.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Error;
use super::view::{JobId, Kind, Mode};
use crate::plan::MatchBy;

/// The options of a new job: the `options` part of `POST /api/jobs`, every field with a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobOptions {
    /// What the job does. Default: import.
    pub kind: Kind,
    /// How an import treats users. Default: create.
    pub mode: Mode,
    /// By what a row and a user of PingOne are the same. Default: the username.
    pub match_by: MatchBy,
    /// The id or the exact name of a population. In an import, of rows that name none; its default is the
    /// environment's default population. In a delete or an export, of the users that are selected.
    pub population: Option<String>,
    /// Whether populations that do not exist are created, whether named here or in a row. Default: no.
    pub create_population: bool,
    /// Whether a modify creates users that do not exist instead of failing their rows. Default: no.
    pub create_missing: bool,
    /// Whether users are created disabled whose row does not say. Default: no.
    pub default_disabled: bool,
    /// Whether created users without a password get one, which can be fetched once. Default: no.
    pub generate_passwords: bool,
    /// Whether passwords must be changed at the next sign-on where the row does not say. Default: no.
    pub force_password_change: bool,
    /// In an import: a mail that each created user gets once, if it has an address: a line `Subject: …`, a blank line, and
    /// the text, in which `{username}`, `{name.given}` and other paths stand for what the user has. Default: none.
    pub welcome_mail: Option<String>,
    /// What a cell holds whose attribute is to be cleared. Default: nothing clears.
    pub clear_marker: Option<String>,
    /// Whether columns that name no attribute are left out instead of refused. Default: no.
    pub ignore_unknown_columns: bool,
    /// What columns mean: names of columns and paths of attributes; a blank path leaves the column out.
    pub mapping: BTreeMap<String, String>,
    /// The name of a saved mapping to begin with; what `mapping` says comes before it. Default: none.
    pub saved_mapping: Option<String>,
    /// Whether the job stops after planning and writes nothing to PingOne. Default: no.
    pub dry_run: bool,
    /// The delimiter: `,`, `;`, `|` or a tab. Default: detected.
    #[schema(value_type = Option<String>)]
    pub delimiter: Option<char>,
    /// The encoding's label, for example `windows-1252`. Default: detected.
    pub encoding: Option<String>,
    /// In a delete or an export: a SCIM filter that selects users, for example `email ew "@example.com"`.
    pub filter: Option<String>,
    /// In a delete: every user of the environment. Default: no. An export without a selection takes all.
    pub whole_environment: bool,
    /// In a delete: users that are never deleted, by username or id.
    pub protect: Vec<String>,
    /// In a delete: the dry run whose users are deleted, and nobody else.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub plan: Option<JobId>,
    /// In a delete: the `confirmation` of that dry run, typed by whoever answers for it.
    pub confirm: Option<String>,
    /// In a delete: whether the users are exported before the first one is deleted. Default: no.
    pub backup: bool,
    /// In a delete: the population, emptied by it, that is deleted at the end. Default: none.
    pub delete_population: bool,
    /// In an export: the attributes to write, by path. Default: every one that a user has and an import takes.
    pub attributes: Vec<String>,
    /// In an export: the format of the file. Default: CSV.
    pub format: Format,
}

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated UTF-8 with a header line (RFC 4180).
    #[default]
    Csv,
    /// One JSON object on each line.
    Ndjson,
    /// An Excel workbook with one sheet.
    Xlsx,
}

impl Format {
    /// The ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

impl JobOptions {
    /// Whether the job's users come from a search in PingOne and not from a file.
    pub fn selects(&self) -> bool {
        match self.kind {
            Kind::Export => true,
            Kind::Delete => self.whole_environment || self.population.is_some() || self.filter.is_some(),
            Kind::Import | Kind::Modify => false,
        }
    }

    /// Whether users that the job creates are written to.
    pub(super) fn writes_to_users(&self) -> bool {
        self.welcome_mail.is_some() && !self.dry_run
    }

    /// What the rows of the job's ledger name their users by.
    pub(super) fn named_by(&self) -> MatchBy {
        if self.selects() { MatchBy::Username } else { self.match_by }
    }

    /// Whether the job can do without a file.
    pub fn goes_without_file(&self) -> bool {
        self.selects() || self.plan.is_some()
    }

    /// Whether each row has to be looked up in PingOne before it is decided what it does.
    pub(super) fn looks_up(&self) -> bool {
        self.kind != Kind::Import || self.mode != Mode::Create
    }
}

impl JobOptions {
    /// Refuses what makes no sense together, so that nothing is ever left out silently.
    ///
    /// # Errors
    /// When the options contradict each other or the kind of job.
    pub(super) fn check(&self, has_file: bool) -> Result<(), Error> {
        let only_for = |set: bool, kinds: &[Kind], name: &str| match set && !kinds.contains(&self.kind) {
            true => Err(Error::Options(format!("{name:?} is not an option of this kind of job"))),
            false => Ok(()),
        };
        use Kind::{Delete, Export, Import, Modify};
        self.check_blanks()?;
        only_for(self.mode != Mode::Create, &[Import], "mode")?;
        only_for(self.create_missing, &[Modify], "create_missing")?;
        only_for(self.welcome_mail.is_some(), &[Import], "welcome_mail")?;
        only_for(self.create_population, &[Import, Modify], "create_population")?;
        only_for(self.generate_passwords, &[Import, Modify], "generate_passwords")?;
        only_for(self.clear_marker.is_some(), &[Import, Modify], "clear_marker")?;
        only_for(self.saved_mapping.is_some(), &[Import, Modify, Delete], "saved_mapping")?;
        only_for(self.filter.is_some(), &[Delete, Export], "filter")?;
        only_for(self.whole_environment, &[Delete], "whole_environment")?;
        only_for(!self.protect.is_empty(), &[Delete], "protect")?;
        only_for(self.plan.is_some() || self.confirm.is_some(), &[Delete], "plan")?;
        only_for(self.backup || self.delete_population, &[Delete], "backup")?;
        only_for(!self.attributes.is_empty(), &[Export], "attributes")?;
        only_for(self.format != Format::Csv, &[Export, Delete], "format")?;
        match self.kind {
            Import | Modify => self.check_file(has_file),
            Export if has_file => Err(Error::Options("an export takes no file".to_owned())),
            Export => Ok(()),
            Delete => self.check_delete(has_file),
        }
    }

    /// A variable of a script that nobody set must not widen what is selected.
    fn check_blanks(&self) -> Result<(), Error> {
        let is_blank = |text: &Option<String>| text.as_deref().is_some_and(|text| text.trim().is_empty());
        let blanks = [("filter", &self.filter), ("population", &self.population)];
        match blanks.into_iter().find(|(_, text)| is_blank(text)) {
            Some((name, _)) => {
                Err(Error::Options(format!("{name:?} is blank; say what it is to be, or leave it out")))
            }
            None => Ok(()),
        }
    }

    fn check_file(&self, has_file: bool) -> Result<(), Error> {
        let refuse = |reason: &str| Err(Error::Options(reason.to_owned()));
        match self.match_by {
            _ if !has_file => refuse("the file with the users is missing"),
            MatchBy::Username => Ok(()),
            _ if self.kind == Kind::Import && self.mode == Mode::Create => refuse(
                "\"match_by\" needs the mode \"upsert\" or \"skip_existing\": a create looks nobody up",
            ),
            MatchBy::Id if self.kind == Kind::Import || self.create_missing => {
                refuse("users that may not exist yet cannot be matched by PingOne's id")
            }
            _ => Ok(()),
        }
    }

    fn check_delete(&self, has_file: bool) -> Result<(), Error> {
        let refuse = |reason: &str| Err(Error::Options(reason.to_owned()));
        let chosen = [has_file, self.whole_environment, self.population.is_some() || self.filter.is_some()];
        let chosen = chosen.iter().filter(|chosen| **chosen).count();
        match (self.plan, chosen) {
            (Some(_), _) if self.dry_run => refuse("a plan is planned already; leave out \"dry_run\""),
            (Some(_), _) if !self.protect.is_empty() => {
                refuse("a plan says itself who is protected; plan anew with \"protect\"")
            }
            (Some(_), 0) => Ok(()),
            (Some(_), _) => refuse("a plan says itself who is deleted; name nobody beside it"),
            (None, 0) => {
                refuse("say who is to be deleted: a file, a population, a filter or the whole environment")
            }
            (None, 1) if self.dry_run => Ok(()),
            (None, 1) => Err(Error::Unconfirmed),
            (None, _) => refuse(
                "it is not clear who is to be deleted: name a file, a population with or without a filter, or the whole environment, and only one of them",
            ),
        }
    }
}
