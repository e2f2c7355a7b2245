//! What is said of rows, of which no user is made, is what the whole user's check says.

use std::collections::BTreeSet;
use std::sync::Arc;

use pingone::{NewUser, ProblemCode, Schema};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{POPULATIONS, directory, file, reading};
use crate::plan::csv_line::joined;
use crate::plan::rows::{Planner, Rows};
use crate::plan::{Action, Directory, Issue, MatchBy, Purpose, Reading, UserFile};

const HEADER: &str = "username,email,given,enabled,population,contractor,badges,grade,badge,notes,desk.room";

/// The other kinds of attributes: with allowed values, with a pattern, required, JSON, and with a required part.
fn demanding() -> Arc<Directory> {
    let plain = directory();
    let more = json!([
        {"name": "grade", "type": "STRING", "enumeratedValues": [{"value": "A"}, {"value": "B", "archived": true}]},
        {"name": "badge", "type": "STRING", "required": true, "regexValidation": {"pattern": "[0-9]{3}"}},
        {"name": "notes", "type": "JSON"},
        {"name": "desk", "type": "COMPLEX", "required": true, "subAttributes": [{"name": "room", "type": "STRING"}]},
    ]);
    let more: Vec<pingone::Attribute> = serde_json::from_value(more).unwrap();
    let attributes = plain.schema.attributes.iter().cloned().chain(more).collect();
    Arc::new(Directory::new(Schema { id: None, attributes }, plain.populations().to_vec()))
}

fn cell(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(values), 1 => Just(""), 1 => Just("-")].prop_map(str::to_owned)
}

fn row() -> impl Strategy<Value = Vec<String>> {
    vec![
        cell(&["ada", "ADA", "bob", " zoë ", "a\tb", "eve"]),
        cell(&["a@b", "a@b.example", "nobody", "a b@c"]),
        cell(&["Ada", "x\ty", "  "]),
        cell(&["yes", "0", "maybe"]),
        cell(&[POPULATIONS[0].0, POPULATIONS[1].1, "Nowhere"]),
        cell(&["true", "no", "perhaps"]),
        cell(&["one", "[\"one\",\"two\"]", "[1]", "["]),
        cell(&["A", "B", "C"]),
        cell(&["123", "12", "1234"]),
        cell(&["null", "{\"a\":null}", "{\"a\":1}", "{"]),
        cell(&["1.01", "cellar"]),
    ]
}

fn text(table: &[Vec<String>]) -> String {
    let lines = table.iter().map(|cells| joined(cells.iter().map(String::as_str)) + "\n");
    format!("{HEADER}\n{}", lines.collect::<String>())
}

fn rows(text: &str, reading: &Reading, directory: &Arc<Directory>) -> (Planner, Rows) {
    let file = file(text.as_bytes());
    let mut file = UserFile::open(file.path(), reading, Arc::clone(directory)).unwrap();
    let mut rows = Rows::default();
    file.read_rows(&mut rows, 1000).unwrap();
    (file.planner(), rows)
}

/// Issues that are none of the schema's.
fn is_own(target: Option<&str>, code: &str) -> bool {
    let is_own_target =
        matches!(target, None | Some("enabled" | "population" | "contractor" | "badges" | "notes"));
    is_own_target || matches!(code, "CANNOT_CLEAR" | "REQUIRED_VALUE" | "EXTRA_VALUE")
}

#[test]
fn long_rows_are_read_a_few_at_a_time() {
    let note = "x".repeat(100_000);
    let lines = (0..100).map(|row| format!("user{row},{note}\n"));
    let text = format!("username,email\n{}", lines.collect::<String>());
    let file = file(text.as_bytes());
    let mut file = UserFile::open(file.path(), &reading(), directory()).unwrap();
    let (mut rows, mut numbers) = (Rows::default(), Vec::new());
    while file.read_rows(&mut rows, 1000).unwrap() {
        assert!(rows.len() <= 3, "{} rows of 100 kB at once", rows.len());
        numbers.extend(rows.iter().map(|row| row.number()));
    }
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
}

