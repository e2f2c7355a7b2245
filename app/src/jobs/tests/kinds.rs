//! Every kind of job besides plain creates.

use pingone_sim::Options;
use serde_json::Value;

use super::world::{World, users};
use crate::jobs::{
    Counts, Error, Format, JobId, JobOptions, JobStatus, JobView, Kind, LedgerRow, Mode, Outcome,
};
use crate::plan::MatchBy;

impl World {
    pub(super) async fn job(&self, csv: Option<&str>, options: &JobOptions) -> Result<JobView, Error> {
        let incoming = match csv {
            Some(csv) => Some(self.incoming(csv).await),
            None => None,
        };
        let created = self.jobs.create_from(incoming, options, None).await?;
        let job = self.jobs.wait(created.id).await?;
        assert_eq!(job.status, JobStatus::Completed, "{job:?}");
        self.check(job.id).await;
        Ok(job)
    }

    pub(super) async fn outcomes(&self, id: JobId) -> Vec<(String, Outcome, Option<String>)> {
        let rows = self.ledger(id).await.into_iter();
        rows.map(|LedgerRow { key, outcome, code, .. }| (key, outcome, code)).collect()
    }

    /// Everything that PingOne has, without what changes by itself.
    fn state(&self) -> Vec<Value> {
        let mut users = self.simulator.users();
        for user in &mut users {
            user.as_object_mut()
                .unwrap()
                .retain(|name, _| !["createdAt", "updatedAt"].contains(&name.as_str()));
        }
        users
    }

    pub(super) async fn exported(&self, options: &JobOptions) -> String {
        let job = self.job(None, options).await.unwrap();
        let output = self.jobs.output(job.id).await.unwrap();
        std::fs::read_to_string(output.path).unwrap()
    }
}

fn modify() -> JobOptions {
    JobOptions { kind: Kind::Modify, ..JobOptions::default() }
}

pub(super) fn delete() -> JobOptions {
    JobOptions { kind: Kind::Delete, dry_run: true, ..JobOptions::default() }
}

/// Carries a plan out, confirmed as it wants to be.
pub(super) fn carrying_out(plan: &JobView) -> JobOptions {
    JobOptions {
        kind: Kind::Delete,
        plan: Some(plan.id),
        confirm: plan.confirmation.clone(),
        ..JobOptions::default()
    }
}

pub(super) fn export() -> JobOptions {
    JobOptions { kind: Kind::Export, ..JobOptions::default() }
}

pub(super) const PEOPLE: &str = "username,email,external id,given name,title,enabled,population\n\
                      ada,ada@example.com,1,Ada,Countess,yes,Staff\n\
                      bob,bob@example.com,2,Bob,,no,Guests\n\
                      eve,eve@example.com,3,Eve,Dr,yes,\n";

#[tokio::test]
async fn an_upsert_creates_changes_and_leaves_alone() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let csv = "username,email,given name,title,enabled,population\n\
               ADA,ada@example.com,Ada,,,\n\
               bob,robert@example.com,Bob,,yes,Staff\n\
               new,new@example.com,New,,no,\n";
    let options = JobOptions { mode: Mode::Upsert, ..JobOptions::default() };
    let planned = world.job(Some(csv), &JobOptions { dry_run: true, ..options.clone() }).await.unwrap();
    let before = world.simulator.write_counts();
    let expected = [("ADA", Outcome::Unchanged), ("bob", Outcome::Updated), ("new", Outcome::Created)];
    let expected = expected.map(|(key, outcome)| (key.to_owned(), outcome, None));
    assert_eq!(world.outcomes(planned.id).await, expected);
    assert_eq!(world.simulator.write_counts(), before, "a dry run writes nothing");
    let job = world.job(Some(csv), &options).await.unwrap();
    assert_eq!(world.outcomes(job.id).await, expected);
    let bob = world.simulator.user("bob").unwrap();
    assert_eq!((&bob["email"], &bob["enabled"]), (&"robert@example.com".into(), &true.into()));
    assert_eq!(bob["population"]["id"], world.simulator.populations()[0].0.to_string());
    assert_eq!(world.simulator.user("ada").unwrap()["title"], "Countess", "a blank cell changes nothing");
    assert_eq!(world.simulator.user("new").unwrap()["enabled"], false);
    let again = world.job(Some(csv), &options).await.unwrap();
    assert_eq!(again.counts, Counts { processed: 3, unchanged: 3, ..Counts::default() });
}

