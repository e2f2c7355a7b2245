//! Pause, resume, cancel, and what a crash leaves behind.

use pingone_sim::{Fault, Gate};

use super::world::{World, users};
use crate::jobs::{Counts, Error, EventBody, JobId, JobOptions, JobStatus, JobView};
use crate::store::Commit;

/// Starts a job whose creates wait at `gate` from the `free`-th on.
async fn held(world: &World, count: usize, free: usize, gate: &Gate) -> JobView {
    let is_late = move |username: &str| username > format!("user{free:05}").as_str();
    world.simulator.fail_next(usize::MAX, Fault::Hold(gate.clone()), move |request| {
        request.is_create() && request.username().is_some_and(|username| is_late(&username))
    });
    let id = world.create(&users(count), &JobOptions::default()).await.unwrap();
    gate.arrived(1).await;
    world.jobs.job(id).await.unwrap()
}

#[tokio::test]
async fn a_paused_job_lets_rows_in_flight_settle_and_goes_on() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 1000, 100, &gate).await;
    assert_eq!(job.status, JobStatus::Running);
    let (paused, ()) = tokio::join!(world.jobs.pause(job.id), async { gate.open() });
    let paused = paused.unwrap();
    assert_eq!((paused.status, paused.error), (JobStatus::Paused, None));
    assert!(paused.counts.processed < 1000);
    assert_eq!(paused.counts.created as usize, world.simulator.user_count());
    world.check(job.id).await;
    assert_eq!(world.jobs.pause(job.id).await.unwrap().status, JobStatus::Paused);
    world.jobs.resume(job.id).await.unwrap();
    let done = world.jobs.wait(job.id).await.unwrap();
    assert_eq!((done.status, done.counts.created), (JobStatus::Completed, 1000));
    world.check(job.id).await;
    assert!(world.simulator.write_counts().values().all(|writes| *writes == 1), "nobody was sent twice");
}

#[tokio::test]
async fn a_cancelled_job_ends_with_what_was_in_flight() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 1000, 100, &gate).await;
    let cancelling = world.jobs.cancel(job.id).await.unwrap();
    let stored = world.jobs.inner.store.job(job.id).await.unwrap().unwrap();
    assert_eq!((cancelling.status, stored.status), (JobStatus::Cancelling, JobStatus::Cancelling));
    gate.open();
    let job = world.jobs.wait(job.id).await.unwrap();
    assert_eq!(job.status, JobStatus::Cancelled);
    world.check(job.id).await;
    assert_eq!(job.counts.created as usize, world.simulator.user_count());
    for refused in
        [world.jobs.resume(job.id).await, world.jobs.pause(job.id).await, world.jobs.cancel(job.id).await]
    {
        assert!(matches!(refused, Err(Error::Conflict { status: JobStatus::Cancelled, .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_paused_job_can_be_cancelled() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 500, 50, &gate).await;
    let (paused, ()) = tokio::join!(world.jobs.pause(job.id), async { gate.open() });
    let users = world.simulator.user_count();
    assert_eq!(paused.unwrap().counts.created as usize, users);
    world.jobs.cancel(job.id).await.unwrap();
    let job = world.jobs.wait(job.id).await.unwrap();
    assert_eq!(job.status, JobStatus::Cancelled);
    world.check(job.id).await;
    assert_eq!(world.simulator.user_count(), users, "a cancelled job creates nobody");
}

#[tokio::test]
async fn a_reader_learns_of_every_event() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 300, 0, &gate).await;
    let mut told = world.jobs.watch(job.id).await.unwrap();
    let mut seen = 0;
    gate.open();
    loop {
        let events = world.jobs.events_after(job.id, seen, 3).await.unwrap();
        for event in &events {
            assert_eq!(event.seq, seen + 1);
            seen = event.seq;
        }
        if events.iter().any(|event| matches!(event.body, EventBody::Completion(_))) {
            break;
        }
        if events.is_empty() {
            told.wait_for(|last| *last > seen).await.unwrap();
        }
    }
    assert_eq!(world.jobs.wait(job.id).await.unwrap().last_seq, seen);
}

#[tokio::test]
async fn shutting_down_interrupts_what_runs_so_that_it_goes_on_at_the_next_start() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 500, 50, &gate).await;
    tokio::join!(world.jobs.shut_down(), async { gate.open() });
    let stopped = world.check(job.id).await;
    assert_eq!((stopped.status, stopped.error), (JobStatus::Interrupted, None));
    assert_eq!(
        stopped.counts.created as usize,
        world.simulator.user_count(),
        "what was in flight has settled"
    );
    world.jobs.resume(job.id).await.unwrap();
    assert_eq!(world.jobs.wait(job.id).await.unwrap().counts.created, 500);
}

#[tokio::test]
async fn shutting_down_leaves_paused_what_somebody_pauses() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 500, 50, &gate).await;
    let (paused, (), ()) =
        tokio::join!(world.jobs.pause(job.id), world.jobs.shut_down(), async { gate.open() });
    assert_eq!(paused.unwrap().status, JobStatus::Paused);
    assert_eq!(world.check(job.id).await.status, JobStatus::Paused);
}

