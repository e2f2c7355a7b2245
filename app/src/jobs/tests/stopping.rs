//! Rows that wait for their turn when a job stops.

use std::time::Duration;

use pingone_sim::{Fault, Gate, Options, RetryAfter};

use super::world::{World, users};
use crate::jobs::{JobId, JobOptions, JobStatus, Mode};
use crate::store::Commit;

/// A job of 300 rows under a limit that lets few of them go, of which some are created.
async fn limited(world: &mut World) -> JobId {
    world.reconnect(|config| config.rate_ceiling = 20.0).await;
    let id = world.create(&users(300), &JobOptions::default()).await.unwrap();
    world.simulator.wait_until(|stats| stats.created >= 3).await;
    id
}

async fn recording() -> World {
    World::with(Options { record: true, ..Options::default() }).await
}

#[tokio::test]
async fn a_pause_sends_no_row_that_waits_for_its_turn() {
    let mut world = recording().await;
    let id = limited(&mut world).await;
    let paused = world.jobs.pause(id).await.unwrap();
    assert_eq!((paused.status, paused.error.clone()), (JobStatus::Paused, None));
    assert!(paused.counts.created < 60, "{paused:?}");
    assert_eq!(paused.counts.created as usize, world.simulator.user_count());
    world.check(id).await;
    let stored = world.jobs.inner.store.job(id).await.unwrap().unwrap();
    assert_eq!(stored.dispatched_through, paused.counts.created, "no other row is in doubt");
    world.reconnect(|_| {}).await;
    world.jobs.resume(id).await.unwrap();
    let done = world.jobs.wait(id).await.unwrap();
    assert_eq!((done.status, done.counts.created), (JobStatus::Completed, 300));
    world.check(id).await;
    assert!(world.simulator.write_counts().values().all(|writes| *writes == 1), "nobody was sent twice");
    let lookups = world.simulator.exchanges().into_iter().filter(|it| it.method == "GET");
    assert_eq!(lookups.filter(|it| it.path.ends_with("/users")).count(), 0, "nobody had to be looked up");
}

#[tokio::test]
async fn a_row_that_was_announced_and_not_sent_is_no_longer_in_doubt() {
    for update in [false, true] {
        let world = World::new().await;
        world.import(&users(5)).await;
        let (csv, mode) = match update {
            true => ("username,title\nuser00001,x\nuser00002,x\n", Mode::Upsert),
            false => ("username\nnew1\nnew2\n", Mode::SkipExisting),
        };
        let turned_away = Fault::Throttle(RetryAfter::Seconds(2));
        world.simulator.fail_next(usize::MAX, turned_away, |request| request.method != "GET");
        let id = world.create(csv, &JobOptions { mode, ..JobOptions::default() }).await.unwrap();
        world.simulator.wait_until(|stats| stats.throttled >= 2).await;
        world.jobs.pause(id).await.unwrap();
        let store = &world.jobs.inner.store;
        let record = store.job(id).await.unwrap().unwrap();
        assert_eq!(store.announced(&record).await.unwrap().len(), 0, "update: {update}");
        world.simulator.clear_faults();
        world.jobs.resume(id).await.unwrap();
        let job = world.jobs.wait(id).await.unwrap();
        assert_eq!((job.counts.created, job.counts.updated), if update { (0, 2) } else { (2, 0) });
        world.check(id).await;
    }
}

#[tokio::test]
async fn a_cancellation_sends_no_row_that_waits_for_its_turn() {
    let mut world = World::new().await;
    let id = limited(&mut world).await;
    world.jobs.cancel(id).await.unwrap();
    let job = world.jobs.wait(id).await.unwrap();
    assert_eq!((job.status, job.error.clone()), (JobStatus::Cancelled, None));
    assert!(job.counts.created < 60, "{job:?}");
    assert_eq!(job.counts.created as usize, world.simulator.user_count());
    world.check(id).await;
}

#[tokio::test]
async fn a_pause_gives_up_rows_that_pingone_turned_away() {
    let world = World::new().await;
    let turned_away = Fault::Throttle(RetryAfter::Seconds(2));
    world.simulator.fail_next(usize::MAX, turned_away, |request| request.is_create());
    let id = world.create(&users(5), &JobOptions::default()).await.unwrap();
    world.simulator.wait_until(|stats| stats.throttled >= 1).await;
    let paused = tokio::time::timeout(Duration::from_secs(30), world.jobs.pause(id)).await;
    let paused = paused.expect("it does not wait until PingOne takes the row").unwrap();
    assert_eq!((paused.status, paused.error, paused.counts.processed), (JobStatus::Paused, None, 0));
    world.check(id).await;
    world.simulator.clear_faults();
    world.jobs.resume(id).await.unwrap();
    assert_eq!(world.jobs.wait(id).await.unwrap().counts.created, 5);
    world.check(id).await;
}

#[tokio::test]
async fn a_resumed_job_that_is_cancelled_still_finds_out_about_every_row_in_doubt() {
    let world = World::new().await;
    let done = world.import(&users(400)).await;
    // The same job again, as a crash leaves it that lost the outcomes of 300 rows that were sent.
    let mut record = world.forgotten(done.id).await;
    record.dispatched_through = 300;
    record.finished_at = None;
    world.jobs.inner.store.commit(&mut record, Commit::default()).await.unwrap();
    let gate = Gate::new();
    world.simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), |request| request.is_user_list());
    world.jobs.resume(record.id).await.unwrap();
    gate.arrived(1).await;
    world.jobs.cancel(record.id).await.unwrap();
    gate.open();
    let job = world.jobs.wait(record.id).await.unwrap();
    assert_eq!((job.status, job.counts.created), (JobStatus::Cancelled, 300));
    world.check(record.id).await;
}
