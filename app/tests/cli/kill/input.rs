//! The file that a job reads, in each of its forms.

use std::path::Path;

use pingone_sim::Simulator;
use serde_json::{Map, Value};

use super::model::{Password, People, Person};

/// A file of users.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) form: Form,
    pub(super) people: People,
    pub(super) columns: &'static [&'static str],
    /// What a cell says whose user is to have no title.
    pub(super) no_title: &'static str,
    pub(super) populations: Populations,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Csv,
    Xlsx,
    Ndjson,
    Json,
}

/// How rows name their population.
#[derive(Clone, Copy, Debug)]
pub(super) enum Populations {
    Names,
    /// By name, but this one by a blank, since it is the job's.
    NamesBut(&'static str),
    /// By id, but this one by a blank, since it is the job's.
    IdsBut(&'static str),
}

impl Input {
    pub(super) fn csv(people: People) -> Self {
        let columns = &["username", "email", "title", "enabled", "population"];
        Self { form: Form::Csv, people, columns, no_title: "", populations: Populations::Names }
    }

    pub(super) fn with_passwords(people: People) -> Self {
        let columns = &["username", "email", "title", "enabled", "population", "password"];
        Self { columns, ..Self::csv(people) }
    }

    /// Writes the file into `dir` and gives its path.
    pub(super) fn write(&self, dir: &Path, simulator: &Simulator) -> String {
        let rows: Vec<Vec<String>> = self
            .people
            .iter()
            .map(|(name, person)| {
                self.columns.iter().map(|column| self.cell(column, name, person, simulator)).collect()
            })
            .collect();
        let (ending, bytes) = match self.form {
            Form::Csv => ("csv", csv_bytes(self.columns, &rows)),
            Form::Xlsx => ("xlsx", workbook(self.columns, &rows)),
            Form::Ndjson => ("ndjson", lines(objects(self.columns, &rows))),
            Form::Json => ("json", Value::Array(objects(self.columns, &rows).collect()).to_string().into()),
        };
        let path = dir.join(format!("input.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn cell(&self, column: &str, name: &str, person: &Person, simulator: &Simulator) -> String {
        match column {
            "username" => name.to_owned(),
            "email" => person.email.clone(),
            "title" => person.title.clone().unwrap_or_else(|| self.no_title.to_owned()),
            "enabled" => person.enabled.to_string(),
            "population" => self.population(&person.population, simulator),
            _ => match &person.password {
                Password::Clear(text) => text.clone(),
                Password::Encoded => ENCODED.to_owned(),
                Password::None | Password::Generated => String::new(),
            },
        }
    }

    fn population(&self, name: &str, simulator: &Simulator) -> String {
        match self.populations {
            Populations::NamesBut(blank) | Populations::IdsBut(blank) if name == blank => String::new(),
            Populations::Names | Populations::NamesBut(_) => name.to_owned(),
            Populations::IdsBut(_) => {
                let known = simulator.populations();
                known.iter().find(|(_, known)| known == name).unwrap().0.to_string()
            }
        }
    }
}

fn lines(objects: impl Iterator<Item = Value>) -> Vec<u8> {
    objects.map(|object| object.to_string() + "\n").collect::<String>().into()
}

fn csv_bytes(columns: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

fn workbook(columns: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(columns) {
        sheet.write_string(0, column, *name).unwrap();
        for (row, cells) in (1..).zip(rows) {
            sheet.write_string(row, column, &cells[usize::from(column)]).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn objects(columns: &[&str], rows: &[Vec<String>]) -> impl Iterator<Item = Value> {
    rows.iter().map(|row| {
        let cells = columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        Value::Object(
            cells.map(|(name, cell)| ((*name).to_owned(), cell.clone().into())).collect::<Map<_, _>>(),
        )
    })
}

/// Some hash in a form that PingOne takes.
const ENCODED: &str = "{SSHA512}sQ3lzS2o0vB1n6XjzJpO1bZ2wC9f0mC1p5ZyqfK0dC4=";