/// What PingOne would object to in what is sent of a row: nothing that the row does not mention is missing.
fn objections(directory: &Directory, username: &str, mut attributes: Map<String, Value>) -> BTreeSet<Told> {
    let username = match attributes.remove("username") {
        Some(Value::String(renamed)) => renamed,
        _ => username.to_owned(),
    };
    let username = if username.is_empty() { "ada".to_owned() } else { username };
    let mentioned: BTreeSet<_> = attributes.keys().cloned().collect();
    let user = NewUser { attributes, ..NewUser::new(username, None) };
    let problems = directory.schema.validate(&user).into_iter();
    let real = problems
        .filter(|problem| problem.code != ProblemCode::RequiredValue || mentioned.contains(&problem.target));
    real.map(|problem| (problem.target, problem.code.as_str())).collect()
}

/// A target and a code.
type Told = (String, &'static str);

fn told(issues: &[Issue]) -> BTreeSet<Told> {
    issues.iter().filter_map(|issue| Some((issue.target.clone()?, issue.code))).collect()
}

proptest! {
    #[test]
    fn rows_and_users_are_held_against_the_same_demands(table in prop::collection::vec(row(), 1..8)) {
        let reading = Reading { clear_marker: Some("-".to_owned()), ..reading() };
        let directory = demanding();
        let (planner, rows) = rows(&text(&table), &reading, &directory);
        for row in rows.iter().filter(|row| !planner.rules.username(&row.record).is_empty()) {
            let Action::Create(creation) = planner.rules.action(&row.record) else { unreachable!() };
            let problems = directory.schema.validate(&creation.user);
            let problems: BTreeSet<_> =
                problems.into_iter().map(|problem| (problem.target, problem.code.as_str())).collect();
            let issues = planner.rules.check(&row.record);
            prop_assert!(told(&issues).is_superset(&problems), "{issues:?} {problems:?} {creation:?}");
            let is_explained = issues.iter().any(|issue| is_own(issue.target.as_deref(), issue.code));
            prop_assert!(issues.is_empty() || !problems.is_empty() || is_explained, "{issues:?}");
        }
    }

    #[test]
    fn rows_that_change_are_held_against_what_is_sent_of_them(
        table in prop::collection::vec(row(), 1..8),
        creates in any::<bool>(),
        by_email in any::<bool>(),
    ) {
        let purpose = if creates { Purpose::CreateOrChange } else { Purpose::Change };
        let key = if by_email { MatchBy::Email } else { MatchBy::Username };
        let reading = Reading { clear_marker: Some("-".to_owned()), purpose, key, ..reading() };
        let directory = demanding();
        let (planner, rows) = rows(&text(&table), &reading, &directory);
        for row in rows.iter().filter(|row| !planner.rules.key(&row.record).is_empty()) {
            let Action::Change(change) = planner.rules.action(&row.record) else { unreachable!() };
            let username = planner.rules.username(&row.record);
            let mut sent = change.attributes.clone();
            // A key is compared and not sent, and yet it has to be one that a user can have.
            if by_email && planner.rules.key(&row.record) != "-" {
                sent.insert("email".to_owned(), planner.rules.key(&row.record).into());
            }
            let problems = objections(&directory, username, sent);
            let issues = planner.rules.check(&row.record);
            prop_assert!(told(&issues).is_superset(&problems), "{issues:?} {problems:?} {change:?}");
            if let Some(creation) = &change.creation {
                prop_assert!(creates);
                let demanded = directory.schema.validate(&creation.user).into_iter();
                let missing: Vec<_> = demanded
                    .filter_map(|problem| (problem.code == ProblemCode::RequiredValue).then_some(problem.target))
                    .collect();
                prop_assert_eq!(&creation.missing, &missing);
                let problems = objections(&directory, username, creation.user.attributes.clone());
                prop_assert!(told(&issues).is_superset(&problems), "{issues:?} {problems:?} {creation:?}");
            }
            let is_explained = issues.iter().any(|issue| is_own(issue.target.as_deref(), issue.code));
            prop_assert!(issues.is_empty() || !problems.is_empty() || is_explained, "{issues:?}");
        }
    }

    #[test]
    fn rows_that_only_name_users_are_held_against_nothing_else(table in prop::collection::vec(row(), 1..8)) {
        let reading = Reading { purpose: Purpose::Find, ..reading() };
        let (planner, rows) = rows(&text(&table), &reading, &demanding());
        for row in rows.iter() {
            let issues: Vec<_> = planner.rules.check(&row.record).iter().map(|issue| issue.code).collect();
            let is_named = !planner.rules.key(&row.record).is_empty();
            prop_assert_eq!(issues, if is_named { vec![] } else { vec!["REQUIRED_VALUE"] });
            prop_assert_eq!(planner.rules.action(&row.record), Action::Find);
        }
    }
}
