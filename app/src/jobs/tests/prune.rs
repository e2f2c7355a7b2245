//! Jobs that finished long ago.

use jiff::{SignedDuration, Timestamp};

use super::world::{World, users};
use crate::jobs::{JobId, JobOptions, JobStatus};
use crate::store::Commit;

impl World {
    /// Makes a job look as if it had finished so many days ago; without days, as if it had not.
    async fn finished(&self, id: JobId, days: Option<i64>) {
        let store = &self.jobs.inner.store;
        let mut record = store.job(id).await.unwrap().unwrap();
        record.finished_at = days.map(|days| Timestamp::now() - SignedDuration::from_hours(24 * days));
        if days.is_none() {
            record.status = JobStatus::Paused;
        }
        store.commit(&mut record, Commit::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_deletes_what_is_over_and_old_and_nothing_else() {
    let world = World::new().await;
    let (old, young) = (world.import(&users(20)).await.id, world.import("username\nbob\n").await.id);
    let unfinished = world.import("username\neve\n").await.id;
    world.finished(old, Some(91)).await;
    world.finished(young, Some(89)).await;
    world.finished(unfinished, None).await;
    let needed = world.jobs.inner.holds.need(old);
    assert_eq!(world.jobs.prune(90).await.unwrap(), [], "another is being made of it");
    drop(needed);
    assert_eq!(world.jobs.prune(90).await.unwrap(), [old]);
    let left: Vec<JobId> = world.jobs.list(10, None).await.unwrap().iter().map(|job| job.id).collect();
    assert_eq!(left, [unfinished, young]);
    let input = |id| world.jobs.data_dir().input(id).exists();
    assert_eq!([old, young, unfinished].map(input), [false, true, true]);
    world.jobs.prune_daily(0).await;
    assert_eq!(world.jobs.list(10, None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_job_that_cannot_be_deleted_keeps_no_other() {
    let world = World::new().await;
    let (stuck, other) = (world.import("username\nbob\n").await.id, world.import("username\neve\n").await.id);
    for job in [stuck, other] {
        world.finished(job, Some(91)).await;
    }
    // A directory is no file that could be removed.
    let input = world.jobs.data_dir().input(stuck);
    std::fs::remove_file(&input).unwrap();
    std::fs::create_dir(&input).unwrap();
    world.jobs.prune(90).await.unwrap_err();
    let left: Vec<JobId> = world.jobs.list(10, None).await.unwrap().iter().map(|job| job.id).collect();
    assert_eq!(left, [stuck]);
}

#[tokio::test]
async fn a_job_that_is_being_deleted_is_not_retried() {
    let world = World::new().await;
    let failed = world.create("username\nada\nada2,surplus\n", &JobOptions::default()).await.unwrap();
    assert_eq!(world.jobs.wait(failed).await.unwrap().counts.failed, 1);
    let leaving = world.jobs.inner.holds.leave(failed);
    assert_eq!(world.jobs.retry(failed).await.unwrap_err().code(), "job_not_found");
    drop(leaving);
    world.jobs.retry(failed).await.unwrap();
}
