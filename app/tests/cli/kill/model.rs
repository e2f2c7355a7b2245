//! Users as the model knows them, and the rows that say how they are to be.

use std::collections::BTreeMap;

use pingone_import::jobs::Outcome;

/// The users of an environment, by username.
pub(super) type People = BTreeMap<String, Person>;

/// What is to become of each row, by the name that it gives.
pub(super) type Outcomes = BTreeMap<String, Outcome>;

/// A user as far as the model knows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) title: Option<String>,
    pub(super) enabled: bool,
    pub(super) population: String,
    pub(super) password: Password,
}

/// A user's password, as far as it can be recognised.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Password {
    None,
    Clear(String),
    /// A hash, which PingOne takes as it is.
    Encoded,
    /// One that the tool has made up and written to a file.
    Generated,
}

pub(super) fn name(number: usize) -> String {
    format!("user{number:03}")
}

/// A user as it is before a job.
pub(super) fn person(number: usize) -> Person {
    Person {
        email: format!("{}@old.example.com", name(number)),
        title: number.is_multiple_of(3).then(|| "Dr".to_owned()),
        enabled: !number.is_multiple_of(5),
        population: "Staff".to_owned(),
        password: Password::None,
    }
}

/// A row's user as it is to be: a quarter is the same, a quarter has another address, and one differs in everything.
pub(super) fn wanted(number: usize) -> Person {
    let mut person = person(number);
    if number % 4 >= 2 {
        person.email = format!("{}@new.example.com", name(number));
    }
    if number % 4 == 3 {
        (person.enabled, person.population) = (!person.enabled, "Guests".to_owned());
    }
    person
}

/// Whether the user of a row is there before the job: three quarters are.
pub(super) fn exists(number: usize) -> bool {
    !number.is_multiple_of(4)
}

/// Users who are there before a job.
pub(super) fn present() -> People {
    (0..USERS).filter(|number| exists(*number)).map(|number| (name(number), person(number))).collect()
}

/// The number in a name.
pub(super) fn number(name: &str) -> usize {
    name.trim_start_matches("user").parse().unwrap()
}

pub(super) const USERS: usize = 48;
