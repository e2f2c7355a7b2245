//! Disks that are full, cannot be written to, or give back something else.

use pingone_sim::{Fault, Gate};

use super::kinds::{PEOPLE, carrying_out, delete};
use super::world::{World, users};
use crate::error::Problem;
use crate::jobs::{EventBody, JobOptions, JobStatus, Kind};
use crate::plan::MatchBy;
use crate::store::{Store, StoreError};

/// A job during which the store fails, which then works again.
async fn interrupted_by(breaks: &'static str, mends: &'static str, code: &str, says: &str) {
    let world = World::new().await;
    let gate = Gate::new();
    world.simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| {
        request.is_create() && request.username().is_some_and(|name| name.as_str() > "user00100")
    });
    let id = world.create(&users(600), &JobOptions::default()).await.unwrap();
    gate.arrived(1).await;
    world.jobs.inner.store.pragma(breaks).await;
    gate.open();
    let stopped = world.jobs.wait(id).await.unwrap();
    assert_eq!(stopped.status, JobStatus::Interrupted);
    let trouble = stopped.error.unwrap();
    assert_eq!(trouble.code, code);
    assert!(trouble.message.contains(says) && trouble.message.contains("resume"), "{}", trouble.message);
    world.jobs.inner.store.pragma(mends).await;
    world.check(id).await;
    world.jobs.resume(id).await.unwrap();
    let done = world.jobs.wait(id).await.unwrap();
    world.check(id).await;
    assert_eq!((done.status, done.counts.created, done.error), (JobStatus::Completed, 600, None));
    assert!(world.simulator.write_counts().values().all(|writes| *writes == 1), "nobody twice");
}

#[tokio::test]
async fn a_full_disk_stops_the_job_and_room_lets_it_go_on() {
    interrupted_by("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823", "disk_full", "full")
        .await;
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_to_stops_the_job() {
    interrupted_by("PRAGMA query_only = ON", "PRAGMA query_only = OFF", "store_failed", "readonly").await;
}

#[tokio::test]
async fn a_damaged_database_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    store.check().await.unwrap();
    store.close().await;
    drop(store);
    let path = dir.path().join("store.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..200].fill(0xAA);
    std::fs::write(&path, &bytes).unwrap();
    let error = Store::open(dir.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Broken { .. }), "{error}");
    assert!(error.to_string().contains("restore"), "{error}");
}

#[tokio::test]
async fn damage_in_the_middle_of_the_database_is_found_and_told_as_damage() {
    let world = World::new().await;
    let job = world.import(&users(2000)).await;
    world.jobs.close().await;
    let World { dir, jobs, .. } = world;
    drop(jobs);
    let path = dir.path().join("store.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // The pages at the beginning are those that are read when the store opens.
    let middle = bytes.len() / 2..bytes.len() / 4 * 3;
    bytes[middle].fill(0xAA);
    std::fs::write(&path, &bytes).unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let error = store.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
    let record = store.job(job.id).await.unwrap().unwrap();
    let error = store.rows(&record, None, 0, 5000).await.unwrap_err();
    assert!(error.to_string().contains("restore a copy of the data directory"), "{error:?}");
}

#[tokio::test]
async fn the_database_is_written_ahead_and_through_to_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.durability().await.unwrap(), ("wal".to_owned(), 2), "2 is FULL");
}

#[tokio::test]
async fn jobs_with_the_same_users_at_the_same_time_are_warned_about() {
    let world = World::new().await;
    let gate = Gate::new();
    world.simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| request.is_create());
    let first = world.create("username\nada\nbob\neve\n", &JobOptions::default()).await.unwrap();
    gate.arrived(1).await;
    let second = world.create("username\nBOB\nnew\nada\n", &JobOptions::default()).await.unwrap();
    let third = world.create("username\nother\n", &JobOptions::default()).await.unwrap();
    gate.open();
    for id in [first, second, third] {
        world.jobs.wait(id).await.unwrap();
        world.check(id).await;
    }
    let warnings = async |id| {
        let events = world.events(id).await;
        let messages = events.into_iter().filter_map(|event| match event.body {
            EventBody::Error(error) if error.code == "same_users" => Some(error.message),
            _ => None,
        });
        messages.collect::<Vec<_>>()
    };
    let told = warnings(second).await;
    assert!(
        matches!(&told[..], [message] if message.starts_with("2 users") && message.contains(&first.to_string())),
        "{told:?}"
    );
    assert!(warnings(first).await.is_empty() && warnings(third).await.is_empty());
    let jobs = world.jobs.list(10, None).await.unwrap();
    let others: Vec<_> = jobs.iter().flat_map(|job| &job.warnings).map(|warning| warning.other_job).collect();
    assert_eq!(others, [Some(first)]);
    assert_eq!(world.jobs.job(second).await.unwrap().warnings.len(), 1);
    assert!(world.jobs.job(third).await.unwrap().warnings.is_empty());
}

#[tokio::test]
async fn a_planned_delete_is_compared_by_what_its_plan_names_users_by() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let by_email = |options: JobOptions| JobOptions { match_by: MatchBy::Email, ..options };
    let plan = world.job(Some("email\nada@example.com\n"), &by_email(delete())).await.unwrap();
    let gate = Gate::new();
    world.simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| request.method == "DELETE");
    let deleting = world.jobs.create_from(None, &carrying_out(&plan), None).await.unwrap();
    gate.arrived(1).await;
    let modify = by_email(JobOptions { kind: Kind::Modify, ..JobOptions::default() });
    let changing = world.create("email,title\nADA@example.com,x\n", &modify).await.unwrap();
    let warnings = world.jobs.job(changing).await.unwrap().warnings;
    gate.open();
    for id in [deleting.id, changing] {
        world.jobs.wait(id).await.unwrap();
    }
    let others: Vec<_> = warnings.iter().map(|warning| warning.other_job).collect();
    assert_eq!(others, [Some(deleting.id)]);
}

#[tokio::test]
async fn what_a_full_database_cannot_take_is_refused_as_on_a_full_disk() {
    let world = World::new().await;
    world.jobs.inner.store.pragma("PRAGMA max_page_count = 1").await;
    // It does not fit into what is left of a page.
    let options = JobOptions { clear_marker: Some("x".repeat(100_000)), ..JobOptions::default() };
    let refused = world.create(&users(3), &options).await.unwrap_err();
    assert_eq!(refused.code(), "disk_full", "{refused}");
    let problem = Problem::from(refused);
    assert_eq!((problem.status, problem.code), (507, "disk_full"), "{}", problem.detail);
    assert!(problem.detail.contains("make room"), "{}", problem.detail);
}