#[tokio::test]
async fn existing_users_are_skipped_when_that_is_asked_for() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let csv = "username,email\nada,other@example.com\nnew,new@example.com\n";
    let options = JobOptions { mode: Mode::SkipExisting, ..JobOptions::default() };
    let job = world.job(Some(csv), &options).await.unwrap();
    assert_eq!((job.counts.skipped, job.counts.created), (1, 1));
    assert_eq!(world.outcomes(job.id).await[0].2.as_deref(), Some("ALREADY_EXISTS"));
    assert_eq!(world.simulator.user("ada").unwrap()["email"], "ada@example.com");
    let by_email = JobOptions { match_by: MatchBy::Email, ..options };
    let csv = "username,email\nsomeone,BOB@example.com\nother,other@example.com\n";
    let job = world.job(Some(csv), &by_email).await.unwrap();
    assert_eq!((job.counts.skipped, job.counts.created), (1, 1));
    assert!(world.simulator.user("someone").is_none());
}

#[tokio::test]
async fn a_modify_sends_what_differs_and_clears_what_it_is_told_to() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let csv = "username,email,given name,title,nickname\n\
               ada,countess@example.com,,-,\n\
               bob,bob@example.com,Bob,-,-\n\
               nobody,n@example.com,,,\n\
               eve,not an address,,,\n";
    let options = JobOptions { clear_marker: Some("-".to_owned()), ..modify() };
    let job = world.job(Some(csv), &options).await.unwrap();
    let outcomes = world.outcomes(job.id).await;
    let found: Vec<_> = outcomes.iter().map(|(_, outcome, code)| (*outcome, code.as_deref())).collect();
    let expected = [
        (Outcome::Updated, None),
        (Outcome::Unchanged, None),
        (Outcome::Failed, Some("NOT_FOUND")),
        (Outcome::Failed, Some("INVALID_VALUE")),
    ];
    assert_eq!(found, expected);
    let ada = world.simulator.user("ada").unwrap();
    assert_eq!((&ada["email"], &ada["name"]["given"]), (&"countess@example.com".into(), &"Ada".into()));
    assert_eq!(ada.get("title"), None, "cleared");
    assert_eq!(world.simulator.write_counts()["ada"], 2, "created, then changed once");
}

#[tokio::test]
async fn a_modify_matches_by_other_attributes_and_may_rename() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    world.import("username,email\ntwin,ada@example.com\n").await;
    let by_id = JobOptions { match_by: MatchBy::ExternalId, ..modify() };
    let job = world.job(Some("externalId,username\n1,countess\n2,bob\n"), &by_id).await.unwrap();
    assert_eq!((job.counts.updated, job.counts.unchanged), (1, 1));
    assert!(world.simulator.user("countess").is_some() && world.simulator.user("ada").is_none());
    let by_email = JobOptions { match_by: MatchBy::Email, ..modify() };
    let job = world.job(Some("email,title\nADA@example.com,x\n"), &by_email).await.unwrap();
    assert_eq!(world.outcomes(job.id).await[0].2.as_deref(), Some("AMBIGUOUS_MATCH"));
    let missing = JobOptions { create_missing: true, ..modify() };
    let job = world.job(Some("username,title\nnew,x\nbob,y\n"), &missing).await.unwrap();
    assert_eq!((job.counts.created, job.counts.updated), (1, 1));
}

