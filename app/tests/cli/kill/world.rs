//! An environment with the users of a scenario, and the program that is killed in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::try_join_all;
use pingone::{Client, Config, NewUser};
use pingone_import::jobs::{JobView, Jobs, Outcome};
use pingone_import::store::Store;
use pingone_sim::{Assumptions, Fault, Options, Simulator};
use serde_json::Value;
use tokio::process::Child;
use uuid::Uuid;

use super::Moment;
use super::faults::Faults;
use super::model::{self, Password, People, Person};
use super::scenarios::{Delivery, Scenario};
use crate::program::{Run, command, connected, end, run};

pub(super) struct World {
    pub(super) dir: tempfile::TempDir,
    pub(super) simulator: Simulator,
    pub(super) scenario: Scenario,
    input: Option<String>,
    /// The job whose failed rows are repeated.
    failed: Option<String>,
    pub(super) misbehaves: bool,
}

impl World {
    pub(super) async fn new(scenario: Scenario, seed: u64) -> Self {
        let options = Options {
            seed,
            populations: vec!["Guests".into(), "Staff".into()],
            latency: Duration::from_millis(1)..=Duration::from_millis(6),
            // So that a list of users takes more than one request.
            assumptions: Assumptions { page_limit: 10, ..Assumptions::default() },
            ..Options::default()
        };
        let simulator = Simulator::start(options).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let input = scenario.input.as_ref().map(|input| input.write(dir.path(), &simulator));
        fill(&simulator, &scenario.before).await;
        let mut world = Self { dir, simulator, scenario, input, failed: None, misbehaves: false };
        if world.scenario.retries() {
            world.fail().await;
        }
        world
    }

    /// From now on a share of the requests meets a fault that passes.
    pub(super) fn misbehave(&mut self, seed: u64) {
        self.misbehaves = true;
        Faults::new(seed).begin(&self.simulator);
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = command(arguments, Some(&self.path("data")));
        connected(&mut command, &self.simulator);
        command
    }

