//! Imports that leave alone whoever is there.

use pingone_import::jobs::Outcome;

use super::{Delivery, Scenario};
use crate::kill::input::{Form, Input, Populations};
use crate::kill::model::{Password, People, USERS, exists, name, person, present, wanted};

/// Every row of a user that is there fails.
pub(in crate::kill) fn create() -> Scenario {
    creating(&["import"], |_| {})
}

/// Rows name populations by id, or none, and then the default one counts.
pub(in crate::kill) fn create_by_id() -> Scenario {
    let mut scenario = creating(&["import"], |_| {});
    let input = scenario.input.as_mut().unwrap();
    (input.form, input.populations) = (Form::Json, Populations::IdsBut("Guests"));
    scenario
}

/// Rows name populations that are not there yet, and so does the command.
pub(in crate::kill) fn create_populations() -> Scenario {
    let populations = ["Partners", "New staff", "Fresh"];
    let mut scenario =
        creating(&["import", "--create-population", "--population", "Fresh"], |people: &mut People| {
            for (number, person) in people.values_mut().enumerate() {
                populations[number % 3].clone_into(&mut person.population);
            }
        });
    scenario.input.as_mut().unwrap().populations = Populations::NamesBut("Fresh");
    scenario.populations.extend(populations);
    scenario
}

/// Rows have a password, a hash of one, or none.
pub(in crate::kill) fn give_passwords() -> Scenario {
    let mut scenario = creating(&["import"], |people| {
        for (number, person) in people.values_mut().enumerate() {
            person.password = match number / 4 % 3 {
                0 => Password::Clear(format!("2Federate!{number}")),
                1 => Password::Encoded,
                _ => Password::None,
            };
        }
    });
    with_passwords(&mut scenario);
    scenario
}

/// Rows have a password, or get one that is made up.
pub(in crate::kill) fn generate_passwords() -> Scenario {
    let mut scenario = creating(&["import"], |people| {
        for (number, person) in people.values_mut().enumerate() {
            person.password = match number / 4 % 3 {
                0 => Password::Clear(format!("2Federate!{number}")),
                _ => Password::Generated,
            };
        }
    });
    with_passwords(&mut scenario);
    scenario.delivers = Some(Delivery::Passwords);
    scenario
}

/// Rows of users that are there are skipped.
pub(in crate::kill) fn skip() -> Scenario {
    let (before, wanted) = (present(), everybody());
    let mut after = wanted.clone();
    after.extend(before.clone());
    let outcome = |number| if exists(number) { Outcome::Skipped } else { Outcome::Created };
    Scenario {
        input: Some(Input::csv(wanted)),
        before,
        after,
        outcomes: (0..USERS).map(|number| (name(number), outcome(number))).collect(),
        ..Scenario::new(&["import", "--mode", "skip-existing"])
    }
}

pub(in crate::kill) fn skip_from_workbook() -> Scenario {
    let mut scenario = skip();
    scenario.input.as_mut().unwrap().form = Form::Xlsx;
    scenario
}

fn creating(command: &[&'static str], change: impl FnOnce(&mut People)) -> Scenario {
    let (mut before, mut wanted) = (present(), everybody());
    // A user that is there and in nothing different could be one that the killed run has just created.
    before.values_mut().for_each(|person| person.email.insert_str(0, "other-"));
    change(&mut wanted);
    let mut after = wanted.clone();
    after.extend(before.clone());
    let outcome = |number| if exists(number) { Outcome::Failed } else { Outcome::Created };
    Scenario {
        input: Some(Input::csv(wanted)),
        before,
        after,
        outcomes: (0..USERS).map(|number| (name(number), outcome(number))).collect(),
        ..Scenario::new(command)
    }
}

fn with_passwords(scenario: &mut Scenario) {
    let people = scenario.input.take().unwrap().people;
    scenario.input = Some(Input::with_passwords(people));
}

fn everybody() -> People {
    (0..USERS)
        .map(|number| {
            // Whoever is new is in either population.
            let population = if number % 8 == 0 { "Guests" } else { "Staff" }.to_owned();
            let new = crate::kill::model::Person { population, ..person(number) };
            (name(number), if exists(number) { wanted(number) } else { new })
        })
        .collect()
}