#[tokio::test]
async fn a_delete_is_planned_confirmed_and_only_then_done() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let named = JobOptions { protect: vec!["EVE".to_owned()], ..delete() };
    let csv = "username,remark\nada,x\nnobody,\neve,\nADA,again\n";
    let plan = world.job(Some(csv), &named).await.unwrap();
    let expected = [
        ("ada", Outcome::Deleted, None),
        ("nobody", Outcome::Skipped, Some("NOT_FOUND")),
        ("eve", Outcome::Skipped, Some("PROTECTED")),
        ("ADA", Outcome::Skipped, Some("DUPLICATE_IN_FILE")),
    ];
    let expected = expected.map(|(key, outcome, code)| (key.to_owned(), outcome, code.map(str::to_owned)));
    assert_eq!(world.outcomes(plan.id).await, expected);
    assert_eq!(world.simulator.user_count(), 3, "a plan deletes nobody");
    assert_eq!(plan.confirmation.as_deref(), Some("delete 1 user"));
    let carry = |confirm: Option<&str>| JobOptions {
        kind: Kind::Delete,
        plan: Some(plan.id),
        confirm: confirm.map(str::to_owned),
        ..JobOptions::default()
    };
    for confirm in [None, Some(""), Some("yes"), Some("delete 2 users")] {
        let refused = world.jobs.create_from(None, &carry(confirm), None).await;
        assert!(matches!(refused, Err(Error::Unconfirmed | Error::WrongConfirmation { .. })), "{refused:?}");
    }
    let job = world.job(None, &carry(Some("delete 1 user"))).await.unwrap();
    assert_eq!(world.outcomes(job.id).await, expected);
    assert_eq!(world.usernames(), ["bob", "eve"]);
    let again = world.jobs.create_from(None, &carry(Some("delete 1 user")), None).await.unwrap();
    assert!(again.repeated && again.id == job.id, "a plan is carried out once");
    let plan = world.jobs.details(plan.id).await.unwrap();
    assert_eq!((plan.carried_out_by, plan.options.protect), (Some(job.id), vec!["EVE".to_owned()]));
}

#[tokio::test]
async fn a_delete_whose_population_is_gone_already_is_resumed_to_its_end() {
    let world = World::new().await;
    world.import("username,population\nada,Guests\n").await;
    let selected = JobOptions { population: Some("Guests".to_owned()), ..delete() };
    let plan = world.job(None, &selected).await.unwrap();
    let options = JobOptions { delete_population: true, ..carrying_out(&plan) };
    // The population is deleted, and the answer is lost.
    world.simulator.fail_next(1, pingone_sim::Fault::LoseAnswer, |request| {
        request.method == "DELETE" && request.path.contains("/populations/")
    });
    let done = world.job(None, &options).await.unwrap();
    assert_eq!(world.simulator.populations().len(), 1);
    // The same job as a kill leaves it that comes before its end is written.
    let store = &world.jobs.inner.store;
    let mut record = store.job(done.id).await.unwrap().unwrap();
    (record.status, record.finished_at) = (JobStatus::Running, None);
    store.commit(&mut record, crate::store::Commit::default()).await.unwrap();
    world.jobs.resume(done.id).await.unwrap();
    let resumed = world.jobs.wait(done.id).await.unwrap();
    assert_eq!((resumed.status, resumed.counts), (JobStatus::Completed, done.counts));
}

#[tokio::test]
async fn a_population_stays_that_somebody_is_left_in() {
    let world = World::new().await;
    world.import("username,population\nada,Guests\nbob,Guests\neve,Guests\n").await;
    let protect = ["ada", "eve"].map(str::to_owned).to_vec();
    let selected = JobOptions { population: Some("Guests".to_owned()), protect, ..delete() };
    let plan = world.job(None, &selected).await.unwrap();
    let options = JobOptions { delete_population: true, ..carrying_out(&plan) };
    let job = world.job(None, &options).await.unwrap();
    assert_eq!((job.counts.deleted, job.counts.skipped), (1, 2));
    assert_eq!(world.usernames(), ["ada", "eve"]);
    assert_eq!(world.simulator.populations().len(), 2);
    let [warning] = &job.warnings[..] else { panic!("{job:?}") };
    assert!(warning.message.starts_with("population \"Guests\" stays: users are left in it"), "{warning:?}");
}

