//! Deletes: planned, confirmed and carried out by one command.

use pingone_import::jobs::Outcome;

use super::{Delivery, Scenario};
use crate::kill::input::Input;
use crate::kill::model::{Outcomes, People, Person, USERS, name, person, present};

/// Rows of users that are not there are skipped.
pub(in crate::kill) fn delete_file() -> Scenario {
    by_file(&["delete"], &[])
}

/// Some of the users in the file are protected.
pub(in crate::kill) fn delete_file_but() -> Scenario {
    by_file(&["delete", "--protect", "USER001", "--protect", "user022"], &["user001", "user022"])
}

/// A quarter of the users is in another population, and stays.
pub(in crate::kill) fn delete_population() -> Scenario {
    selecting(&["delete", "--population", "Staff"], &[], |person| person.population == "Staff")
}

/// The population goes with its users.
pub(in crate::kill) fn delete_with_population() -> Scenario {
    let command = ["delete", "--population", "Staff", "--delete-population"];
    let scenario = selecting(&command, &[], |person| person.population == "Staff");
    Scenario { populations: vec!["Guests"], ..scenario }
}

/// A filter says who goes, and there is a backup of them.
pub(in crate::kill) fn delete_filter() -> Scenario {
    let command = ["delete", "--filter", "title eq \"Dr\""];
    backed_up(selecting(&command, &[], |person| person.title.is_some()))
}

pub(in crate::kill) fn delete_everybody() -> Scenario {
    selecting(&["delete", "--whole-environment"], &[], |_| true)
}

/// Everybody goes but those who are protected, and there is a backup.
pub(in crate::kill) fn delete_everybody_but() -> Scenario {
    let command = ["delete", "--whole-environment", "--protect", "user002", "--protect", "User047"];
    backed_up(selecting(&command, &["user002", "user047"], |_| true))
}

fn by_file(command: &[&'static str], protected: &[&str]) -> Scenario {
    let named: People = (0..USERS).map(|number| (name(number), person(number))).collect();
    let before = people();
    let outcome = |name: &str| match before.contains_key(name) && !protected.contains(&name) {
        true => Outcome::Deleted,
        false => Outcome::Skipped,
    };
    let outcomes = named.keys().map(|name| (name.clone(), outcome(name))).collect();
    let after = left(&before, &outcomes);
    Scenario { input: Some(Input::csv(named)), before, after, outcomes, ..Scenario::new(command) }
}

fn selecting(command: &[&'static str], protected: &[&str], is_meant: fn(&Person) -> bool) -> Scenario {
    let before = people();
    let meant = before.iter().filter(|(_, person)| is_meant(person));
    let outcome = |name: &str| if protected.contains(&name) { Outcome::Skipped } else { Outcome::Deleted };
    let outcomes = meant.map(|(name, _)| (name.clone(), outcome(name))).collect();
    let after = left(&before, &outcomes);
    Scenario { before, after, outcomes, ..Scenario::new(command) }
}

fn backed_up(scenario: Scenario) -> Scenario {
    let mut deleted = scenario.before.clone();
    deleted.retain(|name, _| scenario.outcomes.get(name) == Some(&Outcome::Deleted));
    Scenario { delivers: Some(Delivery::Backup(deleted)), ..scenario }
}

fn left(before: &People, outcomes: &Outcomes) -> People {
    let mut left = before.clone();
    left.retain(|name, _| outcomes.get(name) != Some(&Outcome::Deleted));
    left
}

/// Those who are there, a quarter of whom is in another population.
fn people() -> People {
    let mut people = present();
    let guests = people.values_mut().skip(1).step_by(4);
    guests.for_each(|person| "Guests".clone_into(&mut person.population));
    people
}