    pub(super) async fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments)).await
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The command of the scenario.
    pub(super) fn start(&self) -> Child {
        let mut arguments = self.scenario.command.clone();
        arguments.extend(self.input.as_deref().filter(|_| !self.scenario.retries()));
        arguments.extend(self.failed.as_deref());
        self.spawn_with_ending(arguments)
    }

    /// What a killed delete says how to go on with: its plan.
    fn carry_out(&self, plan: &str) -> Child {
        let mut arguments = vec!["delete", "--plan", plan];
        arguments.extend(self.scenario.has("--delete-population").then_some("--delete-population"));
        self.spawn_with_ending(arguments)
    }

    fn spawn_with_ending(&self, arguments: Vec<&str>) -> Child {
        let (confirmation, out) = (self.confirmation(), self.out());
        let (mut arguments, out) = (arguments, out.to_str().unwrap());
        if self.scenario.deletes() {
            arguments.extend(["--confirm", &confirmation]);
        }
        match &self.scenario.delivers {
            Some(Delivery::Users(..)) => arguments.extend(["-o", out]),
            Some(Delivery::Backup(_)) => arguments.extend(["--backup", out]),
            Some(Delivery::Passwords) => arguments.extend(["--generate-passwords", out]),
            None => {}
        }
        arguments.push("--json");
        self.spawn(&arguments)
    }

    pub(super) fn resume(&self) -> Child {
        self.spawn(&["jobs", "resume", "--json"])
    }

    /// The file that the command is to write.
    pub(super) fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// Whether the file begins to be there that a moment is about.
    pub(super) fn has_come(&self, moment: Moment) -> bool {
        let has = |dir: &str, beginnings: &[&str]| {
            let entries = std::fs::read_dir(self.path(dir)).into_iter().flatten();
            let mut names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.any(|name| beginnings.iter().any(|beginning| name.starts_with(beginning)))
        };
        match moment {
            Moment::Requests(_) => true,
            Moment::Output(_) => has("data/outputs", &[""]),
            Moment::Out(_) => has("", &["out", ".partial-"]),
        }
    }

    fn confirmation(&self) -> String {
        let users = self.scenario.outcomes.values().filter(|outcome| **outcome == Outcome::Deleted).count();
        if self.scenario.has("--whole-environment") {
            return format!("delete all {users} users of environment {}", self.simulator.environment);
        }
        let of = if self.scenario.has("--population") { " of Staff" } else { "" };
        format!("delete {users} users{of}")
    }

    /// Goes on as somebody would whose command was killed: resumes what is interrupted, and asks again for what was
    /// not begun.
    pub(super) async fn finish(&self) {
        for _ in 0..TRIES {
            let jobs = self.list().await;
            let ended = if jobs.iter().any(|job| !job.status.is_final()) {
                end(self.resume()).await
            } else if jobs.iter().any(|job| self.is_last(job)) {
                return;
            } else if let Some(plan) = jobs.iter().find(|job| job.dry_run) {
                end(self.carry_out(&plan.id.to_string())).await
            } else {
                end(self.start()).await
            };
            self.check_code(&ended);
        }
        panic!("no end: {:?}", self.list().await);
    }

    /// A PingOne that misbehaves may pause a job, and be asked too often before there is one.
    pub(super) fn check_code(&self, ended: &Run) {
        let is_expected = match ended.code {
            Some(0 | 1) => true,
            Some(3 | 4) => self.misbehaves,
            _ => false,
        };
        assert!(is_expected, "{ended:?}");
    }

    fn is_last(&self, job: &JobView) -> bool {
        !job.dry_run && job.retry_of.is_some() == self.scenario.retries()
    }

    async fn list(&self) -> Vec<JobView> {
        let jobs = self.jobs().await;
        let list = jobs.list(10, None).await.unwrap();
        jobs.close().await;
        list
    }

    pub(super) async fn jobs(&self) -> Jobs {
        Jobs::new(Store::open(&self.path("data")).await.unwrap(), None)
    }

    /// Imports the file while PingOne refuses some users and disables nobody.
    async fn fail(&mut self) {
        self.simulator.fail_next(usize::MAX, Fault::Status(400), |request| {
            request.is_create() && request.username().is_some_and(|name| !model::exists(model::number(&name)))
        });
        self.simulator.fail_next(usize::MAX, Fault::Status(403), |request| {
            request.method == "PUT" && request.path.ends_with("/enabled")
        });
        let result = self.run(&["import", self.input.as_deref().unwrap(), "--json"]).await;
        assert_eq!(result.code, Some(1), "{result:?}");
        assert_eq!(result.json()["failed"], self.scenario.outcomes.len(), "{result:?}");
        self.failed = Some(result.json()["job"].as_str().unwrap().to_owned());
        self.simulator.clear_faults();
    }

    /// Who is there, with passwords as far as `generated` and the model let them be recognised.
    pub(super) fn people(&self, generated: &BTreeMap<String, String>) -> People {
        let populations: BTreeMap<String, String> =
            self.simulator.populations().into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        let text = |user: &Value, name: &str| user[name].as_str().map(str::to_owned);
        let person = |user: &Value| {
            let name = text(user, "username").unwrap();
            let person = Person {
                email: text(user, "email").unwrap(),
                title: text(user, "title"),
                enabled: user["enabled"] == true,
                population: populations[user["population"]["id"].as_str().unwrap()].clone(),
                password: self.password(&name, user, generated),
            };
            (name, person)
        };
        self.simulator.users().iter().map(person).collect()
    }

    fn password(&self, name: &str, user: &Value, generated: &BTreeMap<String, String>) -> Password {
        if user["passwordStatus"] == "NO_PASSWORD" {
            return Password::None;
        }
        let is = |text: &String| self.simulator.has_password(name, text);
        if generated.get(name).is_some_and(is) {
            return Password::Generated;
        }
        match self.scenario.after.get(name).map(|person| &person.password) {
            Some(Password::Clear(text)) if is(text) => Password::Clear(text.clone()),
            _ => Password::Encoded,
        }
    }
}

/// A client that does what is to be there before.
pub(super) fn client(simulator: &Simulator) -> Client {
    let mut config = Config::new(
        simulator.api_url.parse().unwrap(),
        simulator.auth_url.parse().unwrap(),
        simulator.environment,
        simulator.client_id.clone(),
        simulator.client_secret.clone(),
    );
    config.rate_ceiling = f64::INFINITY;
    Client::new(config).unwrap()
}

async fn fill(simulator: &Simulator, people: &People) {
    let client = &client(simulator);
    let populations: BTreeMap<String, Uuid> =
        simulator.populations().into_iter().map(|(id, name)| (name, id)).collect();
    let populations = &populations;
    let create = |(name, person): (&String, &Person)| {
        let mut user = NewUser::new(name.as_str(), Some(populations[&person.population]));
        user.set("email", person.email.as_str());
        if let Some(title) = &person.title {
            user.set("title", title.as_str());
        }
        let enabled = person.enabled;
        async move {
            let created = client.create_user(&user).await?;
            if enabled { Ok(()) } else { client.set_enabled(created.id, false).await }
        }
    };
    try_join_all(people.iter().map(create)).await.unwrap();
}

/// So often is gone on with; a job that faults pause is resumed.
const TRIES: usize = 20;
