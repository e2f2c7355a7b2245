//! The backup of users that are about to be deleted.

use pingone_sim::Options;

use super::kinds::{carrying_out, delete};
use super::world::{World, users};
use crate::jobs::{JobId, JobOptions};

impl World {
    /// The usernames in the file that a job wrote, sorted as there.
    async fn backed_up(&self, job: JobId) -> Vec<String> {
        let text = std::fs::read_to_string(self.jobs.output(job).await.unwrap().path).unwrap();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    }

    /// How many requests have read one user.
    fn read_one_by_one(&self) -> usize {
        let reads = self.simulator.exchanges().into_iter().filter(|exchange| exchange.method == "GET");
        reads.filter(|exchange| exchange.path.contains("/users/")).count()
    }
}

#[tokio::test]
async fn a_backup_reads_pages_where_the_plan_was_made_by_a_search() {
    let options =
        Options { populations: vec!["Staff".into(), "Guests".into()], record: true, ..Options::default() };
    let world = World::with(options).await;
    world.import(&users(450)).await;
    let protect = vec!["user00007".to_owned()];
    let everybody = JobOptions { population: Some("Staff".to_owned()), protect, ..delete() };
    let plan = world.job(None, &everybody).await.unwrap();
    // One of them is no longer where the search looks, and is deleted all the same.
    let csv = "username,population\nuser00001,Guests\n";
    let moved = JobOptions { kind: crate::jobs::Kind::Modify, ..JobOptions::default() };
    assert_eq!(world.job(Some(csv), &moved).await.unwrap().counts.updated, 1);
    let before = world.read_one_by_one();
    let job = world.job(None, &JobOptions { backup: true, ..carrying_out(&plan) }).await.unwrap();
    assert_eq!(job.counts.deleted, 449);
    let names = world.backed_up(job.id).await;
    assert_eq!((names.len(), names[0].as_str()), (449, "user00001"));
    assert!(!names.iter().any(|name| name == "user00007"));
    assert_eq!(world.read_one_by_one() - before, 1, "only who has moved");
}

#[tokio::test]
async fn a_backup_reads_the_users_of_a_file_some_at_a_time() {
    let options = Options { record: true, ..Options::default() };
    let world = World::with(options).await;
    world.import(&users(100)).await;
    let plan = world.job(Some(&users(60)), &delete()).await.unwrap();
    let job = world.job(None, &JobOptions { backup: true, ..carrying_out(&plan) }).await.unwrap();
    assert_eq!((job.counts.deleted, world.read_one_by_one()), (60, 60));
    assert_eq!(world.backed_up(job.id).await.len(), 60);
}
