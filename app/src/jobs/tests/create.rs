//! From a file to a job, or to a reason why there is none.

use pingone_sim::Access;

use super::world::{World, users};
use crate::jobs::mappings::Mapping;
use crate::jobs::{Error, Fault, JobOptions, JobStatus, Outcome};
use crate::samples;

pub(super) fn population(name: &str) -> JobOptions {
    JobOptions { population: Some(name.to_owned()), ..JobOptions::default() }
}

#[tokio::test]
async fn the_sample_yields_what_it_promises() {
    let world = World::new().await;
    let existing: String = samples::EXISTING.iter().map(|name| format!("{name}\n")).collect();
    world.import(&format!("username\n{existing}")).await;
    let sample = samples::demo();
    let job = world.import(&sample.csv).await;
    world.check(job.id).await;
    let expected = sample.expected;
    let counts = job.counts;
    assert_eq!((job.status, job.total), (JobStatus::Completed, expected.total));
    let rows = world.ledger(job.id).await;
    let failures: Vec<_> = rows.iter().filter(|row| row.outcome == Outcome::Failed).collect();
    assert_eq!(
        (counts.created, counts.skipped, counts.failed),
        (expected.created, expected.skipped, expected.failed),
        "{failures:#?}"
    );
    let disabled = world.simulator.users().iter().filter(|user| user["enabled"] == false).count();
    assert_eq!(disabled as u64, expected.disabled);
    let taken = failures.iter().filter(|row| row.code.as_deref() == Some("UNIQUENESS_VIOLATION")).count();
    assert_eq!(taken, samples::EXISTING.len());
    assert!(failures.iter().all(|row| row.message.is_some() && row.code.is_some()));
}

#[tokio::test]
async fn a_taken_username_keeps_pingones_own_words() {
    let world = World::new().await;
    world.import("username\nada\n").await;
    let job = world.import("username\nADA\n").await;
    let row = world.ledger(job.id).await.remove(0);
    assert_eq!(row.outcome, Outcome::Failed);
    assert_eq!(row.code.as_deref(), Some("UNIQUENESS_VIOLATION"));
    assert_eq!(row.target.as_deref(), Some("username"));
    assert!(row.correlation_id.is_some());
    assert!(row.message.is_some_and(|message| message.contains("unique")));
}

#[tokio::test]
async fn populations_are_taken_from_the_row_or_else_from_the_job() {
    let world = World::new().await;
    let populations = world.simulator.populations();
    let id = |name: &str| populations.iter().find(|(_, known)| known == name).unwrap().0.to_string();
    let csv = "username,population\nada,\nbob,Staff\neve,Nowhere\n";
    let job = world.create(csv, &population("Guests")).await.unwrap();
    let job = world.jobs.wait(job).await.unwrap();
    world.check(job.id).await;
    assert_eq!(job.population.unwrap().name, "Guests");
    let of =
        |name: &str| world.simulator.user(name).unwrap()["population"]["id"].as_str().unwrap().to_owned();
    assert_eq!((of("ada"), of("bob")), (id("Guests"), id("Staff")));
    assert_eq!(world.ledger(job.id).await[2].code.as_deref(), Some("UNKNOWN_POPULATION"));
}

#[tokio::test]
async fn an_unknown_population_makes_no_job_and_can_be_created() {
    let world = World::new().await;
    let error = world.create(&users(1), &population("Gests")).await.unwrap_err();
    assert!(error.to_string().contains("did you mean \"Guests\"?"), "{error}");
    assert!(world.jobs.list(10, None).await.unwrap().is_empty());
    let options = JobOptions { create_population: true, ..population("Visitors") };
    let job = world.create(&users(1), &options).await.unwrap();
    let job = world.jobs.wait(job).await.unwrap();
    assert_eq!(job.counts.created, 1);
    assert!(world.simulator.populations().iter().any(|(_, name)| name == "Visitors"));
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let world = World::new().await;
    world.simulator.set_access(Access::ReadOnly);
    let csv = "username,enabled\nada,\nADA,\nbob,no\n,\n";
    let options = JobOptions { dry_run: true, create_population: true, ..population("Visitors") };
    let job = world.create(csv, &options).await.unwrap();
    let job = world.jobs.wait(job).await.unwrap();
    assert_eq!(job.status, JobStatus::Completed);
    let counts = job.counts;
    assert_eq!((counts.processed, counts.created, counts.skipped, counts.failed), (4, 2, 1, 1));
    assert!(world.simulator.write_counts().is_empty());
    assert_eq!(world.simulator.populations().len(), 2);
    assert_eq!(world.ledger(job.id).await.len(), 2, "only what is wrong is listed");
}

#[tokio::test]
async fn a_hopeless_file_makes_no_job() {
    let world = World::new().await;
    for (csv, code) in [
        ("", "file_empty"),
        ("email\na@example.com\n", "username_column_missing"),
        ("username,shoe size\nada,42\n", "unknown_column"),
        ("username\n", "file_without_rows"),
    ] {
        let error = world.create(csv, &JobOptions::default()).await.unwrap_err();
        assert_eq!((error.code(), error.fault()), (code, Fault::Request));
    }
    assert!(world.jobs.list(10, None).await.unwrap().is_empty());
    let inputs = std::fs::read_dir(world.dir.path().join("inputs")).unwrap().count();
    assert_eq!(inputs, 0, "nothing is left of them");
}

