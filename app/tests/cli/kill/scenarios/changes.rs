//! Jobs that change users, and the retry of what failed.

use pingone_import::jobs::Outcome;

use super::Scenario;
use crate::kill::input::{Form, Input};
use crate::kill::model::{Password, People, USERS, exists, name, number, person, present, wanted};

/// Whoever is there is changed, and the rest is created.
pub(in crate::kill) fn upsert() -> Scenario {
    changing(&["import", "--mode", "upsert"], true, everybody())
}

pub(in crate::kill) fn upsert_from_ndjson() -> Scenario {
    let mut scenario = upsert();
    scenario.input.as_mut().unwrap().form = Form::Ndjson;
    scenario
}

/// Everybody gets a password; it cannot be compared, so everybody who is there is changed.
pub(in crate::kill) fn set_passwords() -> Scenario {
    let mut wanted = everybody();
    for (name, person) in &mut wanted {
        person.password = Password::Clear(format!("2Federate!{name}"));
    }
    let mut scenario = changing(&["import", "--mode", "upsert"], true, wanted.clone());
    scenario.input = Some(Input::with_passwords(wanted));
    let unchanged = scenario.outcomes.values_mut().filter(|outcome| **outcome == Outcome::Unchanged);
    unchanged.for_each(|outcome| *outcome = Outcome::Updated);
    scenario
}

/// Rows of users that are not there fail.
pub(in crate::kill) fn modify() -> Scenario {
    changing(&["modify"], false, everybody())
}

/// Titles are cleared, and whoever is not there is created.
pub(in crate::kill) fn modify_or_create() -> Scenario {
    let mut wanted = everybody();
    wanted.values_mut().for_each(|person| person.title = None);
    let mut scenario = changing(&["modify", "--create-missing", "--clear-marker", "-"], true, wanted);
    scenario.input.as_mut().unwrap().no_title = "-";
    scenario
}

/// The failed rows of an import once more: some were not created, some not disabled, and one cannot be.
pub(in crate::kill) fn retry() -> Scenario {
    let mut people: People = (0..USERS).map(|number| (name(number), person(number))).collect();
    let failed = people.iter().filter(|(name, person)| !exists(number(name)) || !person.enabled);
    let mut outcomes: super::Outcomes = failed.map(|(name, _)| (name.clone(), Outcome::Created)).collect();
    let after = people.clone();
    let mut wrong = person(USERS);
    "not an address".clone_into(&mut wrong.email);
    people.insert(name(USERS), wrong);
    outcomes.insert(name(USERS), Outcome::Failed);
    Scenario { input: Some(Input::csv(people)), after, outcomes, ..Scenario::new(&["jobs", "retry"]) }
}

fn changing(command: &[&'static str], creates: bool, wanted: People) -> Scenario {
    let before = present();
    let outcome = |name: &String| match before.get(name) {
        None if creates => Outcome::Created,
        None => Outcome::Failed,
        Some(person) if *person == wanted[name] => Outcome::Unchanged,
        Some(_) => Outcome::Updated,
    };
    let outcomes = wanted.keys().map(|name| (name.clone(), outcome(name))).collect();
    let mut after = wanted.clone();
    after.retain(|name, _| creates || before.contains_key(name));
    Scenario { input: Some(Input::csv(wanted)), before, after, outcomes, ..Scenario::new(command) }
}

fn everybody() -> People {
    (0..USERS).map(|number| (name(number), wanted(number))).collect()
}