#[tokio::test]
async fn a_pause_is_on_the_disk_before_rows_in_flight_have_settled() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 500, 50, &gate).await;
    let mut told = world.jobs.watch(job.id).await.unwrap();
    let noted = async {
        while world.jobs.inner.store.job(job.id).await.unwrap().unwrap().status != JobStatus::Paused {
            told.changed().await.unwrap();
        }
        assert_eq!(world.jobs.job(job.id).await.unwrap().status, JobStatus::Running, "rows settle");
        gate.open();
    };
    let (paused, ()) = tokio::join!(world.jobs.pause(job.id), noted);
    assert_eq!(paused.unwrap().status, JobStatus::Paused);
    world.check(job.id).await;
}

#[tokio::test]
async fn a_dry_run_that_was_cut_short_counts_each_row_once() {
    let world = World::new().await;
    let csv = "username,enabled\nada,\nbob,perhaps\neve,\n";
    let options = JobOptions { dry_run: true, ..JobOptions::default() };
    let done = world.create(csv, &options).await.unwrap();
    let done = world.jobs.wait(done).await.unwrap();
    let rows = world.ledger(done.id).await;
    // The same job again, as a crash leaves it when two of its rows were planned.
    let mut record = world.forgotten(done.id).await;
    record.counts = Counts { processed: 2, created: 1, failed: 1, ..Counts::default() };
    let commit = Commit { rows: &rows, events: &[], ..Commit::default() };
    world.jobs.inner.store.commit(&mut record, commit).await.unwrap();
    assert_eq!(world.jobs.job(record.id).await.unwrap().status, JobStatus::Interrupted);
    world.jobs.resume(record.id).await.unwrap();
    let resumed = world.jobs.wait(record.id).await.unwrap();
    assert_eq!((resumed.status, resumed.counts), (JobStatus::Completed, done.counts));
    assert_eq!(world.ledger(record.id).await, rows);
}

#[tokio::test]
async fn a_job_that_was_killed_before_it_began_is_interrupted_at_once() {
    let mut world = World::new().await;
    let dry = JobOptions { dry_run: true, ..JobOptions::default() };
    let done = world.create("username\nada\n", &dry).await.unwrap();
    world.jobs.wait(done).await.unwrap();
    let store = world.jobs.inner.store.clone();
    let mut record = store.job(done).await.unwrap().unwrap();
    record.id = JobId::new();
    record.status = JobStatus::Queued;
    record.created_at = jiff::Timestamp::now() - jiff::SignedDuration::from_millis(2);
    store.insert_job(&record, &[]).await.unwrap();
    std::fs::copy(store.dir().input(done), store.dir().input(record.id)).unwrap();
    assert_eq!(world.jobs.job(record.id).await.unwrap().status, JobStatus::Queued);
    world.reconnect(|_| {}).await;
    let found = world.jobs.unfinished().await.unwrap();
    assert_eq!(found.iter().map(|job| job.status).collect::<Vec<_>>(), [JobStatus::Interrupted]);
    world.jobs.resume(record.id).await.unwrap();
    assert_eq!(world.jobs.wait(record.id).await.unwrap().status, JobStatus::Completed);
}

#[tokio::test]
async fn a_cancellation_that_meets_trouble_is_still_a_cancellation() {
    let mut world = World::new().await;
    world.reconnect(|config| config.retry.max_attempts = 1).await;
    let gate = Gate::new();
    // Users are created, nobody is told, and nobody can be asked; the first who asks has to wait.
    world.simulator.fail_next(usize::MAX, Fault::LoseAnswer, |request| {
        request.is_create() && request.username().is_some_and(|username| username.as_str() > "user00050")
    });
    world.simulator.fail_next(1, Fault::Hold(gate.clone()), |request| request.is_user_list());
    world.simulator.fail_next(usize::MAX, Fault::Reset, |request| request.is_user_list());
    let id = world.create(&users(500), &JobOptions::default()).await.unwrap();
    gate.arrived(1).await;
    world.jobs.cancel(id).await.unwrap();
    gate.open();
    let standing = world.jobs.wait(id).await.unwrap();
    assert_eq!(standing.status, JobStatus::Interrupted);
    assert!(standing.error.is_some());
    world.simulator.clear_faults();
    let users = world.simulator.user_count();
    assert!(standing.counts.created < users as u64);
    world.jobs.resume(id).await.unwrap();
    let job = world.jobs.wait(id).await.unwrap();
    assert_eq!((job.status, job.error), (JobStatus::Cancelled, None));
    assert_eq!(world.check(id).await.counts.created as usize, users);
    assert_eq!(world.simulator.user_count(), users, "a cancelled job creates nobody");
}

#[tokio::test]
async fn two_requests_to_resume_start_one_run() {
    let world = World::new().await;
    let gate = Gate::new();
    let job = held(&world, 300, 20, &gate).await;
    let (paused, ()) = tokio::join!(world.jobs.pause(job.id), async { gate.open() });
    paused.unwrap();
    let (one, other) = tokio::join!(world.jobs.resume(job.id), world.jobs.resume(job.id));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(world.jobs.wait(job.id).await.unwrap().counts.created, 300);
    world.check(job.id).await;
}
