//! Upserts, modifies, deletes and exports of many rows while PingOne misbehaves.
//!
//! With the seeds of [`trouble`] they have 10,000 rows, as the creates have; without it fewer.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pingone_sim::{Assumptions, Fault, Options};
use serde_json::{Value, json};

use super::faults::{seeds, trouble};
use super::kinds::{carrying_out, delete, export};
use super::world::World;
use crate::jobs::{JobId, JobOptions, Kind, LedgerRow, Mode, Outcome};

/// A user as the model knows it.
#[derive(Clone, Debug, PartialEq)]
struct Person {
    email: String,
    title: &'static str,
    enabled: bool,
    population: &'static str,
}

type People = BTreeMap<String, Person>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_faults_and_tokens_that_end_leave_an_upsert_exact() {
    for options in trouble() {
        let world = World::troubled(options, "an upsert").await;
        let options = JobOptions { mode: Mode::Upsert, ..JobOptions::default() };
        let job = world.world.job(Some(&changes()), &options).await.unwrap();
        let expected = (0..rows()).map(|number| (name(number), outcome(number, Outcome::Created)));
        assert_eq!(world.done(job.id).await, expected.collect());
        let refused = [("weak1", WEAK), ("weak2", WEAK), ("bad", "INVALID_VALUE"), ("", "REQUIRED_VALUE")];
        assert_eq!(world.failed(job.id).await, refused.map(owned));
        assert_eq!(world.people(), (0..rows()).map(|number| (name(number), wanted(number))).collect());
        world.check_changes((0..rows()).map(|number| (name(number), writes(number))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_faults_and_tokens_that_end_leave_a_modify_exact() {
    for options in trouble() {
        let world = World::troubled(options, "a modify").await;
        let options = JobOptions { kind: Kind::Modify, ..JobOptions::default() };
        let job = world.world.job(Some(&changes()), &options).await.unwrap();
        let present = || (0..rows()).filter(|number| exists(*number));
        let expected = present().map(|number| (name(number), outcome(number, Outcome::Failed)));
        assert_eq!(world.done(job.id).await, expected.collect());
        let missing = (0..rows()).filter(|number| !exists(*number)).map(name);
        let refused =
            [("weak1", WEAK), ("weak2", "NOT_FOUND"), ("bad", "INVALID_VALUE"), ("", "REQUIRED_VALUE")];
        let expected = missing.map(|name| (name, "NOT_FOUND".to_owned())).chain(refused.map(owned));
        assert_eq!(world.failed(job.id).await, expected.collect::<Vec<_>>());
        assert_eq!(world.people(), present().map(|number| (name(number), wanted(number))).collect());
        world.check_changes(present().map(|number| (name(number), writes(number))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_faults_and_tokens_that_end_leave_a_delete_and_its_backup_exact() {
    for options in trouble() {
        let world = World::troubled(options, "a delete").await;
        let kept = world.world.simulator.user("user00007").unwrap()["id"].as_str().unwrap().to_owned();
        world.world.simulator.fail_next(usize::MAX, Fault::Status(403), move |request| {
            request.method == "DELETE" && request.path.ends_with(&kept)
        });
        let names = (0..rows()).map(|number| name(number) + ",\n");
        let csv =
            "username,email\n".to_owned() + &names.collect::<String>() + "user00001,\n,nobody@example.com\n";
        let protect = vec!["USER00005".to_owned(), "user00006".to_owned()];
        let plan = world.world.job(Some(&csv), &JobOptions { protect, ..delete() }).await.unwrap();
        let options = JobOptions { backup: true, ..carrying_out(&plan) };
        let job = world.world.job(None, &options).await.unwrap();
        assert_eq!(
            world.failed(job.id).await,
            [("user00007", "INSUFFICIENT_PERMISSIONS"), ("", "REQUIRED_VALUE")].map(owned)
        );
        let is_kept = |number: usize| (5..=7).contains(&number);
        let deleted = || (0..rows()).filter(move |number| exists(*number) && !is_kept(*number));
        let outcomes = world.done(job.id).await;
        let gone = outcomes.iter().filter(|(_, outcome)| **outcome == Outcome::Deleted);
        assert!(gone.map(|(name, _)| name.clone()).eq(deleted().map(name)));
        let left = (5..=7).map(|number| (name(number), person(number)));
        assert_eq!(world.people(), left.collect());
        world.check_changes(deleted().map(|number| (name(number), 2)));
        let planned = (0..rows()).filter(|number| exists(*number) && ![5, 6].contains(number));
        assert_eq!(
            world.written(job.id).await,
            planned.map(|number| (name(number), person(number))).collect()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_faults_and_tokens_that_end_leave_an_export_exact() {
    for options in trouble() {
        let world = World::troubled(options, "an export").await;
        let before = world.world.simulator.stats().faults;
        let job = world.world.job(None, &export()).await.unwrap();
        let people: People = (0..rows())
            .filter(|number| exists(*number))
            .map(|number| (name(number), person(number)))
            .collect();
        assert_eq!(job.counts.unchanged, people.len() as u64 + 1);
        assert_eq!(world.written(job.id).await, people);
        assert!(world.world.simulator.stats().faults > before, "the export met some");
    }
}

/// A world in trouble in which three quarters of the users are there, and what it took to get through.
struct Troubled {
    world: World,
    what: &'static str,
    seed: u64,
    started: Instant,
}

impl World {
    async fn troubled(options: Options, what: &'static str) -> Troubled {
        let (seed, started) = (options.seed, Instant::now());
        let assumptions = Assumptions { page_limit: 10, ..options.assumptions.clone() };
        let populations = vec!["Staff".into(), "Guests".into()];
        let mut world = Self::with(Options { assumptions, populations, ..options }).await;
        world.reconnect(|config| config.request_timeout = Duration::from_millis(500)).await;
        let present = (0..rows()).filter(|number| exists(*number));
        let mut csv = HEADER.to_owned();
        csv.extend(present.map(|number| line(&name(number), &person(number))));
        csv.push_str("weak1,weak1@old.example.com,Dr,yes,Staff,\n");
        let job = world.import(&csv).await;
        world.check(job.id).await;
        assert_eq!((job.counts.created, job.counts.processed), (job.total, job.total), "{job:?}");
        Troubled { world, what, seed, started }
    }
}

impl Troubled {
    /// Rows that did not fail, but for repeated ones.
    async fn done(&self, job: JobId) -> BTreeMap<String, Outcome> {
        let rows = self.world.ledger(job).await.into_iter().filter(|row| row.outcome != Outcome::Failed);
        let rows = rows.filter(|row| row.code.as_deref() != Some("DUPLICATE_IN_FILE"));
        rows.map(|row| (row.key, row.outcome)).collect()
    }

    /// Failed rows with their codes; what PingOne itself has refused, it has said why.
    async fn failed(&self, job: JobId) -> Vec<(String, String)> {
        let rows = self.world.ledger(job).await.into_iter().filter(|row| row.outcome == Outcome::Failed);
        rows.map(|row| (row.key.clone(), reason(&row))).collect()
    }

    fn people(&self) -> People {
        let populations: BTreeMap<_, _> = self.world.simulator.populations().into_iter().collect();
        let person = |user: &Value| {
            let population = &populations[&user["population"]["id"].as_str().unwrap().parse().unwrap()];
            let person = Person {
                email: user["email"].as_str().unwrap().to_owned(),
                title: title(user["title"].as_str().unwrap()),
                enabled: user["enabled"] == json!(true),
                population: if population == "Staff" { "Staff" } else { "Guests" },
            };
            (user["username"].as_str().unwrap().to_owned(), person)
        };
        let people = self.world.simulator.users();
        people.iter().map(person).filter(|(name, _)| name != "weak1").collect()
    }

    /// Each of these users was changed so many times: nothing was done twice, and nothing left out.
    fn check_changes(&self, expected: impl Iterator<Item = (String, u32)>) {
        let counts = self.world.simulator.change_counts();
        for (name, expected) in expected {
            assert_eq!(counts[&name], expected, "{name}");
        }
    }

    /// The users in the file that a job wrote.
    async fn written(&self, job: JobId) -> People {
        let text = std::fs::read_to_string(self.world.jobs.output(job).await.unwrap().path).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().unwrap().clone();
        let mut people = People::new();
        for record in reader.records() {
            let record = record.unwrap();
            let cell = |name: &str| &record[columns.iter().position(|column| column == name).unwrap()];
            let person = Person {
                email: cell("email").to_owned(),
                title: title(cell("title")),
                enabled: cell("enabled") == "true",
                population: if cell("population.name") == "Staff" { "Staff" } else { "Guests" },
            };
            let name = cell("username").to_owned();
            assert_eq!(people.insert(name.clone(), person), None, "{name} is there twice");
        }
        people.remove("weak1");
        people
    }
}

impl Drop for Troubled {
    fn drop(&mut self) {
        let (Self { what, seed, .. }, seconds) = (&*self, self.started.elapsed().as_secs_f64());
        println!(
            "{what} of {} rows, seed {seed}: {seconds:.1} s, {:?}",
            rows(),
            self.world.simulator.stats()
        );
    }
}

fn reason(row: &LedgerRow) -> String {
    let message = row.message.as_deref().unwrap();
    let code = row.code.clone().unwrap();
    if message.contains("password policy") {
        assert!(row.correlation_id.is_some(), "{row:?}");
        return format!("{code} of the password policy");
    }
    code
}

/// The file of changes: all users and some rows that cannot be done.
fn changes() -> String {
    let mut csv = HEADER.to_owned();
    csv.extend((0..rows()).map(|number| line(&name(number), &wanted(number))));
    csv.push_str(
        "weak1,weak1@old.example.com,Dr,yes,Staff,weak\nweak2,weak2@old.example.com,Dr,yes,Staff,weak\n",
    );
    csv.push_str("bad,not an address,Dr,yes,Staff,\n,nobody@example.com,Dr,yes,Staff,\n");
    csv
}

fn line(name: &str, Person { email, title, enabled, population }: &Person) -> String {
    format!("{name},{email},{title},{enabled},{population},\n")
}

fn name(number: usize) -> String {
    format!("user{number:05}")
}

fn exists(number: usize) -> bool {
    !number.is_multiple_of(4)
}

/// A user before the job.
fn person(number: usize) -> Person {
    let email = format!("{}@old.example.com", name(number));
    Person { email, title: "Dr", enabled: true, population: "Staff" }
}

/// A user as the file wants it: a quarter is as it was, one has another address, and one is otherwise in three ways.
fn wanted(number: usize) -> Person {
    let person = person(number);
    match number % 4 {
        0 => Person { enabled: !number.is_multiple_of(20), ..person },
        1 => person,
        2 => Person { email: format!("{}@new.example.com", name(number)), ..person },
        _ => Person { title: "Prof", enabled: false, population: "Guests", ..person },
    }
}

fn outcome(number: usize, of_new: Outcome) -> Outcome {
    match number % 4 {
        0 => of_new,
        1 => Outcome::Unchanged,
        _ => Outcome::Updated,
    }
}

/// How many writes change something, the one that creates the user included.
fn writes(number: usize) -> u32 {
    match number % 4 {
        0 if number.is_multiple_of(20) => 2,
        0 | 1 => 1,
        2 => 2,
        _ => 4,
    }
}

fn title(text: &str) -> &'static str {
    if text == "Prof" { "Prof" } else { "Dr" }
}

fn owned((key, code): (&str, &str)) -> (String, String) {
    (key.to_owned(), code.to_owned())
}

fn rows() -> usize {
    if seeds().is_some() { 10_000 } else { 1_000 }
}

const HEADER: &str = "username,email,title,enabled,population,password\n";
const WEAK: &str = "INVALID_VALUE of the password policy";
