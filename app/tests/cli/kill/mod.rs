//! Every kind of job is killed at seeded points and resumed, and must end as a model says.
//!
//! A point is a number of requests that PingOne has seen; the seed says which.
//! `PINGONE_IMPORT_KILLS` sets how many points each kind has; without it there are few.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use pingone_import::jobs::{Jobs, Outcome, RowQuery};
use pingone_import::store::Store;
use pingone_sim::{Options, Simulator};
use serde_json::{Value, json};
use tokio::process::Child;

use crate::program::{Run, command, connected, end, run};

const USERS: usize = 48;

/// A user as far as the model knows it.
#[derive(Clone, Debug, PartialEq)]
struct Person {
    email: String,
    enabled: bool,
    population: &'static str,
}

/// What happens to one environment.
struct Scenario {
    /// The arguments before the file or selection.
    arguments: Vec<String>,
    input: Option<String>,
    before: BTreeMap<String, Person>,
    after: BTreeMap<String, Person>,
    outcomes: BTreeMap<String, Outcome>,
}

fn name(number: usize) -> String {
    format!("user{number:03}")
}

fn person(number: usize, host: &str) -> Person {
    Person {
        email: format!("{}@{host}", name(number)),
        enabled: !number.is_multiple_of(5),
        population: "Staff",
    }
}

fn line(name: &str, person: &Person) -> String {
    format!("{name},{},{},{}\n", person.email, person.enabled, person.population)
}

fn table<'a>(people: impl Iterator<Item = (&'a String, &'a Person)>) -> String {
    let lines = people.map(|(name, person)| line(name, person));
    std::iter::once("username,email,enabled,population\n".to_owned()).chain(lines).collect()
}

/// A quarter of the rows is new, one the same, one differs in an attribute, and one in everything.
fn mixed(creates: bool, changes: bool) -> Scenario {
    let (mut before, mut wanted) = (BTreeMap::new(), BTreeMap::new());
    let mut outcomes = BTreeMap::new();
    for number in 0..USERS {
        let old = person(number, "old.example.com");
        let mut new = old.clone();
        if number % 4 >= 2 {
            new.email = format!("{}@new.example.com", name(number));
        }
        if number % 4 == 3 {
            (new.enabled, new.population) = (!old.enabled, "Guests");
        }
        let exists = number % 4 > 0;
        let outcome = match (exists, changes) {
            (false, _) if creates => Outcome::Created,
            (false, _) => Outcome::Failed,
            (true, false) => Outcome::Skipped,
            (true, true) if new == old => Outcome::Unchanged,
            (true, true) => Outcome::Updated,
        };
        outcomes.insert(name(number), outcome);
        if exists {
            before.insert(name(number), old);
        }
        wanted.insert(name(number), new);
    }
    let input = table(wanted.iter());
    let mut after = before.clone();
    for (name, person) in wanted {
        let done = matches!(outcomes[&name], Outcome::Created | Outcome::Updated);
        if done {
            after.insert(name, person);
        }
    }
    Scenario { arguments: Vec::new(), input: Some(input), before, after, outcomes }
}

fn scenario(kind: &str) -> Scenario {
    let with = |arguments: &[&str], scenario: Scenario| Scenario {
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        ..scenario
    };
    match kind {
        "create" => {
            let mut scenario = mixed(true, false);
            // A user that is there and in nothing different could be one that the killed run has just created.
            scenario.before.values_mut().for_each(|person| person.email.insert_str(0, "other-"));
            let before = scenario.before.clone();
            scenario.after.extend(before);
            // Whoever is there already fails.
            scenario.outcomes.values_mut().for_each(|outcome| {
                if *outcome == Outcome::Skipped {
                    *outcome = Outcome::Failed;
                }
            });
            with(&["import"], scenario)
        }
        "skip" => with(&["import", "--mode", "skip-existing"], mixed(true, false)),
        "upsert" => with(&["import", "--mode", "upsert"], mixed(true, true)),
        "modify" => with(&["modify"], mixed(false, true)),
        "delete file" => {
            let mut scenario = mixed(false, false);
            scenario.outcomes.values_mut().for_each(|outcome| {
                *outcome = if *outcome == Outcome::Skipped { Outcome::Deleted } else { Outcome::Skipped };
            });
            scenario.after.clear();
            with(&["delete"], scenario)
        }
        "delete population" => {
            let mut scenario = mixed(false, false);
            scenario.input = None;
            scenario.outcomes.retain(|_, outcome| *outcome == Outcome::Skipped);
            scenario.outcomes.values_mut().for_each(|outcome| *outcome = Outcome::Deleted);
            scenario.after.clear();
            with(&["delete", "--population", "Staff"], scenario)
        }
        "delete all of population" => {
            let scenario = scenario("delete population");
            with(&["delete", "--population", "Staff", "--delete-population"], scenario)
        }
        _ => {
            let mut scenario = mixed(false, false);
            scenario.input = None;
            scenario.outcomes.clear();
            with(&["export"], scenario)
        }
    }
}

