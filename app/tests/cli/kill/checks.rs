//! What holds in the end, whenever the program was killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use pingone_import::jobs::{JobStatus, JobView, Jobs, RowQuery};
use serde_json::Value;

use super::model::People;
use super::scenarios::{Delivery, Form};
use super::world::World;

/// Rows of a file, by column.
type Rows = Vec<BTreeMap<String, String>>;

impl World {
    /// Ledger, users, populations and files are as the model says.
    pub(super) async fn check(&self) {
        let jobs = self.jobs().await;
        let list = jobs.list(10, None).await.unwrap();
        let all_complete = list.iter().all(|job| job.status == JobStatus::Completed);
        assert!(all_complete, "{list:?}");
        let expected = 1 + usize::from(self.scenario.deletes() || self.scenario.retries());
        assert_eq!(list.len(), expected, "{list:?}");
        let job = &list[0];
        self.check_ledger(&jobs, job).await;
        let output = match self.scenario.delivers {
            Some(Delivery::Users(..) | Delivery::Backup(_)) => Some(jobs.output(job.id).await.unwrap().path),
            _ => None,
        };
        jobs.close().await;
        // The directory is free for the program when nobody holds it here.
        drop(jobs);
        let generated = self.check_delivery(job, output.as_deref()).await;
        assert_eq!(self.people(&generated), self.scenario.after);
        let mut names: Vec<_> = self.simulator.populations().into_iter().map(|(_, name)| name).collect();
        let mut expected = self.scenario.populations.clone();
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }

    async fn check_ledger(&self, jobs: &Jobs, job: &JobView) {
        let rows = jobs.rows(job.id, RowQuery { outcome: None, after: 0, limit: 1000 }).await.unwrap().rows;
        let outcomes: BTreeMap<_, _> = rows.iter().map(|row| (row.key.clone(), row.outcome)).collect();
        assert_eq!(outcomes, self.scenario.outcomes);
        assert_eq!(rows.len(), outcomes.len(), "one entry for each row");
        assert_eq!(job.counts.processed, job.total);
    }

    /// The passwords that were delivered, where some were made up.
    async fn check_delivery(&self, job: &JobView, output: Option<&Path>) -> BTreeMap<String, String> {
        let mut files: Vec<PathBuf> = output.map(Path::to_owned).into_iter().collect();
        // What the command itself has written is whole, or not there.
        files.extend(Some(self.out()).filter(|path| path.exists()));
        match &self.scenario.delivers {
            None => BTreeMap::new(),
            Some(Delivery::Passwords) => self.check_passwords(job).await,
            Some(Delivery::Users(people, form)) => {
                files.iter().for_each(|file| check_users(file, *form, people));
                BTreeMap::new()
            }
            Some(Delivery::Backup(people)) => {
                files.iter().for_each(|file| check_users(file, Form::Csv, people));
                BTreeMap::new()
            }
        }
    }

    /// Either the file is there and nothing else is, or they can be had, once.
    async fn check_passwords(&self, job: &JobView) -> BTreeMap<String, String> {
        let id = job.id.to_string();
        let mut file = self.out();
        assert!(job.has_passwords || file.exists(), "they are nowhere");
        if job.has_passwords {
            let later = self.path("later");
            let fetched =
                self.run(&["jobs", "passwords", &id, "-o", later.to_str().unwrap(), "--json"]).await;
            assert_eq!(fetched.code, Some(0), "{fetched:?}");
            if file.exists() {
                assert_eq!(
                    std::fs::read(&file).unwrap(),
                    std::fs::read(&later).unwrap(),
                    "whole, or not there"
                );
            }
            file = later;
        }
        let again = self.path("again");
        let again = self.run(&["jobs", "passwords", &id, "-o", again.to_str().unwrap(), "--json"]).await;
        assert_eq!(again.code, Some(2), "{again:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let rows = csv_rows(&file);
        let passwords: BTreeMap<_, _> =
            rows.iter().map(|row| (row["username"].clone(), row["password"].clone())).collect();
        assert_eq!(rows.len(), passwords.len(), "each once");
        let made_up = self.scenario.after.iter();
        let made_up = made_up.filter(|(_, person)| person.password == super::model::Password::Generated);
        assert!(passwords.keys().eq(made_up.map(|(name, _)| name)), "{passwords:?}");
        passwords
    }
}

/// A file has exactly these users, each with everything that it had.
fn check_users(file: &Path, form: Form, people: &People) {
    let rows = match form {
        Form::Csv => csv_rows(file),
        Form::Ndjson => ndjson_rows(file),
        Form::Xlsx => workbook_rows(file),
    };
    let row = |mut row: BTreeMap<String, String>| {
        row.retain(|column, _| !ALIKE.contains(&column.as_str()));
        (row["username"].clone(), row)
    };
    let count = rows.len();
    let written: BTreeMap<_, _> = rows.into_iter().map(row).collect();
    assert_eq!(count, written.len(), "each once");
    let expected = people.iter().map(|(name, person)| {
        let mut row: BTreeMap<_, _> = [
            ("username", name.clone()),
            ("email", person.email.clone()),
            ("enabled", person.enabled.to_string()),
            ("population.name", person.population.clone()),
        ]
        .into_iter()
        .map(|(column, value)| (column.to_owned(), value))
        .collect();
        row.extend(person.title.clone().map(|title| ("title".to_owned(), title)));
        (name.clone(), row)
    });
    assert_eq!(written, expected.collect::<BTreeMap<_, _>>(), "{}", file.display());
}

fn csv_rows(file: &Path) -> Rows {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let columns = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| cells(&columns, record.iter().map(str::to_owned));
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn ndjson_rows(file: &Path) -> Rows {
    let text = std::fs::read_to_string(file).unwrap();
    let objects = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let row = |object: Value| {
        let name = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut row = BTreeMap::new();
        for (path, value) in object.as_object().unwrap() {
            match value {
                Value::Object(parts) => {
                    row.extend(parts.iter().map(|(part, value)| (format!("{path}.{part}"), name(value))));
                }
                value => drop(row.insert(path.clone(), name(value))),
            }
        }
        row
    };
    objects.map(row).collect()
}

fn workbook_rows(file: &Path) -> Rows {
    let mut book: Xlsx<_> = open_workbook(file).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| match cell {
        Data::Bool(value) => value.to_string(),
        cell => cell.to_string(),
    };
    let mut rows = range.rows().map(|row| row.iter().map(text).collect::<Vec<_>>());
    let columns = csv::StringRecord::from(rows.next().unwrap());
    rows.map(|row| cells(&columns, row.into_iter())).collect()
}

/// The cells that are not blank, without what an export says to the importer.
fn cells(columns: &csv::StringRecord, cells: impl Iterator<Item = String>) -> BTreeMap<String, String> {
    let named = columns.iter().map(str::to_owned).zip(cells);
    named.filter(|(name, cell)| !cell.is_empty() && !OURS.contains(&name.as_str())).collect()
}

/// Columns that are no attributes.
const OURS: [&str; 2] = ["formula_guard", "exact_text"];

/// Attributes in which nobody differs.
const ALIKE: [&str; 2] = ["lifecycle.status", "mfaEnabled"];
