//! Jobs that finished long ago.

use jiff::{SignedDuration, Timestamp};

use super::world::{World, users};
use crate::jobs::{JobId, JobStatus};
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
    assert_eq!(world.jobs.prune(90).await.unwrap(), [old]);
    let left: Vec<JobId> = world.jobs.list(10, None).await.unwrap().iter().map(|job| job.id).collect();
    assert_eq!(left, [unfinished, young]);
    let input = |id| world.jobs.data_dir().input(id).exists();
    assert_eq!([old, young, unfinished].map(input), [false, true, true]);
    world.jobs.prune_daily(0).await;
    assert_eq!(world.jobs.list(10, None).await.unwrap().len(), 2);
}