struct World {
    dir: tempfile::TempDir,
    simulator: Simulator,
    scenario: Scenario,
}

impl World {
    async fn new(kind: &str, seed: u64) -> Self {
        let options = Options {
            seed,
            populations: vec!["Guests".into(), "Staff".into()],
            latency: Duration::from_millis(1)..=Duration::from_millis(6),
            ..Options::default()
        };
        let simulator = Simulator::start(options).await.unwrap();
        let world = Self { dir: tempfile::tempdir().unwrap(), simulator, scenario: scenario(kind) };
        let people = world.path("before.csv");
        std::fs::write(&people, table(world.scenario.before.iter())).unwrap();
        let result = world.run(&["import", people.to_str().unwrap(), "--json"], "setup").await;
        assert_eq!(result.code, Some(0), "{result:?}");
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, arguments: &[&str], data: &str) -> tokio::process::Command {
        let mut command = command(arguments, Some(&self.path(data)));
        connected(&mut command, &self.simulator);
        command
    }

    async fn run(&self, arguments: &[&str], data: &str) -> Run {
        run(self.command(arguments, data)).await
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments, "data").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The command of the scenario.
    fn start(&self) -> Child {
        let mut arguments: Vec<&str> = self.scenario.arguments.iter().map(String::as_str).collect();
        let (file, out, confirm) = (self.path("input.csv"), self.path("out.csv"), self.confirmation());
        if let Some(input) = &self.scenario.input {
            std::fs::write(&file, input).unwrap();
            arguments.push(file.to_str().unwrap());
        }
        match arguments[0] {
            "delete" => arguments.extend(["--confirm", &confirm]),
            "export" => arguments.extend(["-o", out.to_str().unwrap()]),
            _ => {}
        }
        arguments.push("--json");
        self.spawn(&arguments)
    }

    fn confirmation(&self) -> String {
        let users = self.scenario.outcomes.values().filter(|outcome| **outcome == Outcome::Deleted).count();
        let of = if self.scenario.arguments.len() > 1 { " of Staff" } else { "" };
        format!("delete {users} users{of}")
    }

    fn deletes_population(&self) -> bool {
        self.scenario.arguments.iter().any(|argument| argument == "--delete-population")
    }

    /// Resumes what is interrupted, and goes on where the command would have gone on.
    async fn finish(&self) {
        let resumed = self.run(&["jobs", "resume", "--json"], "data").await;
        assert!(matches!(resumed.code, Some(0 | 1)), "{resumed:?}");
        let jobs = self.run(&["jobs", "list", "--json"], "data").await.json();
        let jobs = jobs.as_array().unwrap();
        if jobs.is_empty() {
            // The kill came before there was a job, so nothing has happened.
            let done = end(self.start()).await;
            assert!(matches!(done.code, Some(0 | 1)), "{done:?}");
        } else if self.scenario.arguments[0] == "delete" && jobs.len() == 1 {
            let (plan, confirm) = (jobs[0]["id"].as_str().unwrap(), self.confirmation());
            let mut arguments = vec!["delete", "--plan", plan, "--confirm", &confirm, "--json"];
            arguments.extend(self.deletes_population().then_some("--delete-population"));
            let done = self.run(&arguments, "data").await;
            assert_eq!(done.code, Some(0), "{done:?}");
        }
    }

