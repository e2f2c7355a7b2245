//! Failed rows: as a file, and once more.

use std::time::Duration;

use pingone_sim::Fault;

use super::world::{World, users};
use crate::jobs::{Error, JobOptions, JobStatus, Mode, Outcome};

#[tokio::test]
async fn rejects_hold_the_failed_rows_and_import_again() {
    let world = World::new().await;
    let csv = "username;email;title\nada;not an address;Dr\nbob;bob@example.com;\n;eve@example.com;=1+1\n";
    let job = world.import(csv).await;
    assert_eq!((job.counts.created, job.counts.failed), (1, 2));
    let mut out = Vec::new();
    world.jobs.rejects(job.id, &mut out).await.unwrap();
    let rejects = String::from_utf8(out).unwrap();
    let lines: Vec<_> = rejects.lines().collect();
    assert_eq!(lines.len(), 3, "{rejects}");
    assert_eq!(lines[0], "username,email,title,error_code,error_message,error_input");
    assert!(lines[1].starts_with("ada,not an address,Dr,INVALID_VALUE,"), "{rejects}");
    assert!(lines[2].starts_with(",eve@example.com,'=1+1,REQUIRED_VALUE,"), "{rejects}");
    let again = world.import(&rejects).await;
    assert_eq!((again.total, again.counts.failed), (2, 2), "nothing was mended");
    let mended = rejects.replace("not an address", "ada@example.com").replace("\n,eve", "\neve,eve");
    let last = world.import(&mended).await;
    assert_eq!((last.counts.created, last.counts.failed), (2, 0));
    assert_eq!(world.simulator.user("eve").unwrap()["title"], "=1+1");
}

#[tokio::test]
async fn a_retry_repeats_only_what_failed() {
    let world = World::new().await;
    world.import("username\nuser00002\n").await;
    let job = world.import(&users(3)).await;
    assert_eq!((job.counts.created, job.counts.failed), (2, 1));
    let retry = world.jobs.retry(job.id).await.unwrap();
    let retried = world.jobs.wait(retry).await.unwrap();
    world.check(retry).await;
    assert_eq!((retried.total, retried.counts.failed, retried.retry_of), (1, 1, Some(job.id)));
    let row = world.ledger(retry).await.remove(0);
    assert_eq!(
        row.code.as_deref(),
        Some("UNIQUENESS_VIOLATION"),
        "a user that was there before is not claimed"
    );
    let nothing = world.import("username\nada\n").await;
    assert!(matches!(world.jobs.retry(nothing.id).await, Err(Error::NothingFailed(_))));
}

#[tokio::test]
async fn a_user_that_could_not_be_disabled_is_disabled_by_the_retry() {
    let world = World::new().await;
    let is_disable = |method: &str, path: &str| method == "PUT" && path.ends_with("/enabled");
    world
        .simulator
        .fail_next(usize::MAX, Fault::Status(403), move |request| is_disable(request.method, request.path));
    let job = world.import("username,enabled\nada,no\nbob,yes\n").await;
    world.check(job.id).await;
    assert_eq!((job.counts.created, job.counts.failed), (1, 1));
    let row = world.ledger(job.id).await.remove(0);
    assert!(row.user_id.is_some() && row.message.unwrap().contains("could not be disabled"));
    // However long ago that was, and as often as it fails.
    world.simulator.age("ada", Duration::from_hours(3));
    let again = world.jobs.retry(job.id).await.unwrap();
    assert_eq!(world.jobs.wait(again).await.unwrap().counts.failed, 1);
    world.simulator.clear_faults();
    let retry = world.jobs.retry(again).await.unwrap();
    let retried = world.jobs.wait(retry).await.unwrap();
    world.check(retry).await;
    assert_eq!((retried.status, retried.counts.created), (JobStatus::Completed, 1));
    assert_eq!(world.ledger(retry).await[0].outcome, Outcome::Created);
    assert_eq!(world.simulator.user("ada").unwrap()["enabled"], false);
    assert_eq!(world.usernames(), ["ada", "bob"]);
}

#[tokio::test]
async fn a_retry_that_skips_who_exists_still_disables_whom_it_created() {
    let world = World::new().await;
    world.simulator.fail_next(1, Fault::Status(403), |request| request.path.ends_with("/enabled"));
    let options = JobOptions { mode: Mode::SkipExisting, ..JobOptions::default() };
    let job = world.create("username,enabled\nada,no\n", &options).await.unwrap();
    assert_eq!(world.jobs.wait(job).await.unwrap().counts.failed, 1);
    let retry = world.jobs.retry(job).await.unwrap();
    assert_eq!(world.jobs.wait(retry).await.unwrap().counts.created, 1);
    assert_eq!(world.simulator.user("ada").unwrap()["enabled"], false);
}

#[tokio::test]
async fn a_running_job_is_not_retried() {
    let world = World::new().await;
    let gate = pingone_sim::Gate::new();
    world.simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| request.is_create());
    let id = world.create(&users(1), &JobOptions::default()).await.unwrap();
    gate.arrived(1).await;
    assert!(matches!(world.jobs.retry(id).await, Err(Error::Conflict { .. })));
    gate.open();
    world.jobs.wait(id).await.unwrap();
}
