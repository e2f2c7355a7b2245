//! Tests of the plan, as tables.

mod convert;
mod encodings;
mod files;
mod headers;
mod purposes;
mod records;
mod rejects;
mod rows;
mod verdicts;

use std::sync::Arc;

use pingone::{Population, Schema};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::{Action, Directory, FileError, PlannedRow, Reading, Rows, UserFile};

/// The populations of the test environment, the first one the default.
const POPULATIONS: [(&str, &str); 2] = [
    ("Employees", "11111111-1111-4111-8111-111111111111"),
    ("Partners, Inc", "22222222-2222-4222-8222-222222222222"),
];

/// An environment with PingOne's own attributes and a custom one of each kind.
fn directory() -> Arc<Directory> {
    let simple = [
        "username",
        "email",
        "nickname",
        "title",
        "type",
        "locale",
        "preferredLanguage",
        "timezone",
        "primaryPhone",
        "mobilePhone",
        "externalId",
        "accountId",
        "Cost Centre",
    ];
    let mut attributes: Vec<Value> =
        simple.iter().map(|name| json!({"name": name, "type": "STRING"})).collect();
    let complex = [
        ("name", &["given", "middle", "family", "formatted", "honorificPrefix", "honorificSuffix"][..]),
        ("address", &["streetAddress", "locality", "region", "postalCode", "countryCode"]),
        ("photo", &["href"]),
    ];
    for (name, parts) in complex {
        let parts: Vec<Value> = parts.iter().map(|part| json!({"name": part, "type": "STRING"})).collect();
        attributes.push(json!({"name": name, "type": "COMPLEX", "subAttributes": parts}));
    }
    attributes.push(json!({"name": "contractor", "type": "BOOLEAN", "schemaType": "CUSTOM"}));
    attributes.push(json!({"name": "badges", "type": "STRING", "multiValued": true, "schemaType": "CUSTOM"}));
    attributes.push(json!({"name": "retired", "type": "STRING", "schemaType": "CUSTOM", "enabled": false}));
    let attributes = serde_json::from_value(Value::Array(attributes)).unwrap();
    let populations = POPULATIONS.iter().enumerate().map(|(index, (name, id))| Population {
        id: id.parse().unwrap(),
        name: (*name).to_owned(),
        description: None,
        default: index == 0,
        user_count: None,
    });
    Arc::new(Directory::new(Schema { id: None, attributes }, populations.collect()))
}

fn default_population() -> Uuid {
    POPULATIONS[0].1.parse().unwrap()
}

fn reading() -> Reading {
    Reading { population: Some(default_population()), ..Reading::default() }
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

fn open(bytes: &[u8], reading: &Reading) -> Result<UserFile, FileError> {
    let file = file(bytes);
    UserFile::open(file.path(), reading, directory())
}

/// Every row of a file that can be opened.
fn plan(bytes: &[u8]) -> Vec<PlannedRow> {
    plan_with(bytes, &reading())
}

fn plan_with(bytes: &[u8], reading: &Reading) -> Vec<PlannedRow> {
    planned(&mut open(bytes, reading).unwrap()).unwrap()
}

/// Every row that is left, read as jobs read them, a few at a time.
fn planned(file: &mut UserFile) -> Result<Vec<PlannedRow>, FileError> {
    let (planner, mut rows, mut planned) = (file.planner(), Rows::default(), Vec::new());
    while file.read_rows(&mut rows, 3)? {
        planned.extend(rows.iter().map(|row| planner.plan(row)));
    }
    Ok(planned)
}

/// A row in short: the body that would be sent, `repeats N`, or the code and column of each issue.
fn brief(planned: &PlannedRow) -> String {
    match &planned.action {
        Action::Create(creation) => {
            let mut body = serde_json::to_value(&creation.user).unwrap();
            body.as_object_mut().unwrap().shift_remove("population");
            let disabled = if creation.disabled { " disabled" } else { "" };
            format!("{body}{disabled}")
        }
        Action::Change(change) => format!("{change:?}"),
        Action::Find => "find".to_owned(),
        Action::Repeat { first } => format!("repeats {first}"),
        Action::Refuse(issues) => {
            let each = issues.iter().map(|issue| match &issue.column {
                Some(column) => format!("{} in {column}", issue.code),
                None => issue.code.to_owned(),
            });
            each.collect::<Vec<_>>().join(", ")
        }
    }
}