#[tokio::test]
async fn a_delete_ends_whose_population_pingone_keeps_for_a_reason_of_its_own() {
    let world = World::new().await;
    world.import("username,population\nada,Guests\n").await;
    let selected = JobOptions { population: Some("Guests".to_owned()), ..delete() };
    let plan = world.job(None, &selected).await.unwrap();
    world.simulator.fail_next(1, pingone_sim::Fault::Status(400), |request| {
        request.method == "DELETE" && request.path.contains("/populations/")
    });
    let options = JobOptions { delete_population: true, ..carrying_out(&plan) };
    let job = world.job(None, &options).await.unwrap();
    assert_eq!((job.status, job.counts.deleted, job.error), (JobStatus::Completed, 1, None));
    assert_eq!(world.usernames(), [""; 0]);
    let [warning] = &job.warnings[..] else { panic!("{:?}", job.warnings) };
    assert_eq!(warning.code, "population_kept");
    assert!(warning.message.contains("PingOne does not delete it"), "{warning:?}");
}

#[tokio::test]
async fn failed_rows_of_a_planned_delete_are_listed_and_not_retried() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let by_email = JobOptions { match_by: MatchBy::Email, ..delete() };
    let plan = world.job(Some("email\nada@example.com\nbob@example.com\n"), &by_email).await.unwrap();
    world.simulator.fail_next(1, pingone_sim::Fault::Status(403), |request| request.method == "DELETE");
    let options = carrying_out(&plan);
    let job = world.job(None, &options).await.unwrap();
    assert_eq!((job.counts.deleted, job.counts.failed), (1, 1));
    let mut rejects = Vec::new();
    world.jobs.rejects(job.id, &mut rejects).await.unwrap();
    let rejects = String::from_utf8(rejects).unwrap();
    assert!(rejects.starts_with("email,error_code,error_message\r\n"), "{rejects}");
    assert!(matches!(world.jobs.retry(job.id).await, Err(Error::NoRetry(_))));
    let again = world.job(Some(&rejects), &by_email).await.unwrap();
    assert_eq!((again.total, again.counts.deleted), (1, 1), "what failed can be planned anew");
}

#[tokio::test]
async fn whole_populations_and_environments_are_deleted_to_the_last_page() {
    let world = World::new().await;
    world.import(&users(450)).await;
    world.import(PEOPLE).await;
    let selected = JobOptions {
        population: Some("Staff".to_owned()),
        filter: Some("username sw \"user\"".to_owned()),
        ..delete()
    };
    let plan = world.job(None, &selected).await.unwrap();
    assert_eq!((plan.total, plan.counts.deleted), (450, 450));
    assert_eq!(plan.confirmation.as_deref(), Some("delete 450 users of Staff"));
    let options = JobOptions { backup: true, ..carrying_out(&plan) };
    let job = world.job(None, &options).await.unwrap();
    assert_eq!(job.counts.deleted, 450);
    assert_eq!(world.usernames(), ["ada", "bob", "eve"]);
    let backup = std::fs::read_to_string(world.jobs.output(job.id).await.unwrap().path).unwrap();
    assert_eq!(backup.lines().count(), 451);
    assert_eq!(world.import(&backup).await.counts.created, 450, "a backup imports again");
    let everybody = JobOptions { whole_environment: true, ..delete() };
    let plan = world.job(None, &everybody).await.unwrap();
    assert_eq!(plan.counts.deleted, 453);
    assert!(plan.confirmation.unwrap().starts_with("delete all 453 users of environment "));
}