    async fn check(&self) {
        let data = self.path("data");
        let store = Store::open(&data).await.unwrap();
        let jobs = Jobs::new(store, None);
        let job = jobs.list(1, None).await.unwrap().remove(0);
        assert_eq!(job.status.as_str(), "completed", "{job:?}");
        let rows = jobs.rows(job.id, RowQuery { outcome: None, after: 0, limit: 1000 }).await.unwrap().rows;
        let outcomes: BTreeMap<_, _> = rows.iter().map(|row| (row.key.clone(), row.outcome)).collect();
        assert_eq!(outcomes, self.scenario.outcomes);
        assert_eq!(rows.len(), outcomes.len(), "one entry for each row");
        assert_eq!(self.people(), self.scenario.after);
        let has_population = self.simulator.populations().iter().any(|(_, name)| name == "Staff");
        assert_eq!(has_population, !self.deletes_population());
        if self.scenario.arguments[0] == "export" {
            let file = jobs.output(job.id).await.unwrap().path;
            self.check_export(&file);
        }
        jobs.close().await;
    }

    fn check_export(&self, file: &Path) {
        let mut reader = csv::Reader::from_path(file).unwrap();
        let columns = reader.headers().unwrap().clone();
        let at = |name: &str| columns.iter().position(|column| column == name).unwrap();
        let (username, email, enabled) = (at("username"), at("email"), at("enabled"));
        let exported: BTreeMap<String, (String, bool)> = reader
            .records()
            .map(|record| {
                let record = record.unwrap();
                (record[username].to_owned(), (record[email].to_owned(), &record[enabled] == "true"))
            })
            .collect();
        let expected = self.scenario.after.iter();
        let expected: BTreeMap<_, _> =
            expected.map(|(name, person)| (name.clone(), (person.email.clone(), person.enabled))).collect();
        assert_eq!(exported, expected);
    }

    fn people(&self) -> BTreeMap<String, Person> {
        let populations: BTreeMap<String, String> =
            self.simulator.populations().into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        let person = |user: &Value| Person {
            email: user["email"].as_str().unwrap().to_owned(),
            enabled: user["enabled"] == json!(true),
            population: match populations[user["population"]["id"].as_str().unwrap()].as_str() {
                "Staff" => "Staff",
                _ => "Guests",
            },
        };
        let users = self.simulator.users();
        users.iter().map(|user| (user["username"].as_str().unwrap().to_owned(), person(user))).collect()
    }
}

/// How many requests the whole of a kind takes.
async fn requests(kind: &str) -> u64 {
    let world = World::new(kind, 0).await;
    let before = world.simulator.stats().requests;
    let done = end(world.start()).await;
    assert!(matches!(done.code, Some(0 | 1)), "{done:?}");
    world.check().await;
    world.simulator.stats().requests - before
}

async fn killed_everywhere(kind: &str) {
    let points: u64 =
        std::env::var("PINGONE_IMPORT_KILLS").ok().and_then(|points| points.parse().ok()).unwrap_or(5);
    let all = requests(kind).await;
    for point in 0..points {
        let world = World::new(kind, point + 1).await;
        let before = world.simulator.stats().requests;
        // Spread evenly, and each somewhere else in its share.
        let share = all.div_ceil(points).max(1);
        let at = (point * share + (point * 2_654_435_761) % share).min(all - 1);
        let mut child = world.start();
        tokio::select! {
            _ = world.simulator.wait_until(|stats| stats.requests > before + at) => {}
            _ = child.wait() => {}
        }
        // On Unix this is SIGKILL: the process can do nothing about it. It may be over already.
        let _ = child.kill().await;
        world.finish().await;
        world.check().await;
    }
}

#[tokio::test]
async fn a_create_that_is_killed_ends_as_the_model_says() {
    killed_everywhere("create").await;
}

#[tokio::test]
async fn a_create_that_skips_and_is_killed_ends_as_the_model_says() {
    killed_everywhere("skip").await;
}

#[tokio::test]
async fn an_upsert_that_is_killed_ends_as_the_model_says() {
    killed_everywhere("upsert").await;
}

#[tokio::test]
async fn a_modify_that_is_killed_ends_as_the_model_says() {
    killed_everywhere("modify").await;
}

#[tokio::test]
async fn a_delete_by_file_that_is_killed_ends_as_the_model_says() {
    killed_everywhere("delete file").await;
}

#[tokio::test]
async fn a_delete_of_a_population_that_is_killed_ends_as_the_model_says() {
    killed_everywhere("delete population").await;
}

#[tokio::test]
async fn a_delete_with_its_population_that_is_killed_ends_as_the_model_says() {
    killed_everywhere("delete all of population").await;
}

#[tokio::test]
async fn an_export_that_is_killed_ends_as_the_model_says() {
    killed_everywhere("export").await;
}
