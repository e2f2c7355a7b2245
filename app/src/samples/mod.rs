//! Users that nobody is: files to try the tool with, the same ones every time.

mod names;

use std::fmt::Write as _;

use names::{FAMILY, GIVEN};

use crate::jobs::Counts;

/// A sample file and what importing it yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The file.
    pub csv: String,
    /// What importing it yields, in an environment that has [`EXISTING`] users.
    pub expected: Expected,
}

/// What importing a sample yields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Rows.
    pub total: u64,
    /// Users created.
    pub created: u64,
    /// Of those, users that are disabled afterwards.
    pub disabled: u64,
    /// Rows skipped because an earlier row has the same username.
    pub skipped: u64,
    /// Rows failed.
    pub failed: u64,
}

impl Expected {
    /// Whether a job came out like this.
    pub fn agrees_with(&self, counts: &Counts) -> bool {
        (counts.processed, counts.created, counts.skipped, counts.failed)
            == (self.total, self.created, self.skipped, self.failed)
    }
}

/// The usernames that must exist before the demo's file is imported, so that its rows for them fail.
pub const EXISTING: [&str; 5] = ["admin", "helpdesk", "operator", "payroll", "reception"];

/// The name of the demo's file.
pub const DEMO_FILE: &str = "sample-users.csv";

/// A file of 1,000 users, some of them wrong in each of the ways in which rows go wrong in practice.
pub fn demo() -> Sample {
    let mut rows = Rows::new(DEMO_SEED, "username,email,given name,family name,title,enabled,population\r\n");
    while rows.expected.total < DEMO_ROWS {
        let number = rows.expected.total;
        match FLAWS.iter().find(|(every, offset, _)| number % every == *offset) {
            Some((_, _, flaw)) => rows.flawed(*flaw),
            None => rows.good("true", Ending::Created),
        }
    }
    rows.sample()
}

/// [`demo`]'s file.
pub fn demo_csv() -> String {
    demo().csv
}

/// A file of `count` users with nothing wrong, for measurements.
pub fn good_csv(count: u64) -> String {
    let mut rows = Rows::new(DEMO_SEED, "username,email,given name,family name,title,enabled,population\r\n");
    while rows.expected.total < count {
        rows.good("", Ending::Created);
    }
    rows.sample().csv
}

/// A way for a row to be special.
#[derive(Clone, Copy, Debug)]
enum Flaw {
    BadEmail,
    BadQuoting,
    BlankUsername,
    Disabled,
    Existing,
    ExtraValue,
    ForbiddenCharacter,
    Repeated,
    TooLong,
    UnknownPopulation,
    WrongEnabled,
}

/// Every how many rows, from which row on, what.
const FLAWS: [(u64, u64, Flaw); 11] = [
    (50, 17, Flaw::Disabled),
    (125, 21, Flaw::BadEmail),
    (200, 34, Flaw::ForbiddenCharacter),
    (200, 55, Flaw::Existing),
    (200, 89, Flaw::Repeated),
    (250, 44, Flaw::UnknownPopulation),
    (250, 105, Flaw::BlankUsername),
    (333, 150, Flaw::WrongEnabled),
    (333, 170, Flaw::ExtraValue),
    (500, 233, Flaw::TooLong),
    (1000, 377, Flaw::BadQuoting),
];

const DEMO_ROWS: u64 = 1000;
const DEMO_SEED: u64 = 0x5EED;

#[derive(Clone, Copy, Debug)]
enum Ending {
    Created,
    Failed,
    Skipped,
}

/// Rows being written.
struct Rows {
    csv: String,
    expected: Expected,
    random: u64,
    existing: usize,
    last_username: String,
}

/// One user on the way into a row.
struct User {
    username: String,
    email: String,
    given: &'static str,
    family: String,
    title: String,
}

impl Rows {
    fn new(seed: u64, header: &str) -> Self {
        let (csv, expected) = (header.to_owned(), Expected::default());
        Self { csv, expected, random: seed, existing: 0, last_username: String::new() }
    }

    fn sample(self) -> Sample {
        Sample { csv: self.csv, expected: self.expected }
    }

    fn good(&mut self, enabled: &str, ending: Ending) {
        let user = self.user();
        self.last_username.clone_from(&user.username);
        self.write(&user, enabled, "", ending);
    }

    fn flawed(&mut self, flaw: Flaw) {
        let mut user = self.user();
        let (mut enabled, mut rest, mut ending) = ("", "", Ending::Failed);
        match flaw {
            Flaw::BadEmail => user.email = user.email.replace('@', " at "),
            Flaw::BadQuoting => user.title = "\"Lead\" engineer".to_owned(),
            Flaw::BlankUsername => user.username.clear(),
            Flaw::Disabled => {
                (enabled, ending) = ("no", Ending::Created);
                self.expected.disabled += 1;
            }
            Flaw::Existing => {
                user.username = EXISTING[self.existing % EXISTING.len()].to_owned();
                self.existing += 1;
            }
            Flaw::ExtraValue => rest = ",,left over",
            Flaw::ForbiddenCharacter => user.family.push_str(" (external)"),
            Flaw::Repeated => (user.username, ending) = (self.last_username.to_uppercase(), Ending::Skipped),
            Flaw::TooLong => user.title = "Chief ".repeat(60),
            Flaw::UnknownPopulation => rest = ",Atlantis",
            Flaw::WrongEnabled => enabled = "perhaps",
        }
        self.write(&user, enabled, rest, ending);
    }

    fn user(&mut self) -> User {
        let given = GIVEN[self.next(GIVEN.len())];
        let family = FAMILY[self.next(FAMILY.len())];
        let title = TITLES[self.next(TITLES.len())].to_owned();
        let username =
            format!("{given}.{family}.{:04}", self.expected.total + 1).to_lowercase().replace(' ', "-");
        // Addresses are ASCII, as most mail systems want them.
        let email = format!("{username}@example.com").replace('ë', "e").replace('ü', "ue").replace('\'', "");
        User { username, email, given, family: family.to_owned(), title }
    }

    fn write(&mut self, user: &User, enabled: &str, rest: &str, ending: Ending) {
        let User { username, email, given, family, title } = user;
        // Writing to a string cannot fail.
        let _ = write!(self.csv, "{username},{email},{given},{family},{title},{enabled}{rest}\r\n");
        self.expected.total += 1;
        *match ending {
            Ending::Created => &mut self.expected.created,
            Ending::Failed => &mut self.expected.failed,
            Ending::Skipped => &mut self.expected.skipped,
        } += 1;
    }

    /// A number below `bound` (`SplitMix64`: the same on every machine and in every version of every library).
    fn next(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

const TITLES: [&str; 8] =
    ["Engineer", "Analyst", "Designer", "Nurse", "Teacher", "Accountant", "Electrician", "Librarian"];

#[cfg(test)]
mod tests {
    use super::{Expected, demo, good_csv};

    #[test]
    fn the_demo_is_what_the_documentation_says() {
        let sample = demo();
        let expected = Expected { total: 1000, created: 961, disabled: 20, skipped: 5, failed: 34 };
        assert_eq!(sample.expected, expected);
        assert_eq!(sample.csv.lines().count(), 1001);
        assert_eq!(sample, demo(), "the same every time");
    }

    #[test]
    fn good_users_are_all_different() {
        let csv = good_csv(500);
        let mut usernames: Vec<_> = csv.lines().skip(1).map(|line| line.split(',').next()).collect();
        usernames.sort_unstable();
        usernames.dedup();
        assert_eq!(usernames.len(), 500);
    }
}