#[tokio::test]
async fn what_is_ambiguous_is_refused() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let population = Some("Staff".to_owned());
    let cases = [
        (None, delete()),
        (Some("username\nada\n"), JobOptions { population: population.clone(), ..delete() }),
        (Some("username\nada\n"), JobOptions { whole_environment: true, ..delete() }),
        (None, JobOptions { whole_environment: true, population: population.clone(), ..delete() }),
        (None, JobOptions { whole_environment: true, dry_run: false, ..delete() }),
        (None, JobOptions { population, dry_run: false, ..delete() }),
        (None, JobOptions { filter: Some("username xx 1".to_owned()), ..delete() }),
        (None, JobOptions { filter: Some("username eq \"a".to_owned()), ..export() }),
        (None, JobOptions { attributes: vec!["shoe size".to_owned()], ..export() }),
        (None, modify()),
        (Some("username\nada\n"), JobOptions { match_by: MatchBy::Email, ..JobOptions::default() }),
        (Some("username\nada\n"), JobOptions { create_missing: true, ..JobOptions::default() }),
    ];
    let before = world.state();
    for (csv, options) in cases {
        let incoming = match csv {
            Some(csv) => Some(world.incoming(csv).await),
            None => None,
        };
        let refused = world.jobs.create_from(incoming, &options, None).await;
        assert!(refused.is_err(), "{options:?}");
    }
    assert_eq!(world.state(), before);
    assert_eq!(world.jobs.list(10, None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_export_imports_into_an_empty_environment_and_exports_equal() {
    let one = World::new().await;
    let odd = "username,email,given name,family name,title,primary phone,street,enabled,population\n\
               \"q\"\"uote\",q@example.com,\"comma, inside\",Family,=1+1,+49 30 1,\"two\nlines\",no,Guests\n\
               tick,t@example.com,'single,O'Hara,'=x,-1,-,yes,\n\
               żółw,z@example.com,Żółw,Müller,@home,,;semi,,\n";
    one.import(odd).await;
    one.import(&users(300)).await;
    let exported = one.exported(&export()).await;
    assert_eq!(
        exported.lines().next(),
        Some(
            "username,population.name,enabled,email,name.given,name.family,title,primaryPhone,address.streetAddress,mfaEnabled,lifecycle.status,formula_guard"
        ),
        "{exported}"
    );
    let other =
        World::with(Options { populations: vec!["Default".into()], seed: 5, ..Options::default() }).await;
    let options = JobOptions { create_population: true, ..JobOptions::default() };
    let job = other.job(Some(&exported), &options).await.unwrap();
    assert_eq!((job.counts.created, job.counts.failed), (303, 0), "{:?}", other.outcomes(job.id).await);
    assert_eq!(other.exported(&export()).await, exported);
}

#[tokio::test]
async fn an_export_takes_a_selection_attributes_and_formats() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let few = JobOptions {
        population: Some("Staff".to_owned()),
        attributes: vec!["username".to_owned(), "email".to_owned(), "nickname".to_owned()],
        ..export()
    };
    let csv = world.exported(&few).await;
    assert_eq!(
        csv,
        "username,email,nickname,formula_guard\r\nada,ada@example.com,,\r\neve,eve@example.com,,\r\n"
    );
    // The names that an import takes are taken here, too, each column once.
    let attributes = ["login", "Mail", "email", "nick_name"].map(str::to_owned).to_vec();
    assert_eq!(world.exported(&JobOptions { attributes, ..few }).await, csv);
    let lines = world.exported(&JobOptions { format: Format::Ndjson, ..export() }).await;
    let users: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(users.len(), 3);
    assert_eq!((&users[1]["username"], &users[1]["enabled"]), (&"bob".into(), &false.into()));
    assert_eq!(users[0]["name"]["given"], "Ada");
    let nobody = JobOptions { filter: Some("username eq \"nobody\"".to_owned()), ..export() };
    let header = world.exported(&nobody).await;
    assert!(header.starts_with("username,population.name,enabled,email,"), "{header}");
    assert_eq!(header.lines().count(), 1);
}

#[tokio::test]
async fn a_dry_run_of_an_export_counts_and_writes_no_file() {
    let world = World::new().await;
    world.import(&users(450)).await;
    world.import(PEOPLE).await;
    let dry = JobOptions { dry_run: true, ..export() };
    let job = world.job(None, &dry).await.unwrap();
    assert_eq!((job.total, job.counts.unchanged, job.output), (453, 453, None));
    assert!(matches!(world.jobs.output(job.id).await, Err(Error::NoOutput(_))));
    let few = JobOptions { filter: Some("username sw \"user00\"".to_owned()), ..dry };
    assert_eq!(
        world.job(None, &few).await.unwrap().total,
        world.job(None, &JobOptions { dry_run: false, ..few }).await.unwrap().total
    );
}

#[tokio::test]
async fn generated_passwords_are_set_and_told_once() {
    let world = World::new().await;
    let options =
        JobOptions { generate_passwords: true, force_password_change: true, ..JobOptions::default() };
    world
        .simulator
        .fail_next(1, pingone_sim::Fault::Status(403), |request| request.path.ends_with("/enabled"));
    let csv = "username,password,enabled\nada,,yes\nown,2Federate!2Federate!,yes\nbob,,no\n";
    let job = world.job(Some(csv), &options).await.unwrap();
    assert!(job.has_passwords);
    let passwords = world.jobs.generated_passwords(job.id).await.unwrap();
    let mut out = Vec::new();
    assert_eq!(passwords.write(&mut out).await.unwrap(), 2, "of ada, and of bob who could not be disabled");
    let text = String::from_utf8(out).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.unwrap();
        assert!(world.simulator.has_password(&record[0], &record[1]), "{text}");
    }
    assert!(world.simulator.has_password("own", "2Federate!2Federate!"));
    passwords.forget().unwrap();
    assert!(!world.jobs.job(job.id).await.unwrap().has_passwords);
    assert!(matches!(world.jobs.generated_passwords(job.id).await, Err(Error::NoOutput(_))));
}

