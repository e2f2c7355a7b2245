//! Requests that are sent again.

use std::time::Duration;

use super::create::population;
use super::kinds::{PEOPLE, carrying_out, delete};
use super::world::{World, users};
use crate::jobs::{Fault, JobOptions, Kind};

#[tokio::test]
async fn one_key_makes_one_job() {
    let world = World::new().await;
    let create = async |key| {
        let incoming = world.incoming(&users(3)).await;
        world.jobs.create(incoming, &JobOptions::default(), Some(key)).await.unwrap()
    };
    let (one, again) = tokio::join!(create("key"), create("key"));
    assert_eq!(one.id, again.id);
    assert!(one.repeated != again.repeated);
    assert!(create("key").await.repeated);
    assert!(!create("another").await.repeated);
    assert_eq!(world.jobs.list(10, None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_is_not_taken_for_that_of_another_request() {
    let world = World::new().await;
    let create = async |file: &str, options: JobOptions| {
        world.jobs.create(world.incoming(file).await, &options, Some("key")).await
    };
    let first = create(&users(2), JobOptions::default()).await.unwrap();
    let other_file = create(&users(3), JobOptions::default()).await;
    let other_options = create(&users(2), population("Guests")).await;
    let no_file = JobOptions { kind: Kind::Export, ..JobOptions::default() };
    let no_file = world.jobs.create_from(None, &no_file, Some("key")).await;
    for refused in [other_file, other_options, no_file] {
        let error = refused.unwrap_err();
        assert_eq!((error.code(), error.fault()), ("idempotency_key_reused", Fault::Request));
        assert!(error.to_string().contains(&first.id.to_string()), "{error}");
    }
    let (one, other) = tokio::join!(
        async {
            world.jobs.create(world.incoming(&users(1)).await, &JobOptions::default(), Some("race")).await
        },
        async {
            world.jobs.create(world.incoming(&users(2)).await, &JobOptions::default(), Some("race")).await
        },
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(world.jobs.list(10, None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_is_kept_where_a_plan_is_carried_out() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let plan = world.job(Some("username\nada\n"), &delete()).await.unwrap();
    let other = world.job(Some("username\nbob\n"), &delete()).await.unwrap();
    let carry_out =
        async |options: &JobOptions, key: &str| world.jobs.create_from(None, options, Some(key)).await;
    let first = carry_out(&carrying_out(&plan), "key").await.unwrap();
    assert!(!first.repeated);
    // The plan by itself leads to its job, and a key that comes with it is taken from then on.
    for key in ["key", "another"] {
        let again = carry_out(&carrying_out(&plan), key).await.unwrap();
        assert!(again.repeated && again.id == first.id, "{key}");
    }
    for key in ["key", "another"] {
        let error = carry_out(&carrying_out(&other), key).await.unwrap_err();
        assert_eq!(error.code(), "idempotency_key_reused", "{key}");
    }
    world.jobs.wait(first.id).await.unwrap();
    assert_eq!(world.usernames(), ["bob", "eve"]);
}

#[tokio::test]
async fn nobody_is_told_of_a_job_that_does_not_start() {
    let mut world = World::new().await;
    world.import(PEOPLE).await;
    world
        .reconnect(|config| {
            config.request_timeout = Duration::from_secs(1);
            config.retry.max_attempts = 1;
        })
        .await;
    // What a plan protects is looked up when its job is stored already.
    let hangs = |request: &pingone_sim::RequestInfo<'_>| request.is_user_list();
    world.simulator.fail_next(1, pingone_sim::Fault::Hang, hangs);
    let options = JobOptions { protect: vec!["eve".to_owned()], ..delete() };
    let create =
        async || world.jobs.create(world.incoming("username\nada\n").await, &options, Some("key")).await;
    let second = async {
        world.simulator.wait_until(|stats| stats.faults >= 1).await;
        create().await
    };
    let (first, second) = tokio::join!(create(), second);
    assert!(first.is_err(), "{first:?}");
    let second = second.unwrap();
    assert!(!second.repeated);
    assert_eq!(world.jobs.wait(second.id).await.unwrap().counts.deleted, 1);
}

#[tokio::test]
async fn a_job_that_is_stored_starts_although_whoever_asked_has_left() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    // What a plan protects is looked up when its job is stored already.
    let gate = pingone_sim::Gate::new();
    let hold = pingone_sim::Fault::Hold(gate.clone());
    world.simulator.fail_next(1, hold, |request: &pingone_sim::RequestInfo<'_>| request.is_user_list());
    let options = JobOptions { protect: vec!["eve".to_owned()], ..delete() };
    let (jobs, file) = (world.jobs.clone(), world.incoming("username\nada\n").await);
    let asked = options.clone();
    let asking = tokio::spawn(async move { jobs.create(file, &asked, Some("key")).await });
    gate.arrived(1).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    gate.open();
    let again =
        world.jobs.create(world.incoming("username\nada\n").await, &options, Some("key")).await.unwrap();
    assert!(again.repeated);
    assert_eq!(world.jobs.wait(again.id).await.unwrap().counts.deleted, 1);
}
