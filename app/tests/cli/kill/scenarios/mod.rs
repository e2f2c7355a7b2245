//! What happens to one environment: users, a command, and what is to come of it.

mod changes;
mod deletes;
mod exports;
mod imports;

pub(super) use changes::{modify, modify_or_create, retry, set_passwords, upsert, upsert_from_ndjson};
pub(super) use deletes::{
    delete_everybody, delete_everybody_but, delete_file, delete_file_but, delete_filter, delete_population,
    delete_with_population,
};
pub(super) use exports::{export, export_filter, export_population};
pub(super) use imports::{
    create, create_by_id, create_populations, generate_passwords, give_passwords, skip, skip_from_workbook,
};

use super::input::Input;
use super::model::{Outcomes, People};

/// What happens to one environment.
#[derive(Debug)]
pub(super) struct Scenario {
    /// The command with its options, but those that name files or say something again.
    pub(super) command: Vec<&'static str>,
    pub(super) input: Option<Input>,
    pub(super) before: People,
    pub(super) after: People,
    pub(super) outcomes: Outcomes,
    /// The populations that there are in the end.
    pub(super) populations: Vec<&'static str>,
    pub(super) delivers: Option<Delivery>,
}

/// What is written to a file.
#[derive(Debug)]
pub(super) enum Delivery {
    /// These users, as an export.
    Users(People, Form),
    /// These users, before they are deleted.
    Backup(People),
    /// The passwords of those who have a generated one.
    Passwords,
}

/// The format of an export.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Csv,
    Ndjson,
    Xlsx,
}

impl Scenario {
    fn new(command: &[&'static str]) -> Self {
        Self {
            command: command.to_vec(),
            input: None,
            before: People::new(),
            after: People::new(),
            outcomes: Outcomes::new(),
            populations: vec!["Guests", "Staff"],
            delivers: None,
        }
    }

    pub(super) fn deletes(&self) -> bool {
        self.command[0] == "delete"
    }

    pub(super) fn retries(&self) -> bool {
        self.command == ["jobs", "retry"]
    }

    pub(super) fn has(&self, option: &str) -> bool {
        self.command.contains(&option)
    }
}