#[tokio::test]
async fn every_kind_of_dry_run_sends_no_write() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let world = World::new().await;
    world.import(PEOPLE).await;
    let before = world.state();
    let writes = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&writes);
    world.simulator.fail_next(usize::MAX, pingone_sim::Fault::Status(500), move |request| {
        let is_write = request.method != "GET" && !request.is_token();
        seen.fetch_add(usize::from(is_write), Ordering::Relaxed);
        is_write
    });
    let csv = "username,email,title,population\nada,new@example.com,x,New\nnew,n@example.com,,Guests\n";
    let dry = JobOptions { dry_run: true, create_population: true, ..JobOptions::default() };
    let cases = [
        (Some(csv), dry.clone()),
        (Some(csv), JobOptions { mode: Mode::Upsert, ..dry.clone() }),
        (Some(csv), JobOptions { mode: Mode::SkipExisting, generate_passwords: true, ..dry.clone() }),
        (Some(csv), JobOptions { kind: Kind::Modify, create_missing: true, ..dry }),
        (Some("username\nada\n"), delete()),
        (None, JobOptions { whole_environment: true, ..delete() }),
        (None, JobOptions { population: Some("Staff".to_owned()), ..delete() }),
        (None, export()),
    ];
    for (csv, options) in cases {
        let job = world.job(csv, &options).await.unwrap();
        assert_eq!(job.counts.failed, 0, "{options:?}");
    }
    assert_eq!(writes.load(Ordering::Relaxed), 0);
    assert_eq!(world.state(), before);
}

#[tokio::test]
async fn rows_of_every_outcome_are_told_and_add_up() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let csv = "username,email,title\nada,ada@example.com,\nbob,bob@example.com,x\nnew,n@example.com,\n\
               NEW,,\nbad,not an address,\n,x@example.com,\n\"quote,,\nlast,l@example.com,\n";
    let job =
        world.job(Some(csv), &JobOptions { mode: Mode::Upsert, ..JobOptions::default() }).await.unwrap();
    let expected =
        Counts { processed: 8, created: 2, updated: 1, unchanged: 1, deleted: 0, skipped: 1, failed: 3 };
    assert_eq!(job.counts, expected);
}

#[tokio::test]
async fn jobs_that_run_at_once_share_the_rate() {
    let world = World::with(Options { rate_limit: Some(150.0), ..Options::default() }).await;
    let file = |name: &str| {
        let rows = (0..300).map(|row| format!("{name}{row:03}\n"));
        std::iter::once("username\n".to_owned()).chain(rows).collect::<String>()
    };
    let one = world.create(&file("one"), &JobOptions::default()).await.unwrap();
    let other = world.create(&file("other"), &JobOptions::default()).await.unwrap();
    let (first, slower) = tokio::select! {
        job = world.jobs.wait(one) => (job.unwrap(), other),
        job = world.jobs.wait(other) => (job.unwrap(), one),
    };
    let behind = world.jobs.job(slower).await.unwrap();
    assert_eq!(first.counts.created, 300);
    assert!(behind.counts.created >= 150, "neither waits for the other: {}", behind.counts.created);
    assert_eq!(world.jobs.wait(slower).await.unwrap().counts.created, 300);
}