#[tokio::test]
async fn columns_that_are_left_out_are_named() {
    let world = World::new().await;
    let csv = "username,shoe size,emial\nada,42,a@example.com\n";
    for dry_run in [true, false] {
        let options = JobOptions { ignore_unknown_columns: true, dry_run, ..JobOptions::default() };
        let job = world.create(csv, &options).await.unwrap();
        let job = world.jobs.wait(job).await.unwrap();
        assert_eq!((job.status, job.counts.created), (JobStatus::Completed, 1));
        let [warning] = &job.warnings[..] else { panic!("{job:?}") };
        assert_eq!(warning.code, "ignored_columns");
        for part in ["2 (\"shoe size\")", "3 (\"emial\"; did you mean email?)", "--map"] {
            assert!(warning.message.contains(part), "{}", warning.message);
        }
    }
    let options = JobOptions { ignore_unknown_columns: true, ..JobOptions::default() };
    let job = world.create("username\nbob\n", &options).await.unwrap();
    assert_eq!(world.jobs.wait(job).await.unwrap().warnings, []);
}

#[tokio::test]
async fn a_mapping_of_what_the_file_does_not_have_is_refused_unless_it_is_saved() {
    let world = World::new().await;
    let mapping: Mapping = [("E-Mal".to_owned(), "nickname".to_owned())].into();
    let options = JobOptions { mapping: mapping.clone(), ..JobOptions::default() };
    let csv = "username,E-Mail\nada,a@example.com\n,b@example.com\n";
    let error = world.create(csv, &options).await.unwrap_err();
    assert_eq!((error.code(), error.fault()), ("mapped_column_missing", Fault::Request));
    assert!(error.to_string().contains("did you mean \"E-Mail\"?"), "{error}");
    let incoming = world.incoming(csv).await;
    assert_eq!(world.jobs.preview(incoming, &options).await.unwrap_err().code(), "mapped_column_missing");
    // One that is saved serves files that have other columns, too; what comes of its job names no other.
    world.jobs.save_mapping("all", &mapping).unwrap();
    let saved = JobOptions { saved_mapping: Some("all".to_owned()), ..JobOptions::default() };
    let id = world.create(csv, &saved).await.unwrap();
    let job = world.jobs.wait(id).await.unwrap();
    assert_eq!((job.counts.created, job.counts.failed), (1, 1));
    assert_eq!(world.jobs.details(id).await.unwrap().options.mapping, Mapping::new());
}

#[tokio::test]
async fn rows_that_look_shifted_are_warned_of() {
    let world = World::new().await;
    let csv = "username,name.given,title\nada,Smith,Jr,\nbob,Bob,Dr\n";
    for dry_run in [true, false] {
        let options = JobOptions { dry_run, ..JobOptions::default() };
        let id = world.create(csv, &options).await.unwrap();
        let job = world.jobs.wait(id).await.unwrap();
        assert_eq!((job.status, job.counts.created), (JobStatus::Completed, 2));
        let codes: Vec<_> = job.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, ["surplus_cells"]);
        world.check(id).await;
    }
}

#[tokio::test]
async fn rows_with_fewer_values_than_the_header_are_warned_of_unless_all_have() {
    let world = World::new().await;
    let csv = "username,name.given,title\nada,Ada,Dr\nbob,Bob\ncat\n";
    let all = "username,name.given,title,\neve,Eve,\nfay,Fay,\n";
    for (csv, expected) in [(csv, Some("2 of 3 rows have fewer values")), (all, None)] {
        let id = world.create(csv, &JobOptions::default()).await.unwrap();
        let job = world.jobs.wait(id).await.unwrap();
        let told = job.warnings.iter().find(|warning| warning.code == "missing_cells");
        assert_eq!(told.is_some(), expected.is_some(), "{:?}", job.warnings);
        if let (Some(warning), Some(expected)) = (told, expected) {
            assert!(warning.message.starts_with(expected), "{}", warning.message);
            assert!(warning.message.contains("(line 3, 4)"), "{}", warning.message);
        }
        world.check(id).await;
    }
}

#[tokio::test]
async fn wrong_credentials_and_missing_roles_make_no_job() {
    let mut world = World::new().await;
    world.reconnect(|config| config.client_secret = "wrong".into()).await;
    let error = world.create(&users(1), &JobOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.fault()), ("unauthorized", Fault::PingOne));
    world.reconnect(|_| {}).await;
    world.simulator.set_access(Access::None);
    let error = world.create(&users(1), &JobOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.fault()), ("forbidden", Fault::PingOne));
    assert!(world.jobs.list(10, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unreachable_pingone_makes_no_job() {
    let mut world = World::new().await;
    // Port 9 is the discard service, which nobody runs.
    world.reconnect(|config| config.api_url.set_port(Some(9)).unwrap()).await;
    let error = world.create(&users(1), &JobOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.fault()), ("unreachable", Fault::PingOne));
    assert!(matches!(error, Error::PingOne { .. }));
}

#[tokio::test]
async fn a_job_that_is_refused_leaves_nothing_and_its_key_may_be_used_again() {
    let world = World::new().await;
    world.simulator.fail_next(usize::MAX, pingone_sim::Fault::Status(403), |request| {
        request.method == "POST" && request.path.ends_with("/populations")
    });
    let csv = "username,population\nada,Partners\n";
    let options = JobOptions { create_population: true, generate_passwords: true, ..JobOptions::default() };
    let incoming = world.incoming(csv).await;
    let refused = world.jobs.create(incoming, &options, Some("key")).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(world.jobs.list(10, None).await.unwrap().is_empty());
    for files in ["inputs", "secrets"] {
        assert_eq!(std::fs::read_dir(world.dir.path().join(files)).unwrap().count(), 0, "{files}");
    }
    world.simulator.clear_faults();
    let incoming = world.incoming(csv).await;
    let created = world.jobs.create(incoming, &options, Some("key")).await.unwrap();
    assert!(!created.repeated);
    assert_eq!(world.jobs.wait(created.id).await.unwrap().counts.created, 1);
}
